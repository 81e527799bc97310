// All SQL about roles, grants and teams; see migrations/. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/security/v1/access_service.pb.h"
#include "services/platform/security/access_rules.h"

namespace selfology::security::store {

absl::StatusOr<std::vector<std::string>> ReadRoles(postgres::Transaction& tx, int64_t user_id);
// False when they had it.
absl::StatusOr<bool> AddRole(postgres::Transaction& tx, int64_t user_id, const std::string& role,
                             absl::Time now);
// False when they had it not.
absl::StatusOr<bool> RemoveRole(postgres::Transaction& tx, int64_t user_id,
                                const std::string& role);

// Roles, own grants and those of teams, that have not expired.
absl::StatusOr<Standing> ReadStanding(postgres::Transaction& tx, int64_t user_id, absl::Time now);

struct GrantKey {
  int64_t person_id = 0;
  int64_t team_id = 0;
  std::string pattern = {};
  std::string resource = {};
};
absl::StatusOr<v1::Grant> SaveGrant(postgres::Transaction& tx, const GrantKey& key,
                                    std::optional<absl::Time> expires_at, absl::Time now);
// The grant that was; nullopt: there is none.
absl::StatusOr<std::optional<v1::Grant>> DeleteGrant(postgres::Transaction& tx, int64_t grant_id);

struct GrantFilter {
  int64_t person_id = 0;      // 0: not asked by person.
  int64_t team_id = 0;        // 0: not asked by team.
  std::string resource = {};  // Empty: not asked by resource.
  int64_t before_id = 0;
  int64_t limit = 0;
};
// The newest first.
absl::StatusOr<std::vector<v1::Grant>> ListGrants(postgres::Transaction& tx,
                                                  const GrantFilter& filter);

// As what they are now.
void SaveTeamMember(postgres::Transaction& tx, int64_t team_id, int64_t person_id,
                    const std::string& role);
void RemoveTeamMember(postgres::Transaction& tx, int64_t team_id, int64_t person_id);
// With its grants, and those of its things.
void RemoveTeam(postgres::Transaction& tx, int64_t team_id);

}  // namespace selfology::security::store
