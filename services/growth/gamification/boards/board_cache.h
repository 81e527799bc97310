// Boards in Redis, for ranks among many in well under a millisecond: a sorted set for each board and
// period, made from PostgreSQL, which has the truth. Redis may be wiped at any time.
//
//   ASSIGN_OR_RETURN(const std::optional<Slice> slice, cache.Around(call, "xp", "ever", user, 2));
//   if (!slice.has_value()) ...                 // Not there yet: ask PostgreSQL; Refresh makes it.
//
// Refresh follows the tables: it takes over what changed since it last looked and some seconds
// before, so that transactions that ended late are not missed, and makes boards that were asked for.
// So a board is up to a second behind, and never wrong for long, whatever crashes. Rows of who was
// erased are gone and tell nothing, so Forget says whom Refresh has to look for.
//
// Scores are kept negative, so that Redis orders the best first and equal ones by the lower id;
// exact up to 2^53. Errors: Redis's and the database's. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "selfology/gamification/v1/leaderboard_service.pb.h"

namespace selfology::gamification {

struct Slice {
  std::vector<v1::Standing> standings = {};  // The best first.
  int64_t members = 0;
};

class BoardCache {
 public:
  // Both must outlive it.
  BoardCache(redis::Client& redis, postgres::Database& database);

  // The person with `neighbours` above and below; no standings when the person has no score.
  absl::StatusOr<std::optional<Slice>> Around(const Call& call, std::string_view board,
                                              std::string_view period, int64_t user_id,
                                              int neighbours);
  // From a place, 1 or more, on.
  absl::StatusOr<std::optional<Slice>> From(const Call& call, std::string_view board,
                                            std::string_view period, int64_t place, int count);

  // Somebody's rows were deleted: the next Refresh takes them off all boards.
  absl::Status Forget(const Call& call, int64_t user_id, absl::Time now);

  // One replica at a time.
  absl::Status Refresh(const Call& call, absl::Time now);

 private:
  absl::StatusOr<std::optional<Slice>> Ask(const Call& call, std::string_view board,
                                           std::string_view period, int64_t user_id, int64_t first,
                                           int64_t count);
  absl::Status TakeChanges(const Call& call, absl::Time now);
  absl::Status TakeErased(const Call& call, absl::Time now);
  absl::Status Make(const Call& call, const std::string& name);

  redis::Client& redis_;
  postgres::Database& database_;
};

}  // namespace selfology::gamification
