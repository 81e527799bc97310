#include "services/platform/queue/queue_admin_service.h"

#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/queue/ending_store.h"
#include "services/platform/queue/endings.h"
#include "services/platform/queue/job_rules.h"
#include "services/platform/queue/job_store.h"
#include "services/platform/queue/job_types.h"
#include "services/platform/queue/queue_store.h"

namespace selfology::queue {
namespace {

using postgres::Transaction;

constexpr paging::Limits kPage = {.default_size = 50, .max_size = 200};
constexpr int kMaxReplayed = 1000;

absl::Status NoSuchJob() {
  return status::Error(mesh::v1::ERROR_CODE_JOB_NOT_FOUND, "no such job");
}

absl::Status CheckQueue(std::string_view queue) {
  status::FieldViolations bad;
  CheckWord(queue, "queue", bad);
  return bad.ToStatus();
}

// The limits with their defaults.
absl::StatusOr<v1::QueueLimits> ReadLimits(v1::QueueLimits limits) {
  if (limits.max_running_per_key() == 0) limits.set_max_running_per_key(1);
  if (limits.backlog_alert() == 0) limits.set_backlog_alert(1000);
  if (!limits.has_rate_period()) limits.mutable_rate_period()->set_seconds(1);
  status::FieldViolations bad;
  const auto check = [&](std::string_view field, int32_t value, int32_t least, int32_t most) {
    if (value < least || value > most) {
      bad.Add(absl::StrCat("limits.", field), absl::StrCat("must be ", least, " to ", most));
    }
  };
  check("max_running", limits.max_running(), 0, 100'000);
  check("max_running_per_key", limits.max_running_per_key(), 1, 1000);
  check("rate_jobs", limits.rate_jobs(), 0, 1'000'000);
  check("backlog_alert", limits.backlog_alert(), 1, 10'000'000);
  const absl::Duration period = absl::Seconds(limits.rate_period().seconds()) +
                                absl::Nanoseconds(limits.rate_period().nanos());
  if (period < absl::Seconds(1) || period > absl::Hours(24)) {
    bad.Add("limits.rate_period", "must be 1 s to 1 day");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  return limits;
}

// The page of jobs that a request with paging fields asks for.
template <typename Response, typename Request>
absl::StatusOr<Response> ListPage(postgres::Database& database, const Call& call,
                                  const Request& request, const store::Filter& filter) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<v1::Job> jobs, database.Read(call, [&](Transaction& tx) {
    return store::ListJobs(tx, filter, before, page.limit());
  }));
  Response response;
  response.set_next_page_token(page.Cut(jobs, &v1::Job::job_id));
  for (v1::Job& job : jobs) *response.add_jobs() = std::move(job);
  return response;
}

absl::StatusOr<v1::Job> ReadKnown(Transaction& tx, int64_t job_id) {
  ASSIGN_OR_RETURN(std::optional<v1::Job> job, store::ReadJob(tx, job_id));
  if (!job.has_value()) return NoSuchJob();
  return *std::move(job);
}

}  // namespace

QueueAdminService::QueueAdminService(postgres::Database& database, Clock clock, ReadySignal& signal)
    : database_(database), clock_(std::move(clock)), signal_(signal) {}

absl::StatusOr<v1::ListQueuesResponse> QueueAdminService::ListQueues(
    const Call& call, const v1::ListQueuesRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page, paging::Read(request, kPage));
  ASSIGN_OR_RETURN(std::vector<v1::QueueState> queues, database_.Read(call, [&](Transaction& tx) {
    return store::ListQueues(tx, page.after, page.limit());
  }));
  v1::ListQueuesResponse response;
  response.set_next_page_token(page.Cut(queues, &v1::QueueState::queue));
  for (v1::QueueState& queue : queues) *response.add_queues() = std::move(queue);
  return response;
}

absl::StatusOr<v1::ConfigureQueueResponse> QueueAdminService::ConfigureQueue(
    const Call& call, const v1::ConfigureQueueRequest& request) {
  RETURN_IF_ERROR(CheckQueue(request.queue()));
  ASSIGN_OR_RETURN(v1::QueueLimits limits, ReadLimits(request.limits()));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::SaveLimits(tx, request.queue(), limits);
    NotifyAfterCommit(tx, {request.queue()}, signal_);
    return absl::OkStatus();
  }));
  v1::ConfigureQueueResponse response;
  *response.mutable_limits() = std::move(limits);
  return response;
}

absl::StatusOr<v1::PauseQueueResponse> QueueAdminService::PauseQueue(
    const Call& call, const v1::PauseQueueRequest& request) {
  RETURN_IF_ERROR(CheckQueue(request.queue()));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::SetPaused(tx, request.queue(), true);
    return absl::OkStatus();
  }));
  return v1::PauseQueueResponse();
}

absl::StatusOr<v1::ResumeQueueResponse> QueueAdminService::ResumeQueue(
    const Call& call, const v1::ResumeQueueRequest& request) {
  RETURN_IF_ERROR(CheckQueue(request.queue()));
  RETURN_IF_ERROR(database_.Write(call, [&](Transaction& tx) {
    store::SetPaused(tx, request.queue(), false);
    NotifyAfterCommit(tx, {request.queue()}, signal_);
    return absl::OkStatus();
  }));
  return v1::ResumeQueueResponse();
}

absl::StatusOr<v1::ListQueueJobsResponse> QueueAdminService::ListQueueJobs(
    const Call& call, const v1::ListQueueJobsRequest& request) {
  RETURN_IF_ERROR(CheckQueue(request.queue()));
  return ListPage<v1::ListQueueJobsResponse>(
      database_, call, request, {.queue = request.queue(), .status = request.status()});
}

absl::StatusOr<v1::ListDeadJobsResponse> QueueAdminService::ListDeadJobs(
    const Call& call, const v1::ListDeadJobsRequest& request) {
  return ListPage<v1::ListDeadJobsResponse>(database_, call, request,
                                            {.queue = request.queue(),
                                             .kind = std::string(KindOf(request.kind())),
                                             .status = v1::JOB_STATUS_DEAD});
}

absl::StatusOr<v1::ReplayDeadJobResponse> QueueAdminService::ReplayDeadJob(
    const Call& call, const v1::ReplayDeadJobRequest& request) {
  if (request.payload().ByteSizeLong() > kMaxPayloadBytes) {
    return status::InvalidField("payload",
                                absl::StrCat("must be at most ", kMaxPayloadBytes, " bytes"));
  }
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ReplayDeadJobResponse> {
    ASSIGN_OR_RETURN(const v1::Job before, ReadKnown(tx, request.job_id()));
    const JobTypeEntry* const type = FindJobType(before.kind());
    if (request.has_payload() && type != nullptr) {
      RETURN_IF_ERROR(CheckPayload(*type, request.payload()));
    }
    const std::string encoded = request.payload().SerializeAsString();
    std::optional<postgres::BytesView> payload;
    if (request.has_payload()) payload = postgres::BytesView{encoded};
    ASSIGN_OR_RETURN(
        std::vector<std::string> ready,
        store::Replay(tx, {request.job_id()}, payload, timestamps::WholeMicroseconds(clock_())));
    NotifyAfterCommit(tx, std::move(ready), signal_);
    v1::ReplayDeadJobResponse response;
    ASSIGN_OR_RETURN(*response.mutable_job(), ReadKnown(tx, request.job_id()));
    return response;
  });
}

absl::StatusOr<v1::ReplayDeadJobsResponse> QueueAdminService::ReplayDeadJobs(
    const Call& call, const v1::ReplayDeadJobsRequest& request) {
  status::FieldViolations bad;
  CheckWord(request.queue(), "queue", bad);
  if (request.max_jobs() < 0 || request.max_jobs() > kMaxReplayed) {
    bad.Add("max_jobs", absl::StrCat("must be 1 to ", kMaxReplayed, ", or 0"));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const int64_t limit = request.max_jobs() == 0 ? kMaxReplayed : request.max_jobs();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ReplayDeadJobsResponse> {
    ASSIGN_OR_RETURN(const std::vector<int64_t> ids,
                     store::OldestDead(tx, request.queue(), KindOf(request.kind()), limit));
    ASSIGN_OR_RETURN(std::vector<std::string> ready,
                     store::Replay(tx, ids, std::nullopt, timestamps::WholeMicroseconds(clock_())));
    v1::ReplayDeadJobsResponse response;
    response.set_replayed(static_cast<int64_t>(ready.size()));
    NotifyAfterCommit(tx, std::move(ready), signal_);
    return response;
  });
}

absl::StatusOr<v1::DiscardDeadJobResponse> QueueAdminService::DiscardDeadJob(
    const Call& call, const v1::DiscardDeadJobRequest& request) {
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::DiscardDeadJobResponse> {
    ASSIGN_OR_RETURN(const std::optional<int64_t> state, store::LockJob(tx, request.job_id(), 0));
    if (state == v1::JOB_STATUS_DEAD) {
      RETURN_IF_ERROR(
          CancelWaiting(tx, {request.job_id()}, timestamps::WholeMicroseconds(clock_()), signal_));
    }
    v1::DiscardDeadJobResponse response;
    ASSIGN_OR_RETURN(*response.mutable_job(), ReadKnown(tx, request.job_id()));
    return response;
  });
}

}  // namespace selfology::queue
