#include "services/platform/security/access_store.h"

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::security::store {
namespace {

using postgres::Transaction;

struct GrantRow {
  int64_t id = 0;
  int64_t person_id = 0;
  int64_t team_id = 0;
  std::string pattern;
  std::string resource;
  absl::Time granted_at;
  std::optional<absl::Time> expires_at;
};

v1::Grant ToProto(const GrantRow& row) {
  v1::Grant grant;
  grant.set_grant_id(row.id);
  if (row.person_id != 0) {
    grant.mutable_principal()->set_person_id(row.person_id);
  } else {
    grant.mutable_principal()->set_team_id(row.team_id);
  }
  grant.set_pattern(row.pattern);
  grant.set_resource(row.resource);
  *grant.mutable_granted_at() = timestamps::ToProto(row.granted_at);
  if (row.expires_at) *grant.mutable_expires_at() = timestamps::ToProto(*row.expires_at);
  return grant;
}

}  // namespace

absl::StatusOr<std::vector<std::string>> ReadRoles(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.Query<std::string>("SELECT role FROM security_roles WHERE user_id = $1 ORDER BY role",
                            user_id));
  std::vector<std::string> roles;
  for (const auto& [role] : rows) roles.push_back(role);
  return roles;
}

absl::StatusOr<bool> AddRole(Transaction& tx, int64_t user_id, const std::string& role,
                             absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t added,
                   tx.Execute("INSERT INTO security_roles (user_id, role, granted_at)"
                              " VALUES ($1, $2, $3) ON CONFLICT DO NOTHING",
                              user_id, role, now));
  return added == 1;
}

absl::StatusOr<bool> RemoveRole(Transaction& tx, int64_t user_id, const std::string& role) {
  ASSIGN_OR_RETURN(
      const int64_t removed,
      tx.Execute("DELETE FROM security_roles WHERE user_id = $1 AND role = $2", user_id, role));
  return removed == 1;
}

absl::StatusOr<Standing> ReadStanding(Transaction& tx, int64_t user_id, absl::Time now) {
  auto roles = tx.Ask<std::string>("SELECT role FROM security_roles WHERE user_id = $1", user_id);
  auto grants = tx.Ask<bool, std::string, std::string, std::optional<absl::Time>>(
      "SELECT team_id <> 0, pattern, resource, expires_at FROM security_grants"
      " WHERE (person_id = $1 OR (team_id <> 0 AND team_id IN"
      "        (SELECT team_id FROM security_team_members WHERE person_id = $1)))"
      " AND (expires_at IS NULL OR expires_at > $2)",
      user_id, now);
  auto teams = tx.Ask<int64_t, std::string>(
      "SELECT team_id, role FROM security_team_members WHERE person_id = $1", user_id);
  Standing standing;
  ASSIGN_OR_RETURN(const auto role_rows, roles.All());
  for (const auto& [role] : role_rows) standing.roles.push_back(role);
  ASSIGN_OR_RETURN(const auto grant_rows, grants.All());
  for (const auto& [of_team, pattern, resource, expires_at] : grant_rows) {
    standing.grants.push_back({.of_team = of_team,
                               .pattern = pattern,
                               .resource = resource,
                               .expires_at = expires_at.value_or(absl::InfiniteFuture())});
  }
  ASSIGN_OR_RETURN(const auto team_rows, teams.All());
  for (const auto& [team_id, role] : team_rows) {
    standing.teams.push_back({.team_id = team_id, .role = role});
  }
  return standing;
}

absl::StatusOr<v1::Grant> SaveGrant(Transaction& tx, const GrantKey& key,
                                    std::optional<absl::Time> expires_at, absl::Time now) {
  ASSIGN_OR_RETURN(
      const std::optional<GrantRow> row,
      tx.QueryOne<GrantRow>(
          "INSERT INTO security_grants (person_id, team_id, pattern, resource, granted_at,"
          " expires_at) VALUES ($1, $2, $3, $4, $5, $6)"
          " ON CONFLICT (person_id, team_id, pattern, resource)"
          " DO UPDATE SET expires_at = EXCLUDED.expires_at"
          " RETURNING id, person_id, team_id, pattern, resource, granted_at, expires_at",
          key.person_id, key.team_id, key.pattern, key.resource, now, expires_at));
  return ToProto(*row);
}

absl::StatusOr<std::optional<v1::Grant>> DeleteGrant(Transaction& tx, int64_t grant_id) {
  ASSIGN_OR_RETURN(
      const std::optional<GrantRow> row,
      tx.QueryOne<GrantRow>("DELETE FROM security_grants WHERE id = $1 RETURNING id, person_id,"
                            " team_id, pattern, resource, granted_at, expires_at",
                            grant_id));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::vector<v1::Grant>> ListGrants(Transaction& tx, const GrantFilter& filter) {
  ASSIGN_OR_RETURN(
      const std::vector<GrantRow> rows,
      tx.Query<GrantRow>(
          "SELECT id, person_id, team_id, pattern, resource, granted_at, expires_at"
          " FROM security_grants WHERE ($1::bigint = 0 OR person_id = $1)"
          " AND ($2::bigint = 0 OR team_id = $2) AND ($3 = '' OR resource = $3) AND id < $4"
          " ORDER BY id DESC LIMIT $5",
          filter.person_id, filter.team_id, filter.resource, filter.before_id, filter.limit));
  std::vector<v1::Grant> grants;
  for (const GrantRow& row : rows) grants.push_back(ToProto(row));
  return grants;
}

void SaveTeamMember(Transaction& tx, int64_t team_id, int64_t person_id, const std::string& role) {
  tx.Queue(
      "INSERT INTO security_team_members (team_id, person_id, role) VALUES ($1, $2, $3)"
      " ON CONFLICT (team_id, person_id) DO UPDATE SET role = EXCLUDED.role",
      team_id, person_id, role);
}

void RemoveTeamMember(Transaction& tx, int64_t team_id, int64_t person_id) {
  tx.Queue("DELETE FROM security_team_members WHERE team_id = $1 AND person_id = $2", team_id,
           person_id);
}

void RemoveTeam(Transaction& tx, int64_t team_id) {
  tx.Queue("DELETE FROM security_team_members WHERE team_id = $1", team_id);
  tx.Queue(
      "DELETE FROM security_grants WHERE team_id = $1 OR resource = concat('team/', $1::bigint)",
      team_id);
}

}  // namespace selfology::security::store
