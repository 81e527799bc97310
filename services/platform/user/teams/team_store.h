// SQL of teams; see migrations/0003_teams.sql. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/user/v1/team_service.pb.h"
#include "services/platform/user/teams/team_rules.h"

namespace selfology::user::store {

inline constexpr std::string_view kRequests = "user_requests";

// Waits for other changes of the same team; held until the transaction ends.
inline constexpr postgres::AdvisoryLock LockTeam("user.team");

absl::StatusOr<int64_t> InsertTeam(postgres::Transaction& tx, std::string_view name,
                                   absl::Time now);
absl::StatusOr<std::optional<v1::Team>> ReadTeam(postgres::Transaction& tx, int64_t team_id);
// Of lower ids than before_id, newest first.
absl::StatusOr<std::vector<v1::Team>> ListTeams(postgres::Transaction& tx, int64_t user_id,
                                                int64_t before_id, int limit);
void DeleteTeam(postgres::Transaction& tx, int64_t team_id);

absl::StatusOr<Members> ReadMembers(postgres::Transaction& tx, int64_t team_id);
// With when they joined, the owner first, then by id.
absl::StatusOr<std::vector<v1::TeamMember>> ListMembers(postgres::Transaction& tx, int64_t team_id);
// Makes the rows of what `before` was those of what `after` is.
void SaveMembers(postgres::Transaction& tx, int64_t team_id, const Members& before,
                 const Members& after, absl::Time now);

// Of one person into one team there is one, the last; gives its id.
absl::StatusOr<int64_t> SaveInvitation(postgres::Transaction& tx,
                                       const v1::TeamInvitation& invitation);
absl::StatusOr<std::optional<v1::TeamInvitation>> TakeInvitation(postgres::Transaction& tx,
                                                                 int64_t team_id, int64_t user_id,
                                                                 absl::Time now);
absl::StatusOr<std::vector<v1::TeamInvitation>> ListInvitations(postgres::Transaction& tx,
                                                                int64_t user_id, absl::Time now,
                                                                int64_t before_id, int limit);
// Those that are still good, but for that person's.
absl::StatusOr<int> CountOtherInvitations(postgres::Transaction& tx, int64_t team_id,
                                          int64_t user_id, absl::Time now);

// The teams that a person belongs to, in the order in which they are locked.
absl::StatusOr<std::vector<int64_t>> TeamsOf(postgres::Transaction& tx, int64_t user_id);
// Those that they got or sent; the number of rows.
absl::StatusOr<int64_t> DeleteInvitationsOf(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user::store
