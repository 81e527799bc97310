#include "services/platform/analytics/threshold_store.h"

#include <tuple>

#include "common/status/status_macros.h"

namespace selfology::analytics::store {

using postgres::Transaction;

void SaveThreshold(Transaction& tx, const v1::Threshold& threshold) {
  const std::string settings = threshold.SerializeAsString();
  tx.Queue(
      "INSERT INTO analytics_thresholds (threshold_id, metric, settings) VALUES ($1, $2, $3)"
      " ON CONFLICT (threshold_id) DO UPDATE"
      " SET metric = EXCLUDED.metric, settings = EXCLUDED.settings",
      threshold.threshold_id(), threshold.metric(), postgres::BytesView{settings});
}

void DeleteThreshold(Transaction& tx, std::string_view threshold_id) {
  tx.Queue("DELETE FROM analytics_thresholds WHERE threshold_id = $1", threshold_id);
  tx.Queue("DELETE FROM analytics_reached WHERE threshold_id = $1", threshold_id);
}

absl::StatusOr<std::optional<v1::Threshold>> ReadThreshold(Transaction& tx,
                                                           std::string_view threshold_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<postgres::Bytes>(
          "SELECT settings FROM analytics_thresholds WHERE threshold_id = $1", threshold_id));
  if (!row.has_value()) return std::nullopt;
  v1::Threshold threshold;
  threshold.ParseFromString(std::get<0>(*row).value);
  return threshold;
}

absl::StatusOr<std::vector<v1::Threshold>> ListThresholds(Transaction& tx, std::string_view after,
                                                          int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<postgres::Bytes>("SELECT settings FROM analytics_thresholds"
                                             " WHERE threshold_id > $1 ORDER BY threshold_id"
                                             " LIMIT $2",
                                             after, limit));
  std::vector<v1::Threshold> thresholds;
  for (const auto& [settings] : rows) thresholds.emplace_back().ParseFromString(settings.value);
  return thresholds;
}

absl::StatusOr<std::vector<WindowCount>> CountWindows(Transaction& tx,
                                                      const v1::Threshold& threshold,
                                                      absl::Time to) {
  const absl::Duration window = absl::Hours(threshold.window_hours());
  return tx.Query<WindowCount>(
      "SELECT value, floor(extract(epoch FROM $4 - hour - interval '1 hour') / $5)::bigint,"
      " sum(events)::double precision FROM analytics_hours"
      " WHERE metric = $1 AND dimension = $2 AND hour >= $3 AND hour < $4 GROUP BY 1, 2",
      threshold.metric(), threshold.dimension(), to - kWindows * window, to,
      absl::ToDoubleSeconds(window));
}

absl::StatusOr<std::vector<std::string>> ListReached(Transaction& tx,
                                                     std::string_view threshold_id) {
  ASSIGN_OR_RETURN(auto rows, tx.Query<std::string>("SELECT value FROM analytics_reached"
                                                    " WHERE threshold_id = $1 FOR UPDATE",
                                                    threshold_id));
  std::vector<std::string> values;
  for (auto& [value] : rows) values.push_back(std::move(value));
  return values;
}

void SaveReached(Transaction& tx, std::string_view threshold_id, std::string_view value,
                 absl::Time now) {
  tx.Queue("INSERT INTO analytics_reached (threshold_id, value, reached_at) VALUES ($1, $2, $3)",
           threshold_id, value, now);
}

void ForgetReached(Transaction& tx, std::string_view threshold_id, std::string_view value) {
  tx.Queue("DELETE FROM analytics_reached WHERE threshold_id = $1 AND value = $2", threshold_id,
           value);
}

}  // namespace selfology::analytics::store
