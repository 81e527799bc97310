#include "services/platform/queue/job_row.h"

#include "common/timestamps/timestamp.h"

namespace selfology::queue::store {

v1::Job ToProto(const JobRow& row) {
  v1::Job job;
  job.set_job_id(row.id);
  job.set_queue(row.queue);
  job.set_kind(row.kind);
  job.mutable_payload()->ParseFromString(row.payload.value);
  job.set_status(static_cast<v1::JobStatus>(row.state));
  job.set_priority(static_cast<int32_t>(row.priority));
  *job.mutable_run_at() = timestamps::ToProto(row.run_at);
  job.set_unique_key(row.unique_key.value_or(""));
  job.set_ordering_key(row.ordering_key.value_or(""));
  job.set_concurrency_key(row.concurrency_key.value_or(""));
  job.set_attempt(static_cast<int32_t>(row.attempt));
  job.set_max_attempts(static_cast<int32_t>(row.max_attempts));
  job.set_user_id(row.user_id);
  for (const int64_t id : row.after_job_ids) job.add_after_job_ids(id);
  job.set_reference(row.reference.value_or(""));
  job.set_progress_percent(row.progress);
  job.set_progress_note(row.progress_note.value_or(""));
  if (row.result.has_value()) job.mutable_result()->ParseFromString(row.result->value);
  job.set_last_error(row.last_error.value_or(""));
  job.set_cancel_requested(row.cancel_requested);
  job.set_worker(row.worker.value_or(""));
  *job.mutable_enqueued_at() = timestamps::ToProto(row.enqueued_at);
  if (row.started_at) *job.mutable_started_at() = timestamps::ToProto(*row.started_at);
  if (row.finished_at) *job.mutable_finished_at() = timestamps::ToProto(*row.finished_at);
  if (row.lease_until) *job.mutable_lease_until() = timestamps::ToProto(*row.lease_until);
  job.set_schedule(row.schedule.value_or(""));
  return job;
}

}  // namespace selfology::queue::store
