#include "services/platform/analytics/reports/report_store.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::analytics::store {
namespace {

using postgres::Bytes;
using postgres::BytesView;
using postgres::Transaction;

constexpr std::string_view kReport = "report_id, user_id, settings, next_run_at";
constexpr int64_t kKeptRuns = 100;

struct ReportRow {
  int64_t report_id = 0;
  int64_t user_id = 0;
  Bytes settings;
  std::optional<absl::Time> next_run_at;
};

v1::Report ReportOf(const ReportRow& row) {
  v1::Report report;
  report.ParseFromString(row.settings.value);
  report.set_report_id(row.report_id);
  report.set_user_id(row.user_id);
  report.clear_next_run_at();
  if (row.next_run_at.has_value()) {
    *report.mutable_next_run_at() = timestamps::ToProto(*row.next_run_at);
  }
  return report;
}

std::vector<v1::Report> ReportsOf(const std::vector<ReportRow>& rows) {
  std::vector<v1::Report> reports;
  for (const ReportRow& row : rows) reports.push_back(ReportOf(row));
  return reports;
}

constexpr std::string_view kRun =
    "run_id, report_id, due_at, state, attempts, reason, coalesce(files, ''::bytea), finished_at";

struct RunRow {
  int64_t run_id = 0;
  int64_t report_id = 0;
  absl::Time due_at;
  int64_t state = 0;
  int64_t attempts = 0;
  std::string reason;
  Bytes files;
  std::optional<absl::Time> finished_at;
};

v1::ReportRun RunOf(const RunRow& row) {
  v1::ReportRun run;
  run.ParseFromString(row.files.value);
  run.set_run_id(row.run_id);
  run.set_report_id(row.report_id);
  *run.mutable_due_at() = timestamps::ToProto(row.due_at);
  run.set_state(static_cast<v1::ReportRunState>(row.state));
  run.set_attempts(static_cast<int32_t>(row.attempts));
  run.set_reason(row.reason);
  if (row.finished_at.has_value()) {
    *run.mutable_finished_at() = timestamps::ToProto(*row.finished_at);
  }
  return run;
}

std::optional<absl::Time> Finite(absl::Time time) {
  if (time == absl::InfiniteFuture()) return std::nullopt;
  return time;
}

}  // namespace

absl::StatusOr<int64_t> AddReport(Transaction& tx, const v1::Report& report) {
  const std::string settings = report.SerializeAsString();
  std::optional<absl::Time> next;
  if (report.has_next_run_at()) next = timestamps::FromProto(report.next_run_at());
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("INSERT INTO analytics_reports (user_id, settings, next_run_at)"
                           " VALUES ($1, $2, $3) RETURNING report_id",
                           report.user_id(), BytesView{settings}, next));
  return std::get<0>(row.value());
}

absl::StatusOr<int64_t> CountReports(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM analytics_reports WHERE user_id = $1", user_id));
  return std::get<0>(row.value());
}

absl::StatusOr<std::optional<v1::Report>> LockReport(Transaction& tx, int64_t user_id,
                                                     int64_t report_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<ReportRow>(absl::StrCat("SELECT ", kReport, " FROM analytics_reports",
                                          " WHERE report_id = $1 AND user_id = $2 FOR UPDATE"),
                             report_id, user_id));
  if (!row.has_value()) return std::nullopt;
  return ReportOf(*row);
}

absl::StatusOr<bool> HasReport(Transaction& tx, int64_t user_id, int64_t report_id) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<bool>("SELECT true FROM analytics_reports"
                                                     " WHERE report_id = $1 AND user_id = $2",
                                                     report_id, user_id));
  return row.has_value();
}

absl::StatusOr<std::vector<v1::Report>> ListReports(Transaction& tx, int64_t user_id,
                                                    int64_t before, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<ReportRow>(absl::StrCat("SELECT ", kReport, " FROM analytics_reports",
                                                    " WHERE user_id = $1 AND report_id < $2",
                                                    " ORDER BY report_id DESC LIMIT $3"),
                                       user_id, before, limit));
  return ReportsOf(rows);
}

absl::StatusOr<bool> DeleteReport(Transaction& tx, int64_t user_id, int64_t report_id) {
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM analytics_reports WHERE report_id = $1 AND user_id = $2",
                              report_id, user_id));
  return rows > 0;
}

absl::StatusOr<std::vector<v1::Report>> TakeDue(Transaction& tx, absl::Time now, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<ReportRow>(absl::StrCat("SELECT ", kReport, " FROM analytics_reports",
                                                    " WHERE next_run_at <= $1 ORDER BY next_run_at",
                                                    " LIMIT $2 FOR UPDATE SKIP LOCKED"),
                                       now, limit));
  return ReportsOf(rows);
}

void SaveNextRun(Transaction& tx, int64_t report_id, absl::Time next) {
  tx.Queue("UPDATE analytics_reports SET next_run_at = $2 WHERE report_id = $1", report_id,
           Finite(next));
}

absl::StatusOr<v1::ReportRun> AddRun(Transaction& tx, const v1::Report& report,
                                     std::string_view key, absl::Time due_at, absl::Time now) {
  tx.Queue(
      "INSERT INTO analytics_report_runs (report_id, user_id, key, due_at, state, next_try_at)"
      " VALUES ($1, $2, $3, $4, 1, $5) ON CONFLICT (report_id, key) DO NOTHING",
      report.report_id(), report.user_id(), key, due_at, now);
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<RunRow>(absl::StrCat("SELECT ", kRun, " FROM analytics_report_runs",
                                                    " WHERE report_id = $1 AND key = $2"),
                                       report.report_id(), key));
  return RunOf(row.value());
}

absl::StatusOr<int64_t> CountWaiting(Transaction& tx, int64_t report_id) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>("SELECT count(*) FROM analytics_report_runs"
                                                        " WHERE report_id = $1 AND state = 1",
                                                        report_id));
  return std::get<0>(row.value());
}

absl::StatusOr<std::vector<v1::ReportRun>> ListRuns(Transaction& tx, int64_t report_id,
                                                    int64_t before, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<RunRow>(absl::StrCat("SELECT ", kRun, " FROM analytics_report_runs",
                                                 " WHERE report_id = $1 AND run_id < $2",
                                                 " ORDER BY run_id DESC LIMIT $3"),
                                    report_id, before, limit));
  std::vector<v1::ReportRun> runs;
  for (const RunRow& row : rows) runs.push_back(RunOf(row));
  return runs;
}

absl::StatusOr<std::optional<TakenRun>> TakeRun(Transaction& tx, absl::Time now, absl::Time until) {
  struct Row {
    int64_t run_id = 0;
    int64_t attempts = 0;
    absl::Time due_at;
    Bytes content;
    Bytes report;
    int64_t report_id = 0;
    int64_t user_id = 0;
  };
  ASSIGN_OR_RETURN(
      auto row,
      tx.QueryOne<Row>(
          "UPDATE analytics_report_runs r SET attempts = attempts + 1, next_try_at = $2"
          " FROM analytics_reports d WHERE d.report_id = r.report_id AND r.run_id ="
          " (SELECT run_id FROM analytics_report_runs WHERE state = 1 AND next_try_at <= $1"
          " ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
          " RETURNING r.run_id, r.attempts, r.due_at, coalesce(r.content, ''::bytea), d.settings,"
          " r.report_id, r.user_id",
          now, until));
  if (!row.has_value()) return std::nullopt;
  return TakenRun{.run_id = row->run_id,
                  .attempts = row->attempts,
                  .due_at = row->due_at,
                  .content = std::move(row->content.value),
                  .report = std::move(row->report.value),
                  .report_id = row->report_id,
                  .user_id = row->user_id};
}

void SaveContent(Transaction& tx, int64_t run_id, const v1::ReportContent& content) {
  const std::string encoded = content.SerializeAsString();
  tx.Queue("UPDATE analytics_report_runs SET content = $2 WHERE run_id = $1", run_id,
           BytesView{encoded});
}

void SaveNextTry(Transaction& tx, int64_t run_id, absl::Time at) {
  tx.Queue("UPDATE analytics_report_runs SET next_try_at = $2 WHERE run_id = $1 AND state = 1",
           run_id, at);
}

absl::StatusOr<Finish> FinishRun(Transaction& tx, const v1::ReportRun& run, absl::Time now) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>("SELECT state FROM analytics_report_runs"
                                                        " WHERE run_id = $1 FOR UPDATE",
                                                        run.run_id()));
  if (!row.has_value()) return Finish::kIsGone;
  if (std::get<0>(*row) != v1::REPORT_RUN_STATE_PENDING) return Finish::kWasFinished;
  v1::ReportRun only_files;
  *only_files.mutable_files() = run.files();
  const std::string files = only_files.SerializeAsString();
  tx.Queue(
      "UPDATE analytics_report_runs SET state = $2, reason = $3, files = $4, content = NULL,"
      " finished_at = $5 WHERE run_id = $1",
      run.run_id(), int64_t{run.state()}, run.reason(), BytesView{files}, now);
  tx.Queue(
      "DELETE FROM analytics_report_runs WHERE report_id = $1 AND state <> 1 AND run_id <="
      " (SELECT run_id FROM analytics_report_runs WHERE report_id = $1"
      " ORDER BY run_id DESC OFFSET $2 LIMIT 1)",
      run.report_id(), kKeptRuns);
  return Finish::kDone;
}

}  // namespace selfology::analytics::store
