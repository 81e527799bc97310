#include "common/jobs/worker.h"

#include <algorithm>
#include <thread>
#include <utility>

#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "google/protobuf/util/json_util.h"

namespace selfology::jobs {
namespace {

using queue::v1::LeasedJob;

constexpr absl::Duration kAskAgain = absl::Seconds(2);
constexpr absl::Duration kRpc = absl::Seconds(10);
constexpr absl::Duration kMaxTime = absl::Hours(1);  // Of one job.
constexpr int kTries = 3;

void SetDuration(absl::Duration from, google::protobuf::Duration& to) {
  to.set_seconds(absl::ToInt64Seconds(from));
  to.set_nanos(static_cast<int32_t>(absl::ToInt64Nanoseconds(from % absl::Seconds(1))));
}

bool MayHelpToTryAgain(absl::StatusCode code) {
  switch (code) {
    case absl::StatusCode::kUnavailable:
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kDeadlineExceeded:
    case absl::StatusCode::kResourceExhausted:
    case absl::StatusCode::kInternal:
    case absl::StatusCode::kUnknown:
      return true;
    default:
      return false;
  }
}

// What the queue is told of a handler's failure.
void Describe(const LeasedJob& job, const absl::Status& status, queue::v1::Failure& failure) {
  *failure.mutable_lease() = job.lease();
  failure.set_error(status.ToString(absl::StatusToStringMode::kWithNoExtraData));
  if (status.code() == absl::StatusCode::kCancelled) {
    failure.set_not_counted(true);
    failure.mutable_retry_after();
    return;
  }
  failure.set_permanent(!MayHelpToTryAgain(status.code()));
  if (const auto delay = status::RetryAfter(status); delay.has_value() && !failure.permanent()) {
    SetDuration(std::min(*delay, absl::Hours(24 * 30)), *failure.mutable_retry_after());
  }
}

}  // namespace

absl::Status Job::ReadPayload(google::protobuf::Message& payload) const {
  std::string json;
  if (!google::protobuf::util::MessageToJsonString(job_.payload(), &json).ok() ||
      !google::protobuf::util::JsonStringToMessage(json, &payload).ok()) {
    return status::InvalidField("payload", "must be the JSON of its kind's message");
  }
  return absl::OkStatus();
}

absl::StatusOr<int64_t> Job::Person(int64_t named) const {
  if (named == 0 || named == user_id()) return user_id();
  if (user_id() == 0) return named;
  return status::InvalidField("payload", "must be about the job's person");
}

absl::Status Job::Report(const Call& call, double percent, std::string_view note) const {
  queue::v1::ReportProgressRequest request;
  *request.mutable_lease() = job_.lease();
  request.set_progress_percent(percent);
  request.set_progress_note(std::string(note));
  return queue_.ReportProgress(call, request).status();
}

Worker::Worker(std::shared_ptr<rpc::Channel> queue, Options options)
    : queue_(std::move(queue)), options_(std::move(options)) {}

void Worker::On(std::string kind, Handler handler) {
  handlers_[std::move(kind)] = std::move(handler);
}

void Worker::Run(service::StopSignal& stop) {
  std::vector<std::thread> threads;
  for (int i = 0; i < options_.threads; ++i) threads.emplace_back([&] { Work(stop); });
  ExtendLeases(stop);
  for (std::thread& thread : threads) thread.join();
}

void Worker::Work(service::StopSignal& stop) {
  while (!stop.requested()) {
    std::vector<LeasedJob> jobs = Lease(stop);
    if (!jobs.empty()) Handle(std::move(jobs), stop);
  }
}

std::vector<LeasedJob> Worker::Lease(service::StopSignal& stop) {
  queue::v1::LeaseJobsRequest request;
  request.set_queue(options_.queue);
  request.set_worker(options_.worker);
  request.set_max_jobs(options_.batch);
  for (const auto& handler : handlers_) request.add_kinds(handler.first);
  SetDuration(options_.lease_time, *request.mutable_lease_time());
  SetDuration(options_.wait, *request.mutable_wait());
  auto leased = queue_.LeaseJobs(Call::Background(options_.wait + kRpc), request);
  if (!leased.ok()) {
    if (!away_.exchange(true)) {
      observe::Warning("jobs cannot be had",
                       {{"queue", options_.queue}, {"status", leased.status()}});
    }
    stop.WaitFor(kAskAgain);
    return {};
  }
  away_ = false;
  std::vector<LeasedJob> jobs;
  const absl::MutexLock lock(&mutex_);
  for (LeasedJob& job : *leased->mutable_jobs()) {
    held_[job.lease().job_id()] = job.lease().fencing_token();
    jobs.push_back(std::move(job));
  }
  return jobs;
}

void Worker::Handle(std::vector<LeasedJob> jobs, service::StopSignal& stop) {
  queue::v1::CompleteJobsRequest completed;
  queue::v1::FailJobsRequest failed;
  for (const LeasedJob& job : jobs) {
    absl::StatusOr<Result> result = absl::CancelledError("the worker stops");
    if (!stop.requested()) result = HandleOne(job, stop);
    {
      const absl::MutexLock lock(&mutex_);
      held_.erase(job.lease().job_id());
      stopped_.erase(job.lease().job_id());
    }
    if (!result.ok()) {
      Describe(job, result.status(), *failed.add_failures());
      continue;
    }
    queue::v1::Completion& completion = *completed.add_completions();
    *completion.mutable_lease() = job.lease();
    if (result->has_value()) *completion.mutable_result() = *std::move(*result);
  }
  Finish(completed, failed);
}

absl::StatusOr<Result> Worker::HandleOne(const LeasedJob& leased, service::StopSignal& stop) {
  auto handler = handlers_.find(leased.kind());
  // The queue gives names; a handler may have been registered by the alias.
  if (handler == handlers_.end()) handler = handlers_.find(leased.kind() + "_job");
  if (handler == handlers_.end()) return absl::InternalError("no handler for this kind");
  const int64_t id = leased.lease().job_id();
  const Call call(absl::Now() + kMaxTime, {}, [this, id, &stop] {
    if (stop.requested()) return true;
    const absl::MutexLock lock(&mutex_);
    return stopped_.contains(id);
  });
  Job job(leased, queue_);
  return handler->second(call, job);
}

void Worker::Finish(const queue::v1::CompleteJobsRequest& completed,
                    const queue::v1::FailJobsRequest& failed) {
  absl::Status told;
  for (int i = 0; i < kTries; ++i) {
    told = absl::OkStatus();
    if (!completed.completions().empty()) {
      const auto answer = queue_.CompleteJobs(Call::Background(kRpc), completed);
      told.Update(answer.status());
      if (answer.ok() && !answer->lost_job_ids().empty()) {
        observe::Warning("jobs completed whose leases were lost",
                         {{"queue", options_.queue}, {"jobs", answer->lost_job_ids_size()}});
      }
    }
    if (!failed.failures().empty()) {
      told.Update(queue_.FailJobs(Call::Background(kRpc), failed).status());
    }
    if (told.ok() || !status::IsRetryable(told)) break;
  }
  // Their leases will end, and the jobs will be tried again.
  if (!told.ok())
    observe::Warning("jobs' ends not told", {{"queue", options_.queue}, {"status", told}});
}

void Worker::ExtendLeases(service::StopSignal& stop) {
  while (!stop.WaitFor(options_.lease_time / 3)) {
    queue::v1::ExtendLeasesRequest request;
    SetDuration(options_.lease_time, *request.mutable_lease_time());
    {
      const absl::MutexLock lock(&mutex_);
      for (const auto& [id, fence] : held_) {
        if (request.leases_size() == 1000) break;
        queue::v1::Lease& lease = *request.add_leases();
        lease.set_job_id(id);
        lease.set_fencing_token(fence);
      }
    }
    if (request.leases().empty()) continue;
    const auto extended = queue_.ExtendLeases(Call::Background(kRpc), request);
    if (!extended.ok()) continue;  // The next one may come in time.
    const absl::MutexLock lock(&mutex_);
    for (const int64_t id : extended->lost_job_ids()) {
      if (held_.contains(id)) stopped_.insert(id);
    }
    for (const int64_t id : extended->cancelled_job_ids()) {
      if (held_.contains(id)) stopped_.insert(id);
    }
  }
}

}  // namespace selfology::jobs
