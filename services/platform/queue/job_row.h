// A job as the database has it: what the stores of this room share. Threads: values and pure
// functions.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "common/postgres/types.h"
#include "selfology/queue/v1/job.pb.h"

namespace selfology::queue::store {

// Its members are the columns of kUnfinishedColumns and kFinishedColumns, in their order.
struct JobRow {
  int64_t id = 0;
  std::string queue;
  std::string kind;
  postgres::Bytes payload;
  int64_t state = 0;
  int64_t priority = 0;
  absl::Time run_at;
  std::optional<std::string> unique_key;
  std::optional<std::string> ordering_key;
  std::optional<std::string> concurrency_key;
  int64_t attempt = 0;
  int64_t max_attempts = 0;
  int64_t user_id = 0;
  std::vector<int64_t> after_job_ids;
  std::optional<std::string> reference;
  double progress = 0;
  std::optional<std::string> progress_note;
  std::optional<postgres::Bytes> result;
  std::optional<std::string> last_error;
  bool cancel_requested = false;
  std::optional<std::string> worker;
  absl::Time enqueued_at;
  std::optional<absl::Time> started_at;
  std::optional<absl::Time> finished_at;
  std::optional<absl::Time> lease_until;
  std::optional<std::string> schedule;
};

// Of `queue_jobs j`.
inline constexpr std::string_view kUnfinishedColumns =
    "j.id, j.queue, j.kind, j.payload, j.state, j.priority, j.run_at, j.unique_key,"
    " j.ordering_key, j.concurrency_key, j.attempt, j.max_attempts, j.user_id,"
    " ARRAY(SELECT d.after_job_id FROM queue_dependencies d WHERE d.job_id = j.id ORDER BY 1),"
    " j.reference, j.progress, j.progress_note, NULL::bytea, j.last_error, j.cancel_requested,"
    " j.worker, j.enqueued_at, j.started_at, j.finished_at,"
    " CASE WHEN j.state = 5 THEN j.lease_until END, j.schedule";

// Of `queue_finished f`.
inline constexpr std::string_view kFinishedColumns =
    "f.id, f.queue, f.kind, f.payload, f.state, f.priority, f.run_at, f.unique_key,"
    " f.ordering_key, f.concurrency_key, f.attempt, f.max_attempts, f.user_id,"
    " ARRAY[]::bigint[], f.reference, f.progress, f.progress_note, f.result, f.last_error, false,"
    " f.worker, f.enqueued_at, f.started_at, f.finished_at, NULL::timestamptz, f.schedule";

v1::Job ToProto(const JobRow& row);

}  // namespace selfology::queue::store
