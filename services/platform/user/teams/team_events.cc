#include "services/platform/user/teams/team_events.h"

#include <vector>

#include "common/enums/word.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/user/teams/team_store.h"

namespace selfology::user {

using postgres::Transaction;

namespace {

template <typename Event>
absl::Status Tell(Transaction& tx, int64_t team_id, int64_t user_id,
                  v1::TeamRole role = v1::TEAM_ROLE_UNSPECIFIED) {
  Event event;
  event.set_team_id(team_id);
  event.set_user_id(user_id);
  if constexpr (requires { event.set_role(""); }) event.set_role(enums::LowerWord(role));
  return events::Publish(tx, event);
}

}  // namespace

absl::Status TellCreated(Transaction& tx, int64_t team_id, int64_t owner) {
  return Tell<events::v1::TeamCreated>(tx, team_id, owner);
}

absl::Status TellDeleted(Transaction& tx, int64_t team_id) {
  events::v1::TeamDeleted event;
  event.set_team_id(team_id);
  return events::Publish(tx, event);
}

absl::Status TellChanges(Transaction& tx, int64_t team_id, const Members& before,
                         const Members& after) {
  for (const auto& [user_id, role] : before) {
    if (!after.contains(user_id)) {
      RETURN_IF_ERROR(Tell<events::v1::TeamMemberLeft>(tx, team_id, user_id));
    }
  }
  for (const auto& [user_id, role] : after) {
    const auto known = before.find(user_id);
    if (known == before.end()) {
      RETURN_IF_ERROR(Tell<events::v1::TeamMemberJoined>(tx, team_id, user_id, role));
    } else if (known->second != role) {
      RETURN_IF_ERROR(Tell<events::v1::TeamRoleChanged>(tx, team_id, user_id, role));
    }
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> EraseFromTeams(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const std::vector<int64_t> teams, store::TeamsOf(tx, user_id));
  for (const int64_t team_id : teams) {
    store::LockTeam(tx, team_id);
    ASSIGN_OR_RETURN(const Members before, store::ReadMembers(tx, team_id));
    Members after = before;
    if (!Erase(after, user_id)) {
      store::DeleteTeam(tx, team_id);
      RETURN_IF_ERROR(TellDeleted(tx, team_id));
      continue;
    }
    store::SaveMembers(tx, team_id, before, after, absl::InfinitePast());
    // Of who is erased nothing is told: whoever keeps something of them is told to erase it.
    Members others = before;
    others.erase(user_id);
    RETURN_IF_ERROR(TellChanges(tx, team_id, others, after));
  }
  ASSIGN_OR_RETURN(const int64_t invitations, store::DeleteInvitationsOf(tx, user_id));
  return static_cast<int64_t>(teams.size()) + invitations;
}

}  // namespace selfology::user
