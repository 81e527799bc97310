// SQL of reports and their runs; see migrations/. Functions that return nothing are queued. Errors:
// the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/analytics/v1/report.pb.h"

namespace selfology::analytics::store {

// Keeps a report; its number.
absl::StatusOr<int64_t> AddReport(postgres::Transaction& tx, const v1::Report& report);
absl::StatusOr<int64_t> CountReports(postgres::Transaction& tx, int64_t user_id);
// Locked until the transaction ends, so that runs of one report are added one after the other.
absl::StatusOr<std::optional<v1::Report>> LockReport(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t report_id);
absl::StatusOr<bool> HasReport(postgres::Transaction& tx, int64_t user_id, int64_t report_id);
// Newest first, those before `before`.
absl::StatusOr<std::vector<v1::Report>> ListReports(postgres::Transaction& tx, int64_t user_id,
                                                    int64_t before, int64_t limit);
absl::StatusOr<bool> DeleteReport(postgres::Transaction& tx, int64_t user_id, int64_t report_id);

// Reports whose time has come, locked; at most `limit`.
absl::StatusOr<std::vector<v1::Report>> TakeDue(postgres::Transaction& tx, absl::Time now,
                                                int64_t limit);
void SaveNextRun(postgres::Transaction& tx, int64_t report_id, absl::Time next);

// A run that waits, or the one that the key made before.
absl::StatusOr<v1::ReportRun> AddRun(postgres::Transaction& tx, const v1::Report& report,
                                     std::string_view key, absl::Time due_at, absl::Time now);
absl::StatusOr<int64_t> CountWaiting(postgres::Transaction& tx, int64_t report_id);
// Newest first, those before `before`.
absl::StatusOr<std::vector<v1::ReportRun>> ListRuns(postgres::Transaction& tx, int64_t report_id,
                                                    int64_t before, int64_t limit);

// A run in somebody's hands until `until`; nobody else takes it before.
struct TakenRun {
  int64_t run_id = 0;
  int64_t attempts = 0;  // With this one.
  absl::Time due_at;
  std::string content;  // Encoded; empty: not read yet.
  std::string report;   // Encoded, without its numbers.
  int64_t report_id = 0;
  int64_t user_id = 0;
};
absl::StatusOr<std::optional<TakenRun>> TakeRun(postgres::Transaction& tx, absl::Time now,
                                                absl::Time until);
void SaveContent(postgres::Transaction& tx, int64_t run_id, const v1::ReportContent& content);
void SaveNextTry(postgres::Transaction& tx, int64_t run_id, absl::Time at);

enum class Finish { kDone, kWasFinished, kIsGone };
// The state, files and reason of `run`; older runs than the last 100 of its report are forgotten.
absl::StatusOr<Finish> FinishRun(postgres::Transaction& tx, const v1::ReportRun& run,
                                 absl::Time now);

}  // namespace selfology::analytics::store
