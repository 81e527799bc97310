#include "common/relay/relay.h"

#include <algorithm>
#include <utility>

#include "absl/time/clock.h"
#include "common/observe/log.h"
#include "common/redis/reply.h"
#include "common/relay/leader.h"
#include "common/relay/maintenance.h"
#include "common/relay/shared.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::relay {
namespace {

constexpr absl::Duration kConnectTimeout = absl::Seconds(10);

// 0.5 ms to 30 s: what passes here takes about a millisecond.
const observe::Buckets& LagBuckets() {
  static const observe::Buckets& buckets =
      *new observe::Buckets{0.0005, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.5, 1, 5, 30};
  return buckets;
}

absl::Status Standby() {
  return status::Error(absl::StatusCode::kUnavailable, "RELAY_STANDBY", "another relay leads");
}

}  // namespace

RelayShared::RelayShared(observe::Metrics& metrics)
    : published(metrics.Counter("event_outbox_published_total", "Events published to the streams")),
      republished(metrics.Counter("event_outbox_republished_total",
                                  "Events published again, after a loss in Redis or on request")),
      failed(metrics.Counter("event_outbox_failed_total",
                             "Failed attempts to publish a batch of events")),
      pending(
          metrics.Gauge("event_outbox_pending_count", "Events committed and not yet published")),
      retained_wal(metrics.Gauge("event_outbox_retained_wal_bytes",
                                 "Write-ahead log that PostgreSQL keeps for the relay, in bytes")),
      lag(metrics.Histogram("event_outbox_lag_seconds",
                            "Time from a commit until its events are in the streams",
                            LagBuckets())),
      metrics(metrics) {}

void RelayShared::Failed(std::string_view part, const absl::Status& failure) {
  if (stopping) return;
  std::string kind = redis::ErrorKind(failure);
  if (kind.empty()) kind = absl::StatusCodeToString(failure.code());
  metrics
      .Counter("event_outbox_errors_total", "Failures of the relay that are retried",
               {{"part", std::string(part)}, {"kind", kind}})
      .Increment();
  observe::Warning("relay failed; retrying", {{"part", part}, {"status", failure}});
  const bool publishing = part == "redis";
  if (publishing) failed.Increment();
  absl::MutexLock lock(&mutex);
  if (publishing) ++status.failed_total;
  status.last_error = failure.ToString();
}

void RelayShared::SetMode(Mode mode) {
  absl::MutexLock lock(&mutex);
  status.mode = mode;
}

Relay::Relay(Options options, redis::Client& redis, observe::Metrics& metrics)
    : options_(std::move(options)),
      redis_(redis),
      shared_(std::make_unique<RelayShared>(metrics)) {}

Relay::~Relay() { Stop(); }

void Relay::Start() {
  thread_ = std::thread([this] { Run(); });
}

void Relay::Stop() {
  {
    absl::MutexLock lock(&shared_->mutex);
    shared_->stopping = true;
  }
  shared_->wake.Signal();
  if (thread_.joinable()) thread_.join();
}

RelayStatus Relay::status() const {
  absl::MutexLock lock(&shared_->mutex);
  return shared_->status;
}

absl::StatusOr<int64_t> Relay::CountReplay(const Call& call, const ReplayFilter& filter) const {
  ASSIGN_OR_RETURN(const std::unique_ptr<OutboxReader> outbox,
                   OutboxReader::Open(call, options_.database_url, options_.role));
  ASSIGN_OR_RETURN(const Instant now, outbox->Now(call));
  return outbox->CountMatching(call, now.snapshot, filter);
}

absl::StatusOr<int64_t> Relay::Replay(const Call& call, ReplayFilter filter) {
  auto job = std::make_shared<ReplayJob>();
  job->filter = std::move(filter);
  {
    absl::MutexLock lock(&shared_->mutex);
    if (!shared_->leads) return Standby();
    shared_->replays.push_back(job);
  }
  shared_->wake.Signal();
  absl::MutexLock lock(&job->mutex);
  const auto done = [&job]() ABSL_EXCLUSIVE_LOCKS_REQUIRED(job->mutex) {
    return job->result.has_value();
  };
  while (!job->mutex.AwaitWithTimeout(absl::Condition(&done), absl::Milliseconds(100))) {
    if (call.Cancelled()) return absl::CancelledError("the call was cancelled");
    if (call.Remaining() <= absl::ZeroDuration()) {
      return absl::DeadlineExceededError("the replay continues without its caller");
    }
  }
  return *job->result;
}

void Relay::Run() {
  int failures = 0;
  while (!shared_->stopping) {
    const absl::Time began = absl::Now();
    const absl::Status status = RunOnce();
    if (shared_->stopping) break;
    shared_->SetMode(Mode::kStarting);
    shared_->Failed("database", status);
    if (absl::Now() - began > absl::Minutes(1)) failures = 0;
    const size_t step = std::min<size_t>(failures++, options_.backoff.size() - 1);
    absl::MutexLock lock(&shared_->mutex);
    const auto stopping = [this] { return shared_->stopping.load(); };
    shared_->mutex.AwaitWithTimeout(absl::Condition(&stopping), options_.backoff[step]);
  }
}

absl::Status Relay::CountAsStandby(OutboxReader& outbox) {
  const Call call = shared_->CallFor(kConnectTimeout);
  ASSIGN_OR_RETURN(const Progress progress, outbox.ReadProgress(call));
  ASSIGN_OR_RETURN(const Backlog backlog, outbox.CountNew(call, progress.published));
  absl::MutexLock lock(&shared_->mutex);
  shared_->status.pending_events = backlog.events;
  shared_->status.lag = backlog.oldest ? absl::Now() - *backlog.oldest : absl::ZeroDuration();
  return absl::OkStatus();
}

absl::Status Relay::RunOnce() {
  ASSIGN_OR_RETURN(
      const std::unique_ptr<OutboxReader> outbox,
      OutboxReader::Open(shared_->CallFor(kConnectTimeout), options_.database_url, options_.role));
  absl::Time next_count = absl::InfinitePast();
  while (true) {
    ASSIGN_OR_RETURN(const bool leads, outbox->TryLead(shared_->CallFor(kConnectTimeout)));
    if (leads) break;
    shared_->SetMode(Mode::kStandby);
    if (absl::Now() >= next_count) {
      RETURN_IF_ERROR(CountAsStandby(*outbox));
      next_count = absl::Now() + options_.count_every;
    }
    absl::MutexLock lock(&shared_->mutex);
    const auto stopping = [this] { return shared_->stopping.load(); };
    if (shared_->mutex.AwaitWithTimeout(absl::Condition(&stopping), options_.standby_poll)) {
      return absl::OkStatus();
    }
  }
  observe::Info("this replica became the active relay");
  absl::Status status;
  {
    Leader leader(options_, redis_, *shared_, *outbox);
    Maintenance maintenance(options_, redis_, *shared_);
    {
      absl::MutexLock lock(&shared_->mutex);
      shared_->leads = true;
    }
    status = leader.Run();
  }
  std::deque<std::shared_ptr<ReplayJob>> abandoned;
  {
    absl::MutexLock lock(&shared_->mutex);
    shared_->leads = false;
    abandoned.swap(shared_->replays);
  }
  for (const std::shared_ptr<ReplayJob>& job : abandoned) job->Finish(Standby());
  return status;
}

}  // namespace selfology::relay
