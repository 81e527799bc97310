// SQL of ratings; see migrations/0003_boards.sql. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "selfology/gamification/v1/rating_service.pb.h"

namespace selfology::gamification::store {

struct RatingRow {
  int64_t user_id = 0;
  std::string thing = {};
  int32_t system = 0;
  double value = 0;
  double deviation = 0;
  double volatility = 0;
  int32_t matches = 0;
};

// False: the match is known; `same` says whether it is the same.
struct MatchSaved {
  bool is_new = false;
  bool same = false;
};
absl::StatusOr<MatchSaved> SaveMatch(postgres::Transaction& tx, std::string_view match_id,
                                     std::string_view pool, std::string_view digest,
                                     absl::Time now);

// Of these players, locked; those without a rating are left out.
absl::StatusOr<std::vector<RatingRow>> LockRatings(postgres::Transaction& tx, std::string_view pool,
                                                   const std::vector<int64_t>& users,
                                                   const std::vector<std::string>& things);
absl::StatusOr<std::vector<RatingRow>> ReadRatings(postgres::Transaction& tx, std::string_view pool,
                                                   int64_t user_id);
void SaveRating(postgres::Transaction& tx, std::string_view pool, const RatingRow& rating);

void SaveChange(postgres::Transaction& tx, std::string_view pool, std::string_view match_id,
                double value_before, const RatingRow& after, absl::Time now,
                const std::optional<uuid::Uuid>& trace);
struct ChangeRow {
  int64_t id = 0;
  std::string match_id = {};
  int32_t system = 0;
  double value_before = 0;
  double value_after = 0;
  double deviation = 0;
  absl::Time changed_at;
  std::optional<uuid::Uuid> trace = {};
};
// Newest first.
absl::StatusOr<std::vector<ChangeRow>> ListChanges(postgres::Transaction& tx, int64_t user_id,
                                                   std::string_view pool, int64_t before_id,
                                                   int64_t limit);

absl::StatusOr<int64_t> ForgetRatings(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::gamification::store
