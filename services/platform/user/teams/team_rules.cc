#include "services/platform/user/teams/team_rules.h"

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::user {
namespace {

absl::Status NotFound() {
  return status::Error(mesh::v1::ERROR_CODE_TEAM_NOT_FOUND, "no such team of the person");
}

absl::Status RoleRequired() {
  return status::Error(mesh::v1::ERROR_CODE_TEAM_ROLE_REQUIRED, "their role does not allow it");
}

absl::Status Broken(std::string_view why) {
  return status::Error(mesh::v1::ERROR_CODE_TEAM_RULE_BROKEN, why);
}

v1::TeamRole RoleOf(const Members& members, int64_t user_id) {
  const auto found = members.find(user_id);
  return found == members.end() ? v1::TEAM_ROLE_UNSPECIFIED : found->second;
}

absl::Status CheckOwner(const Members& members, int64_t actor) {
  const v1::TeamRole role = RoleOf(members, actor);
  if (role == v1::TEAM_ROLE_UNSPECIFIED) return NotFound();
  return role == v1::TEAM_ROLE_OWNER ? absl::OkStatus() : RoleRequired();
}

// Whom an admin invites and removes.
bool IsOrdinary(v1::TeamRole role) {
  return role == v1::TEAM_ROLE_MEMBER || role == v1::TEAM_ROLE_EDITOR ||
         role == v1::TEAM_ROLE_VIEWER;
}

bool MayBeGiven(v1::TeamRole role) { return role == v1::TEAM_ROLE_ADMIN || IsOrdinary(role); }

}  // namespace

std::optional<int64_t> OwnerOf(const Members& members) {
  for (const auto& [user_id, role] : members) {
    if (role == v1::TEAM_ROLE_OWNER) return user_id;
  }
  return std::nullopt;
}

absl::Status MayInvite(const Members& members, int64_t actor, int64_t invited, v1::TeamRole role,
                       int taken, int limit) {
  const v1::TeamRole own = RoleOf(members, actor);
  if (own == v1::TEAM_ROLE_UNSPECIFIED) return NotFound();
  if (!MayBeGiven(role))
    return status::InvalidField("role", "must be ADMIN, EDITOR, MEMBER or VIEWER");
  const bool allowed =
      own == v1::TEAM_ROLE_OWNER || (own == v1::TEAM_ROLE_ADMIN && IsOrdinary(role));
  if (!allowed) return RoleRequired();
  if (members.contains(invited)) return Broken("they are a member already");
  if (taken >= limit) return Broken("the plan allows no more members");
  return absl::OkStatus();
}

absl::Status Join(Members& members, int64_t invited, v1::TeamRole role, int limit) {
  if (members.contains(invited)) return Broken("they are a member already");
  if (static_cast<int>(members.size()) >= limit) return Broken("the plan allows no more members");
  members[invited] = role;
  return absl::OkStatus();
}

absl::Status ChangeRole(Members& members, int64_t actor, int64_t member, v1::TeamRole role) {
  RETURN_IF_ERROR(CheckOwner(members, actor));
  if (!MayBeGiven(role))
    return status::InvalidField("role", "must be ADMIN, EDITOR, MEMBER or VIEWER");
  if (!members.contains(member)) return status::InvalidField("member_user_id", "must be a member");
  if (member == actor) return Broken("the owner hands the team over first");
  members[member] = role;
  return absl::OkStatus();
}

absl::Status Remove(Members& members, int64_t actor, int64_t member) {
  const v1::TeamRole own = RoleOf(members, actor);
  if (own == v1::TEAM_ROLE_UNSPECIFIED) return NotFound();
  const v1::TeamRole theirs = RoleOf(members, member);
  if (theirs == v1::TEAM_ROLE_UNSPECIFIED) {
    return status::InvalidField("member_user_id", "must be a member");
  }
  if (theirs == v1::TEAM_ROLE_OWNER) {
    return actor == member ? Broken("the owner hands the team over first") : RoleRequired();
  }
  const bool allowed =
      own == v1::TEAM_ROLE_OWNER || (own == v1::TEAM_ROLE_ADMIN && IsOrdinary(theirs));
  if (!allowed) return RoleRequired();
  members.erase(member);
  return absl::OkStatus();
}

absl::Status Leave(Members& members, int64_t member) {
  const v1::TeamRole role = RoleOf(members, member);
  if (role == v1::TEAM_ROLE_UNSPECIFIED) return NotFound();
  if (role == v1::TEAM_ROLE_OWNER) return Broken("the owner hands the team over first");
  members.erase(member);
  return absl::OkStatus();
}

absl::Status Transfer(Members& members, int64_t actor, int64_t new_owner) {
  RETURN_IF_ERROR(CheckOwner(members, actor));
  if (!members.contains(new_owner)) {
    return status::InvalidField("new_owner_user_id", "must be a member");
  }
  members[actor] = v1::TEAM_ROLE_ADMIN;
  members[new_owner] = v1::TEAM_ROLE_OWNER;
  return absl::OkStatus();
}

absl::Status MayDelete(const Members& members, int64_t actor) { return CheckOwner(members, actor); }

bool Erase(Members& members, int64_t member) {
  const bool was_owner = RoleOf(members, member) == v1::TEAM_ROLE_OWNER;
  members.erase(member);
  if (members.empty()) return false;
  if (!was_owner) return true;
  auto heir = members.begin();
  for (auto next = members.begin(); next != members.end(); ++next) {
    if (next->second == v1::TEAM_ROLE_ADMIN) {
      heir = next;
      break;
    }
  }
  heir->second = v1::TEAM_ROLE_OWNER;
  return true;
}

}  // namespace selfology::user
