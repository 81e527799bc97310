#include "services/platform/queue/queue_service.h"

#include <algorithm>
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/queue/ending_store.h"
#include "services/platform/queue/endings.h"
#include "services/platform/queue/enqueue.h"
#include "services/platform/queue/job_rules.h"
#include "services/platform/queue/job_store.h"
#include "services/platform/queue/job_types.h"
#include "services/platform/queue/queue_store.h"

namespace selfology::queue {
namespace {

using postgres::Transaction;

constexpr paging::Limits kJobsPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxBatch = 1000;
// Without a question for so long, nobody works a kind.
constexpr absl::Duration kServes = absl::Minutes(1);

absl::Status NoSuchJob() {
  return status::Error(mesh::v1::ERROR_CODE_JOB_NOT_FOUND, "no such job");
}

// A key is its caller's own: another's of the same words is another.
std::string RequestKey(const Call& call, int64_t user_id, std::string_view key) {
  return absl::StrCat(call.caller()->service, "/", call.caller()->user_id, "/", user_id, "/", key);
}

void CheckPositions(const v1::NewJob& job, int own, std::string_view field,
                    status::FieldViolations& bad) {
  for (const int32_t position : job.after_positions()) {
    if (position >= 0 && position < own) continue;
    bad.Add(absl::StrCat(field, ".after_positions"), "must each be lower than the job's own");
    return;
  }
}

}  // namespace

QueueService::QueueService(postgres::Database& database, Clock clock, ReadySignal& signal)
    : database_(database), clock_(std::move(clock)), signal_(signal) {}

absl::StatusOr<v1::EnqueueJobResponse> QueueService::EnqueueJob(
    const Call& call, const v1::EnqueueJobRequest& request) {
  const v1::NewJob job = Completed(request.job());
  status::FieldViolations bad;
  CheckNewJob(job, "job", bad);
  CheckPositions(job, 0, "job", bad);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::EnqueueJobResponse> {
    const absl::Time now = timestamps::WholeMicroseconds(clock_());
    ASSIGN_OR_RETURN(
        const Enqueued enqueued,
        Enqueue(
            tx, {&job, 1},
            {.request_key = RequestKey(call, job.user_id(), request.idempotency_key()), .now = now},
            signal_));
    ASSIGN_OR_RETURN(std::optional<v1::Job> kept, store::ReadJob(tx, enqueued.job_ids[0]));
    v1::EnqueueJobResponse response;
    response.set_is_new(enqueued.made[0]);
    if (kept.has_value()) {
      *response.mutable_job() = *std::move(kept);
    } else {
      // It was made by this key, and has been forgotten or erased since.
      response.mutable_job()->set_job_id(enqueued.job_ids[0]);
    }
    return response;
  });
}

absl::StatusOr<v1::EnqueueJobsResponse> QueueService::EnqueueJobs(
    const Call& call, const v1::EnqueueJobsRequest& request) {
  status::FieldViolations bad;
  if (request.jobs().empty() || request.jobs_size() > kMaxBatch) {
    bad.Add("jobs", absl::StrCat("must be 1 to ", kMaxBatch));
  }
  idempotency::CheckKey(request.idempotency_key(), bad);
  std::vector<v1::NewJob> jobs;
  for (const v1::NewJob& job : request.jobs()) {
    const std::string field = absl::StrCat("jobs[", jobs.size(), "]");
    jobs.push_back(Completed(job));
    CheckNewJob(jobs.back(), field, bad);
    CheckPositions(job, static_cast<int>(jobs.size()) - 1, field, bad);
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::EnqueueJobsResponse> {
    ASSIGN_OR_RETURN(const Enqueued enqueued,
                     Enqueue(tx, jobs,
                             {.request_key = RequestKey(call, 0, request.idempotency_key()),
                              .now = timestamps::WholeMicroseconds(clock_())},
                             signal_));
    v1::EnqueueJobsResponse response;
    response.mutable_job_ids()->Add(enqueued.job_ids.begin(), enqueued.job_ids.end());
    response.set_is_new(enqueued.is_new);
    return response;
  });
}

absl::StatusOr<v1::GetJobResponse> QueueService::GetJob(const Call& call,
                                                        const v1::GetJobRequest& request) {
  ASSIGN_OR_RETURN(std::optional<v1::Job> job,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return store::ReadJob(tx, request.job_id(), request.user_id());
                                  },
                                  {.newest = true}));
  if (!job.has_value()) return NoSuchJob();
  v1::GetJobResponse response;
  *response.mutable_job() = *std::move(job);
  return response;
}

absl::StatusOr<v1::ListJobsResponse> QueueService::ListJobs(const Call& call,
                                                            const v1::ListJobsRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kJobsPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Job> jobs, database_.Read(call, [&](Transaction& tx) {
    return store::ListJobs(tx, {.user_id = request.user_id(), .status = request.status()}, before,
                           page.limit());
  }));
  v1::ListJobsResponse response;
  response.set_next_page_token(page.Cut(jobs, &v1::Job::job_id));
  for (v1::Job& job : jobs) *response.add_jobs() = std::move(job);
  return response;
}

absl::StatusOr<v1::CancelJobResponse> QueueService::CancelJob(const Call& call,
                                                              const v1::CancelJobRequest& request) {
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::CancelJobResponse> {
    ASSIGN_OR_RETURN(const std::optional<int64_t> state,
                     store::LockJob(tx, request.job_id(), request.user_id()));
    if (state == v1::JOB_STATUS_RUNNING) {
      store::RequestCancel(tx, request.job_id());
    } else if (state.has_value()) {
      RETURN_IF_ERROR(
          CancelWaiting(tx, {request.job_id()}, timestamps::WholeMicroseconds(clock_()), signal_));
    }
    ASSIGN_OR_RETURN(std::optional<v1::Job> job,
                     store::ReadJob(tx, request.job_id(), request.user_id()));
    if (!job.has_value()) return NoSuchJob();
    v1::CancelJobResponse response;
    *response.mutable_job() = *std::move(job);
    return response;
  });
}

absl::StatusOr<v1::DescribeJobTypesResponse> QueueService::DescribeJobTypes(
    const Call& call, const v1::DescribeJobTypesRequest& /*request*/) {
  ASSIGN_OR_RETURN(const std::vector<store::WorkerSeen> workers,
                   database_.Read(call, [&](Transaction& tx) { return store::ListWorkers(tx); },
                                  {.newest = true}));
  const absl::Time now = clock_();
  v1::DescribeJobTypesResponse response;
  for (const JobTypeEntry& type : JobTypes()) {
    v1::JobTypeStatus& status = *response.add_types();
    status.set_type(type.type);
    *status.mutable_options() = type.options;
    absl::Time asked_at = absl::InfinitePast();
    for (const store::WorkerSeen& worker : workers) {
      if (worker.Works(type.options.queue(), type.options.kind())) {
        asked_at = std::max(asked_at, worker.asked_at);
      }
    }
    status.set_waiting(asked_at < now - kServes);
    if (asked_at != absl::InfinitePast()) {
      *status.mutable_last_asked_at() = timestamps::ToProto(asked_at);
    }
  }
  return response;
}

}  // namespace selfology::queue
