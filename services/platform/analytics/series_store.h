// SQL of numbers over time; see migrations/. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/analytics/v1/analytics_service.pb.h"

namespace selfology::analytics::store {

// A number of a step, or of all steps.
struct Number {
  std::string value;             // The dimension's; empty: none.
  std::optional<absl::Time> at;  // nullopt: of all steps.
  double number = 0;
};
struct Span {
  absl::Time from;  // Where a step begins.
  absl::Time to;
};
// From the roll-ups where they can tell, else from the events themselves. `user_id`: of whose events;
// 0: of everybody's.
absl::StatusOr<std::vector<Number>> ReadSeries(postgres::Transaction& tx,
                                               const v1::SeriesQuery& query, const Span& span,
                                               int64_t user_id = 0);

struct UserDays {
  int64_t user_id = 0;
  std::string metric = {};  // Empty: all.
  absl::CivilDay from;
  absl::CivilDay to;  // Before it.
  // Behind this one.
  std::string after_metric = {};
  absl::CivilDay after_day;
};
absl::StatusOr<std::vector<v1::UserDay>> ListUserDays(postgres::Transaction& tx,
                                                      const UserDays& wanted, int64_t limit);

// What happened in the last hours and before, by metric (metric empty) or by a dimension's value;
// of the highest score first.
absl::StatusOr<std::vector<v1::Trend>> ReadTrends(postgres::Transaction& tx,
                                                  std::string_view metric,
                                                  std::string_view dimension, absl::Time from,
                                                  absl::Time middle, absl::Time to, int64_t limit);

// What happened most from the one day to the other, the most first. user_id 0: to everybody.
absl::StatusOr<std::vector<std::string>> BusiestMetrics(postgres::Transaction& tx, int64_t user_id,
                                                        absl::CivilDay first, absl::CivilDay last,
                                                        int64_t limit);

}  // namespace selfology::analytics::store
