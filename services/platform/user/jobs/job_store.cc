#include "services/platform/user/jobs/job_store.h"

#include <tuple>
#include <utility>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::user::store {
namespace {

using postgres::Bytes;
using postgres::BytesView;
using postgres::Transaction;

struct JobRow {
  std::string job_id;
  std::string kind;
  std::string status;
  int64_t progress = 0;
  int64_t attempts = 0;
  absl::Time created_at;
  std::optional<absl::Time> finished_at;
};

v1::Job ToProto(const JobRow& row) {
  v1::Job job;
  job.set_job_id(row.job_id);
  job.set_kind(enums::FromWord<v1::JobKind>(row.kind));
  job.set_status(enums::FromWord<v1::JobStatus>(row.status));
  job.set_progress_percent(static_cast<int32_t>(row.progress));
  job.set_attempts(static_cast<int32_t>(row.attempts));
  *job.mutable_created_at() = timestamps::ToProto(row.created_at);
  if (row.finished_at.has_value()) {
    *job.mutable_finished_at() = timestamps::ToProto(*row.finished_at);
  }
  return job;
}

}  // namespace

absl::StatusOr<v1::Job> AddJob(Transaction& tx, const JobOrder& order) {
  tx.Queue(
      "INSERT INTO user_jobs (job_id, kind, status, user_id, subject_id, export, due_at, "
      "created_at)"
      " VALUES ($1, $2, 'WAITING', $3, $4, $5, $6, $6) ON CONFLICT DO NOTHING",
      order.job_id, enums::Word(order.kind), order.user_id, order.subject_id, order.exports,
      order.created_at);
  ASSIGN_OR_RETURN(
      const std::optional<JobRow> row,
      tx.QueryOne<JobRow>("SELECT job_id, kind, status, progress, attempts, created_at, finished_at"
                          " FROM user_jobs WHERE subject_id = $1 AND kind = $2"
                          " AND status IN ('WAITING', 'RUNNING')",
                          order.subject_id, enums::Word(order.kind)));
  if (!row.has_value()) return absl::AbortedError("the job has just finished");
  return ToProto(*row);
}

absl::StatusOr<std::optional<v1::Job>> ReadJob(Transaction& tx, std::string_view job_id) {
  ASSIGN_OR_RETURN(
      const std::optional<JobRow> row,
      tx.QueryOne<JobRow>("SELECT job_id, kind, status, progress, attempts, created_at, finished_at"
                          " FROM user_jobs WHERE job_id = $1",
                          job_id));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::optional<TakenJob>> TakeDueJob(Transaction& tx, absl::Time now,
                                                   absl::Time lease_until) {
  ASSIGN_OR_RETURN(
      auto row,
      (tx.QueryOne<std::string, std::string, std::optional<int64_t>, int64_t, bool, int64_t>(
          "UPDATE user_jobs SET status = 'RUNNING', attempts = attempts + 1, due_at = $2"
          " WHERE job_id = (SELECT job_id FROM user_jobs"
          "   WHERE status IN ('WAITING', 'RUNNING') AND due_at <= $1"
          "   ORDER BY due_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
          " RETURNING job_id, kind, user_id, subject_id, export, attempts",
          now, lease_until)));
  if (!row.has_value()) return std::nullopt;
  auto& [job_id, kind, user_id, subject_id, exports, attempts] = *row;
  return TakenJob{
      std::move(job_id), enums::FromWord<v1::JobKind>(kind), user_id.value_or(0), subject_id,
      exports,           static_cast<int>(attempts)};
}

void SaveProgress(Transaction& tx, const TakenJob& job, int percent) {
  tx.Queue("UPDATE user_jobs SET progress = $3 WHERE job_id = $1 AND attempts = $2", job.job_id,
           job.attempts, percent);
}

void PutOff(Transaction& tx, const TakenJob& job, absl::Time due_at) {
  tx.Queue(
      "UPDATE user_jobs SET status = 'WAITING', due_at = $3"
      " WHERE job_id = $1 AND attempts = $2 AND status = 'RUNNING'",
      job.job_id, job.attempts, due_at);
}

absl::StatusOr<bool> FinishJob(Transaction& tx, const TakenJob& job, v1::JobStatus status,
                               absl::Time now) {
  const bool done = status == v1::JOB_STATUS_DONE;
  ASSIGN_OR_RETURN(
      const int64_t changed,
      tx.Execute("UPDATE user_jobs SET status = $3, finished_at = $4, subject_id = NULL,"
                 " progress = CASE WHEN $5 THEN 100 ELSE progress END"
                 " WHERE job_id = $1 AND attempts = $2 AND status = 'RUNNING'",
                 job.job_id, job.attempts, enums::Word(status), now, done));
  return changed == 1;
}

void SaveExport(Transaction& tx, std::string_view job_id, int64_t user_id, std::string_view file,
                absl::Time expires_at) {
  tx.Queue(
      "INSERT INTO user_exports (job_id, user_id, file, expires_at) VALUES ($1, $2, $3, $4)"
      " ON CONFLICT (job_id) DO UPDATE SET file = EXCLUDED.file, expires_at = EXCLUDED.expires_at",
      job_id, user_id, BytesView{file}, expires_at);
}

absl::StatusOr<bool> HasExport(Transaction& tx, std::string_view job_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<bool>("SELECT EXISTS (SELECT 1 FROM user_exports WHERE job_id = $1)", job_id));
  return std::get<0>(row.value());
}

absl::StatusOr<std::optional<std::string>> ReadExport(Transaction& tx, int64_t user_id,
                                                      std::string_view job_id, absl::Time now) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<Bytes>("SELECT e.file FROM user_exports e JOIN user_jobs j"
                                      " USING (job_id) WHERE e.job_id = $1 AND e.user_id = $2"
                                      " AND e.expires_at > $3 AND j.status = 'DONE'",
                                      job_id, user_id, now));
  if (!row.has_value()) return std::nullopt;
  return std::move(std::get<0>(*row).value);
}

absl::StatusOr<int64_t> ForgetJobs(Transaction& tx, absl::Time now, absl::Time finished_before) {
  ASSIGN_OR_RETURN(const int64_t exports,
                   tx.Execute("DELETE FROM user_exports WHERE expires_at <= $1", now));
  ASSIGN_OR_RETURN(const int64_t jobs,
                   tx.Execute("DELETE FROM user_jobs WHERE finished_at < $1", finished_before));
  return exports + jobs;
}

absl::StatusOr<int64_t> DeleteJobs(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const int64_t exports,
                   tx.Execute("DELETE FROM user_exports WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t jobs, tx.Execute("DELETE FROM user_jobs WHERE kind = 'EXPORT'"
                                                  " AND (user_id = $1 OR subject_id = $1)",
                                                  user_id));
  // Jobs that erase somebody go on, and need subject_id until they are done: one of them may be what
  // carries this out.
  ASSIGN_OR_RETURN(const int64_t forgotten,
                   tx.Execute("UPDATE user_jobs SET user_id = NULL, export = false"
                              " WHERE user_id = $1",
                              user_id));
  return exports + jobs + forgotten;
}

}  // namespace selfology::user::store
