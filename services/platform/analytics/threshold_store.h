// SQL of thresholds; see migrations/. Functions that return nothing are queued. Errors: the
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
#include "selfology/analytics/v1/analytics_service.pb.h"

namespace selfology::analytics::store {

void SaveThreshold(postgres::Transaction& tx, const v1::Threshold& threshold);
void DeleteThreshold(postgres::Transaction& tx, std::string_view threshold_id);
absl::StatusOr<std::optional<v1::Threshold>> ReadThreshold(postgres::Transaction& tx,
                                                           std::string_view threshold_id);
// By id, behind `after`.
absl::StatusOr<std::vector<v1::Threshold>> ListThresholds(postgres::Transaction& tx,
                                                          std::string_view after, int64_t limit);

// How many events there were in each of the 15 windows up to `to`, by the dimension's value; window
// 0 is the last one. Windows without events are left out.
struct WindowCount {
  std::string value;
  int64_t window = 0;
  double events = 0;
};
inline constexpr int64_t kWindows = 15;
absl::StatusOr<std::vector<WindowCount>> CountWindows(postgres::Transaction& tx,
                                                      const v1::Threshold& threshold,
                                                      absl::Time to);

// Values that have reached it and were not below it since.
absl::StatusOr<std::vector<std::string>> ListReached(postgres::Transaction& tx,
                                                     std::string_view threshold_id);
void SaveReached(postgres::Transaction& tx, std::string_view threshold_id, std::string_view value,
                 absl::Time now);
void ForgetReached(postgres::Transaction& tx, std::string_view threshold_id,
                   std::string_view value);

}  // namespace selfology::analytics::store
