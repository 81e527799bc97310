// SQL of boards' scores; see migrations/0003_boards.sql. Functions that return nothing are queued.
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/gamification/v1/leaderboard_service.pb.h"

namespace selfology::gamification::store {

struct ScoreChange {
  int64_t user_id = 0;
  absl::Time earned;  // Decides the periods.
  int64_t change = 0;
};
// Adds to the scores of every period and season that the times lie in.
void AddScores(postgres::Transaction& tx, std::string_view board,
               const std::vector<ScoreChange>& changes, absl::Time now);
// Of a board without periods: this is the score now.
void SetScore(postgres::Transaction& tx, std::string_view board, int64_t user_id, int64_t score,
              absl::Time now);

struct Scored {
  int64_t user_id = 0;
  int64_t score = 0;
};
struct Place {
  int64_t score = 0;
  int64_t better = 0;   // How many have more.
  int64_t ordinal = 0;  // How many come before in the order: more, or as many and a lower id.
};
// nullopt: no score, or hidden.
absl::StatusOr<std::optional<Place>> ReadPlace(postgres::Transaction& tx, std::string_view board,
                                               std::string_view period, int64_t user_id);
// In order; who is hidden is left out.
absl::StatusOr<std::vector<Scored>> ReadOrder(postgres::Transaction& tx, std::string_view board,
                                              std::string_view period, int64_t skip, int64_t limit);
absl::StatusOr<int64_t> CountMembers(postgres::Transaction& tx, std::string_view board,
                                     std::string_view period);
absl::StatusOr<int64_t> CountBetter(postgres::Transaction& tx, std::string_view board,
                                    std::string_view period, int64_t score);
// Of these persons, in order.
absl::StatusOr<std::vector<Scored>> ReadScores(postgres::Transaction& tx, std::string_view board,
                                               std::string_view period,
                                               const std::vector<int64_t>& users);

// For caches: a board's scores in the order of ids; those that changed since a time, on all boards,
// hidden persons with `gone`.
struct Changed {
  std::string board;
  std::string period;
  int64_t user_id = 0;
  int64_t score = 0;
  bool gone = false;
  absl::Time at;
};
absl::StatusOr<std::vector<Scored>> ReadAfter(postgres::Transaction& tx, std::string_view board,
                                              std::string_view period, int64_t after_user,
                                              int64_t limit);
absl::StatusOr<std::vector<Changed>> ReadChanged(postgres::Transaction& tx, absl::Time since,
                                                 int64_t limit);
// Says that the person's scores changed, for caches to look again.
void TouchScores(postgres::Transaction& tx, int64_t user_id, absl::Time now);

// nullopt: it was there before, and differs.
absl::StatusOr<std::optional<v1::Season>> SaveSeason(postgres::Transaction& tx,
                                                     const v1::Season& season, absl::Time now);
absl::StatusOr<std::vector<v1::Season>> ListSeasons(postgres::Transaction& tx, int64_t skip,
                                                    int64_t limit);

}  // namespace selfology::gamification::store
