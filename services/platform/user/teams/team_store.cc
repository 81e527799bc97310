#include "services/platform/user/teams/team_store.h"

#include <tuple>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::user::store {
namespace {

using postgres::Transaction;

struct TeamRow {
  int64_t team_id = 0;
  std::string name;
  absl::Time created_at;
  int64_t owner = 0;
  int64_t members = 0;
};

constexpr std::string_view kTeams =
    "SELECT t.team_id, t.name, t.created_at,"
    " (SELECT user_id FROM user_team_members o WHERE o.team_id = t.team_id AND o.role = 'OWNER'),"
    " (SELECT count(*) FROM user_team_members m WHERE m.team_id = t.team_id) FROM user_teams t";

v1::Team ToProto(const TeamRow& row) {
  v1::Team team;
  team.set_team_id(row.team_id);
  team.set_name(row.name);
  team.set_owner_user_id(row.owner);
  team.set_member_count(static_cast<int32_t>(row.members));
  *team.mutable_created_at() = timestamps::ToProto(row.created_at);
  return team;
}

struct InvitationRow {
  int64_t invitation_id = 0;
  int64_t team_id = 0;
  int64_t user_id = 0;
  int64_t invited_by = 0;
  std::string role;
  absl::Time expires_at;
  std::string team_name;
};

v1::TeamInvitation ToProto(const InvitationRow& row) {
  v1::TeamInvitation invitation;
  invitation.set_invitation_id(row.invitation_id);
  invitation.set_team_id(row.team_id);
  invitation.set_invited_user_id(row.user_id);
  invitation.set_invited_by_user_id(row.invited_by);
  invitation.set_role(enums::FromWord<v1::TeamRole>(row.role));
  *invitation.mutable_expires_at() = timestamps::ToProto(row.expires_at);
  invitation.set_team_name(row.team_name);
  return invitation;
}

void SaveRole(Transaction& tx, int64_t team_id, int64_t user_id, v1::TeamRole role,
              absl::Time now) {
  tx.Queue(
      "INSERT INTO user_team_members (team_id, user_id, role, joined_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (team_id, user_id) DO UPDATE SET role = EXCLUDED.role",
      team_id, user_id, enums::Word(role), now);
}

}  // namespace

absl::StatusOr<int64_t> InsertTeam(Transaction& tx, std::string_view name, absl::Time now) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>("INSERT INTO user_teams (name, created_at)"
                                                        " VALUES ($1, $2) RETURNING team_id",
                                                        name, now));
  return std::get<0>(row.value());
}

absl::StatusOr<std::optional<v1::Team>> ReadTeam(Transaction& tx, int64_t team_id) {
  ASSIGN_OR_RETURN(const std::optional<TeamRow> row,
                   tx.QueryOne<TeamRow>(absl::StrCat(kTeams, " WHERE t.team_id = $1"), team_id));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::vector<v1::Team>> ListTeams(Transaction& tx, int64_t user_id, int64_t before_id,
                                                int limit) {
  ASSIGN_OR_RETURN(
      const std::vector<TeamRow> rows,
      tx.Query<TeamRow>(absl::StrCat(kTeams,
                                     " JOIN user_team_members me ON me.team_id = t.team_id"
                                     " WHERE me.user_id = $1 AND t.team_id < $2"
                                     " ORDER BY t.team_id DESC LIMIT $3"),
                        user_id, before_id, limit));
  std::vector<v1::Team> teams;
  for (const TeamRow& row : rows) teams.push_back(ToProto(row));
  return teams;
}

void DeleteTeam(Transaction& tx, int64_t team_id) {
  tx.Queue("DELETE FROM user_subscriptions WHERE owner_kind = 'TEAM' AND owner_id = $1", team_id);
  tx.Queue("DELETE FROM user_teams WHERE team_id = $1", team_id);
}

absl::StatusOr<Members> ReadMembers(Transaction& tx, int64_t team_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<int64_t, std::string>(
                       "SELECT user_id, role FROM user_team_members WHERE team_id = $1", team_id)));
  Members members;
  for (const auto& [user_id, role] : rows) members[user_id] = enums::FromWord<v1::TeamRole>(role);
  return members;
}

absl::StatusOr<std::vector<v1::TeamMember>> ListMembers(Transaction& tx, int64_t team_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<int64_t, std::string, absl::Time>(
                       "SELECT user_id, role, joined_at FROM user_team_members WHERE team_id = $1"
                       " ORDER BY role <> 'OWNER', user_id",
                       team_id)));
  std::vector<v1::TeamMember> members;
  for (const auto& [user_id, role, joined_at] : rows) {
    v1::TeamMember& member = members.emplace_back();
    member.set_user_id(user_id);
    member.set_role(enums::FromWord<v1::TeamRole>(role));
    *member.mutable_joined_at() = timestamps::ToProto(joined_at);
  }
  return members;
}

void SaveMembers(Transaction& tx, int64_t team_id, const Members& before, const Members& after,
                 absl::Time now) {
  for (const auto& [user_id, role] : before) {
    if (!after.contains(user_id)) {
      tx.Queue("DELETE FROM user_team_members WHERE team_id = $1 AND user_id = $2", team_id,
               user_id);
    }
  }
  // The owner last: there is an index that allows no two.
  for (const bool owner : {false, true}) {
    for (const auto& [user_id, role] : after) {
      const auto known = before.find(user_id);
      if ((role == v1::TEAM_ROLE_OWNER) != owner) continue;
      if (known == before.end() || known->second != role) SaveRole(tx, team_id, user_id, role, now);
    }
  }
}

absl::StatusOr<int64_t> SaveInvitation(Transaction& tx, const v1::TeamInvitation& invitation) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "INSERT INTO user_team_invitations (team_id, user_id, invited_by, role, expires_at)"
          " VALUES ($1, $2, $3, $4, $5) ON CONFLICT (team_id, user_id) DO UPDATE SET"
          " invited_by = EXCLUDED.invited_by, role = EXCLUDED.role,"
          " expires_at = EXCLUDED.expires_at RETURNING invitation_id",
          invitation.team_id(), invitation.invited_user_id(), invitation.invited_by_user_id(),
          enums::Word(invitation.role()), timestamps::FromProto(invitation.expires_at())));
  return std::get<0>(row.value());
}

absl::StatusOr<std::optional<v1::TeamInvitation>> TakeInvitation(Transaction& tx, int64_t team_id,
                                                                 int64_t user_id, absl::Time now) {
  ASSIGN_OR_RETURN(const std::optional<InvitationRow> row,
                   tx.QueryOne<InvitationRow>(
                       "DELETE FROM user_team_invitations WHERE team_id = $1 AND user_id = $2"
                       " RETURNING invitation_id, team_id, user_id, invited_by, role, expires_at,"
                       " ''",
                       team_id, user_id));
  if (!row.has_value() || row->expires_at <= now) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::vector<v1::TeamInvitation>> ListInvitations(Transaction& tx, int64_t user_id,
                                                                absl::Time now, int64_t before_id,
                                                                int limit) {
  ASSIGN_OR_RETURN(
      const std::vector<InvitationRow> rows,
      tx.Query<InvitationRow>("SELECT i.invitation_id, i.team_id, i.user_id, i.invited_by, i.role,"
                              " i.expires_at, t.name FROM user_team_invitations i"
                              " JOIN user_teams t USING (team_id)"
                              " WHERE i.user_id = $1 AND i.expires_at > $2 AND i.invitation_id < $3"
                              " ORDER BY i.invitation_id DESC LIMIT $4",
                              user_id, now, before_id, limit));
  std::vector<v1::TeamInvitation> invitations;
  for (const InvitationRow& row : rows) invitations.push_back(ToProto(row));
  return invitations;
}

absl::StatusOr<int> CountOtherInvitations(Transaction& tx, int64_t team_id, int64_t user_id,
                                          absl::Time now) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM user_team_invitations"
                                        " WHERE team_id = $1 AND user_id <> $2 AND expires_at > $3",
                                        team_id, user_id, now));
  return static_cast<int>(std::get<0>(row.value()));
}

absl::StatusOr<std::vector<int64_t>> TeamsOf(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT team_id FROM user_team_members WHERE user_id = $1"
                                     " ORDER BY team_id",
                                     user_id));
  std::vector<int64_t> teams;
  for (const auto& [team_id] : rows) teams.push_back(team_id);
  return teams;
}

absl::StatusOr<int64_t> DeleteInvitationsOf(Transaction& tx, int64_t user_id) {
  return tx.Execute("DELETE FROM user_team_invitations WHERE user_id = $1 OR invited_by = $1",
                    user_id);
}

}  // namespace selfology::user::store
