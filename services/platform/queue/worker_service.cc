#include "services/platform/queue/worker_service.h"

#include <algorithm>
#include <optional>
#include <set>
#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/queue/endings.h"
#include "services/platform/queue/job_rules.h"
#include "services/platform/queue/job_types.h"

namespace selfology::queue {
namespace {

using postgres::Transaction;

constexpr int kMaxBatch = 1000;
constexpr int kMaxKinds = 100;
constexpr int kMaxNote = 500;
constexpr absl::Duration kLeaseTime = absl::Seconds(30);
constexpr absl::Duration kMaxLeaseTime = absl::Hours(1);
constexpr absl::Duration kMaxWait = absl::Seconds(20);
constexpr absl::Duration kSeenAgain = absl::Seconds(10);
constexpr size_t kMaxSeen = 10'000;

absl::Duration ToDuration(const google::protobuf::Duration& duration) {
  return absl::Seconds(duration.seconds()) + absl::Nanoseconds(duration.nanos());
}

absl::Duration LeaseTimeOf(const google::protobuf::Duration& duration, bool given,
                           status::FieldViolations& bad) {
  const absl::Duration time = given ? ToDuration(duration) : kLeaseTime;
  if (time < absl::Seconds(1) || time > kMaxLeaseTime) bad.Add("lease_time", "must be 1 s to 1 h");
  return time;
}

template <typename Items>
absl::Status CheckItems(const Items& items, std::string_view field) {
  status::FieldViolations bad;
  if (items.empty() || items.size() > kMaxBatch) {
    bad.Add(field, absl::StrCat("must be 1 to ", kMaxBatch));
  }
  return bad.ToStatus();
}

absl::StatusOr<store::Wanted> ReadWanted(const v1::LeaseJobsRequest& request) {
  status::FieldViolations bad;
  store::Wanted wanted{.queue = request.queue(), .worker = request.worker()};
  CheckWord(request.queue(), "queue", bad);
  if (request.worker().empty() || text::Characters(request.worker()) > 128) {
    bad.Add("worker", "must be 1 to 128 characters");
  }
  if (request.kinds_size() > kMaxKinds) {
    bad.Add("kinds", absl::StrCat("must be at most ", kMaxKinds));
  }
  for (const std::string& kind : request.kinds()) {
    CheckWord(kind, "kinds", bad);
    wanted.kinds.emplace_back(KindOf(kind));
  }
  std::sort(wanted.kinds.begin(), wanted.kinds.end());
  if (request.max_jobs() < 0 || request.max_jobs() > kMaxBatch) {
    bad.Add("max_jobs", absl::StrCat("must be 1 to ", kMaxBatch, ", or 0"));
  }
  wanted.max_jobs = std::max(request.max_jobs(), 1);
  wanted.lease_time = LeaseTimeOf(request.lease_time(), request.has_lease_time(), bad);
  const absl::Duration wait = ToDuration(request.wait());
  if (wait < absl::ZeroDuration() || wait > kMaxWait) bad.Add("wait", "must be 0 s to 20 s");
  RETURN_IF_ERROR(bad.ToStatus());
  return wanted;
}

// By the queue's limits, within the lock of its gate.
absl::StatusOr<std::vector<v1::LeasedJob>> LeaseByLimits(Transaction& tx,
                                                         const store::Wanted& wanted,
                                                         absl::Time now) {
  ASSIGN_OR_RETURN(const store::Gate gate, store::LockGate(tx, wanted.queue));
  if (gate.paused) return std::vector<v1::LeasedJob>();
  int64_t running = 0;
  if (gate.limits.max_running > 0) {
    ASSIGN_OR_RETURN(running, store::CountRunning(tx, wanted.queue));
  }
  const RateState refilled = Refill(gate.limits, gate.rate, now);
  const int64_t budget = Budget(gate.limits, refilled, running, wanted.max_jobs);
  if (budget == 0) return std::vector<v1::LeasedJob>();
  std::map<std::string, int64_t> running_by_key;
  if (gate.keyed) {
    ASSIGN_OR_RETURN(running_by_key, store::CountRunningByKey(tx, wanted.queue));
  }
  std::vector<std::string> full;
  for (const auto& [key, count] : running_by_key) {
    if (count >= gate.limits.max_running_per_key) full.push_back(key);
  }
  // More than the budget, since some may share a key; what is left comes with the next question.
  ASSIGN_OR_RETURN(const std::vector<Candidate> candidates,
                   store::ListCandidates(tx, wanted, full, gate.keyed ? 4 * budget : budget));
  const std::vector<int64_t> chosen =
      Choose(candidates, std::move(running_by_key), gate.limits, budget);
  if (chosen.empty()) return std::vector<v1::LeasedJob>();
  ASSIGN_OR_RETURN(std::vector<v1::LeasedJob> jobs, store::LeaseChosen(tx, wanted, chosen, now));
  if (gate.limits.rate_jobs > 0) {
    store::SaveRate(tx, wanted.queue,
                    Spend(gate.limits, refilled, static_cast<int64_t>(jobs.size())));
  }
  return jobs;
}

}  // namespace

WorkerService::WorkerService(postgres::Database& database, Clock clock, observe::Metrics& metrics,
                             ReadySignal& signal)
    : database_(database),
      clock_(std::move(clock)),
      signal_(signal),
      start_delay_(metrics.Histogram("queue_start_delay_seconds",
                                     "Time between a job's due time and its start",
                                     observe::LatencyBuckets())) {}

bool WorkerService::HasToBeSeen(const store::Wanted& wanted, absl::Time now) {
  const std::string name =
      absl::StrCat(wanted.queue, "/", absl::StrJoin(wanted.kinds, ","), "/", wanted.worker);
  const absl::MutexLock lock(&mutex_);
  if (seen_.size() > kMaxSeen) seen_.clear();
  const auto [seen, is_new] = seen_.emplace(name, now);
  if (!is_new && seen->second > now - kSeenAgain) return false;
  seen->second = now;
  return true;
}

absl::StatusOr<std::vector<v1::LeasedJob>> WorkerService::Lease(const Call& call,
                                                                const store::Wanted& wanted,
                                                                bool sign_of_life) {
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<std::vector<v1::LeasedJob>> {
    const absl::Time now = timestamps::WholeMicroseconds(clock_());
    if (sign_of_life) store::SeeWorker(tx, wanted, now);
    store::ReadyDue(tx, wanted.queue, now);
    ASSIGN_OR_RETURN(store::Leased leased, store::LeaseFreely(tx, wanted, now));
    const auto missing = wanted.max_jobs - static_cast<int64_t>(leased.jobs.size());
    if (!leased.gate.has_value() || leased.gate->paused || missing == 0 ||
        !(leased.gate->limits.any() || leased.gate->keyed)) {
      return std::move(leased.jobs);
    }
    store::Wanted rest = wanted;
    rest.max_jobs = missing;
    ASSIGN_OR_RETURN(std::vector<v1::LeasedJob> limited, LeaseByLimits(tx, rest, now));
    for (v1::LeasedJob& job : limited) leased.jobs.push_back(std::move(job));
    return std::move(leased.jobs);
  });
}

absl::StatusOr<v1::LeaseJobsResponse> WorkerService::LeaseJobs(
    const Call& call, const v1::LeaseJobsRequest& request) {
  ASSIGN_OR_RETURN(const store::Wanted wanted, ReadWanted(request));
  // Waiting is of this world, whatever clock the jobs go by.
  const absl::Time until = absl::Now() + ToDuration(request.wait());
  bool sign_of_life = HasToBeSeen(wanted, clock_());
  std::optional<ReadySignal::Waiter> waiter;
  if (request.has_wait()) waiter.emplace(signal_, wanted.queue);
  while (true) {
    ASSIGN_OR_RETURN(std::vector<v1::LeasedJob> jobs, Lease(call, wanted, sign_of_life));
    sign_of_life = false;
    const absl::Time now = absl::Now();
    if (!jobs.empty() || !waiter.has_value() || now >= until || call.Cancelled() ||
        signal_.stopped()) {
      v1::LeaseJobsResponse response;
      for (v1::LeasedJob& job : jobs) {
        start_delay_.Observe(
            std::max(clock_() - timestamps::FromProto(job.run_at()), absl::ZeroDuration()));
        *response.add_jobs() = std::move(job);
      }
      return response;
    }
    RETURN_IF_ERROR(call.MayWait(Call::Wait::kStorage));
    // Short, to notice a caller that has gone.
    waiter->Wait(std::min(until, now + absl::Seconds(1)));
  }
}

absl::StatusOr<v1::ExtendLeasesResponse> WorkerService::ExtendLeases(
    const Call& call, const v1::ExtendLeasesRequest& request) {
  RETURN_IF_ERROR(CheckItems(request.leases(), "leases"));
  status::FieldViolations bad;
  const absl::Duration time = LeaseTimeOf(request.lease_time(), request.has_lease_time(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  store::Leases leases;
  for (const v1::Lease& lease : request.leases()) {
    leases.ids.push_back(lease.job_id());
    leases.fences.push_back(lease.fencing_token());
  }
  ASSIGN_OR_RETURN(const auto held, database_.Write(call, [&](Transaction& tx) {
    return store::Extend(tx, leases, time, timestamps::WholeMicroseconds(clock_()));
  }));
  v1::ExtendLeasesResponse response;
  std::set<int64_t> alive;
  for (const auto& [id, cancel_requested] : held) {
    alive.insert(id);
    if (cancel_requested) response.add_cancelled_job_ids(id);
  }
  for (const int64_t id : leases.ids) {
    if (!alive.contains(id)) response.add_lost_job_ids(id);
  }
  return response;
}

absl::StatusOr<v1::CompleteJobsResponse> WorkerService::CompleteJobs(
    const Call& call, const v1::CompleteJobsRequest& request) {
  RETURN_IF_ERROR(CheckItems(request.completions(), "completions"));
  status::FieldViolations bad;
  for (int i = 0; i < request.completions_size(); ++i) {
    if (request.completions(i).result().ByteSizeLong() > kMaxPayloadBytes) {
      bad.Add(absl::StrCat("completions[", i, "].result"),
              absl::StrCat("must be at most ", kMaxPayloadBytes, " bytes"));
    }
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const std::vector<int64_t> lost, database_.Write(call, [&](Transaction& tx) {
    return queue::CompleteJobs(tx, request.completions(), timestamps::WholeMicroseconds(clock_()),
                               signal_);
  }));
  v1::CompleteJobsResponse response;
  response.mutable_lost_job_ids()->Add(lost.begin(), lost.end());
  return response;
}

absl::StatusOr<v1::FailJobsResponse> WorkerService::FailJobs(const Call& call,
                                                             const v1::FailJobsRequest& request) {
  RETURN_IF_ERROR(CheckItems(request.failures(), "failures"));
  status::FieldViolations bad;
  for (int i = 0; i < request.failures_size(); ++i) {
    const v1::Failure& failure = request.failures(i);
    const std::string field = absl::StrCat("failures[", i, "]");
    const absl::Duration after = ToDuration(failure.retry_after());
    if (after < absl::ZeroDuration() || after > kLongestDelay) {
      bad.Add(absl::StrCat(field, ".retry_after"), "must be 0 s to 30 days");
    }
    if (failure.permanent() && failure.not_counted()) {
      bad.Add(absl::StrCat(field, ".not_counted"), "must not be set together with permanent");
    }
  }
  RETURN_IF_ERROR(bad.ToStatus());
  absl::BitGen random;
  ASSIGN_OR_RETURN(const FailedJobs failed, database_.Write(call, [&](Transaction& tx) {
    return queue::FailJobs(tx, request.failures(), timestamps::WholeMicroseconds(clock_()), random,
                           signal_);
  }));
  v1::FailJobsResponse response;
  response.mutable_lost_job_ids()->Add(failed.lost.begin(), failed.lost.end());
  response.mutable_dead_job_ids()->Add(failed.dead.begin(), failed.dead.end());
  return response;
}

absl::StatusOr<v1::ReportProgressResponse> WorkerService::ReportProgress(
    const Call& call, const v1::ReportProgressRequest& request) {
  status::FieldViolations bad;
  // Written so that it refuses what is no number, too.
  if (!(request.progress_percent() >= 0 && request.progress_percent() <= 100)) {
    bad.Add("progress_percent", "must be 0 to 100");
  }
  if (text::Characters(request.progress_note()) > kMaxNote) {
    bad.Add("progress_note", absl::StrCat("must be at most ", kMaxNote, " characters"));
  }
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(
      const std::optional<store::Progress> progress, database_.Write(call, [&](Transaction& tx) {
        return store::SaveProgress(tx, request, timestamps::WholeMicroseconds(clock_()));
      }));
  if (!progress.has_value()) {
    return status::Error(mesh::v1::ERROR_CODE_JOB_NOT_FOUND, "the lease of the job is lost");
  }
  v1::ReportProgressResponse response;
  *response.mutable_lease_until() = timestamps::ToProto(progress->lease_until);
  response.set_cancel_requested(progress->cancel_requested);
  return response;
}

}  // namespace selfology::queue
