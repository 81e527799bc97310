// Who runs what has been read, and what of it together.

#include <algorithm>
#include <cstdint>
#include <iterator>
#include <utility>

#include "absl/time/clock.h"
#include "common/events/consumer.h"

namespace selfology::events {
namespace {

// Workers that run several events each: more would only wait for each other in the database. Those
// of a group that gathers may wait long for their turn there, and what comes meanwhile joins.
constexpr int kTogetherAtOnce = 4;
constexpr int kTogetherAtOnceGathering = 2;  // One may be stuck.
// About how long a transaction of several events may take: others wait for its rows, and its first
// event for its last. A few always share one, or nobody would notice that it has become quicker.
constexpr absl::Duration kTogetherTime = absl::Milliseconds(20);
constexpr int64_t kTogetherAlways = 4;
// A worker that takes so many times as long as usual, and at least so long, is stuck or robbed of
// its core: the others need not wait for it.
constexpr int kOverdue = 3;
constexpr absl::Duration kSoonestOverdue = absl::Milliseconds(1);

}  // namespace

void Consumer::RunQueues() {
  absl::MutexLock lock(&mutex_);
  LaunchLocked();
}

void Consumer::LaunchLocked() {
  if (draining_) return;
  while (running_ < options_.concurrency) {
    Job job = TakeLocked();
    if (job.users.empty()) break;
    ++running_;
    workers_.Submit([this, job = std::move(job)]() mutable { Work(std::move(job)); });
  }
}

bool Consumer::MustBeAlone(int64_t user) {
  return options_.together <= 1 || runner_->RunsAlone(queues_.Front(user));
}

Consumer::Job Consumer::TakeLocked() {
  const absl::Time now = absl::Now();
  const auto ready = static_cast<int64_t>(queues_.CountReady(now));
  const std::optional<int64_t> first = queues_.NextReady(now);
  if (!first.has_value()) return {};
  Job job = {.users = {*first}, .due = {}};
  if (MustBeAlone(*first)) {
    queues_.Front(*first).alone = true;
    return job;
  }
  // No more than are soon done.
  const int64_t mean = absl::ToInt64Nanoseconds(runner_->MeanTogether());
  const int64_t quick = absl::ToInt64Nanoseconds(kTogetherTime) / (mean + 1);
  const int64_t most = std::min(int64_t{options_.together}, std::max(quick, kTogetherAlways));
  // One worker, even for single events: what comes while it is busy will share a transaction. More
  // only for more than one transaction may hold, or if that one takes too long.
  const int64_t wanted = 1 + ready / most;
  const auto in_time = std::distance(together_due_.lower_bound(now), together_due_.end());
  const auto running = static_cast<int>(together_due_.size());
  const int at_once = gather_ > absl::ZeroDuration() ? kTogetherAtOnceGathering : kTogetherAtOnce;
  if (in_time >= wanted || running >= std::min(at_once, options_.concurrency)) {
    queues_.PutBack(*first);
    return {};
  }
  if (now < gathered_at_ && ready < most) {
    queues_.PutBack(*first);
    if (!std::exchange(gathering_, true)) loop_has_work_.Signal();
    return {};
  }
  gathered_at_ = now + gather_;
  while (static_cast<int64_t>(job.users.size()) < most) {
    const std::optional<int64_t> next = queues_.NextReady(now);
    if (!next.has_value()) break;
    if (MustBeAlone(*next)) {
      queues_.PutBack(*next);
      break;
    }
    job.users.push_back(*next);
  }
  const auto usual = absl::Nanoseconds(mean * static_cast<int64_t>(job.users.size()));
  job.due = now + std::max(kOverdue * usual, kSoonestOverdue);
  together_due_.insert(*job.due);
  // Users' rows are locked in one order whoever locks them, here and in the service's other groups.
  std::sort(job.users.begin(), job.users.end());
  return job;
}

void Consumer::Work(Job job) {
  while (!job.users.empty()) {
    if (job.users.size() == 1) {
      RunAlone(job.users.front());
    } else {
      RunTogether(job.users);
    }
    absl::MutexLock lock(&mutex_);
    if (job.due.has_value()) together_due_.erase(together_due_.find(*job.due));
    // What became ready meanwhile need not wait for the reader.
    job = draining_ ? Job() : TakeLocked();
    if (job.users.empty()) {
      --running_;
    } else {
      LaunchLocked();
    }
  }
}

void Consumer::RunTogether(absl::Span<const int64_t> users) {
  // The queues are marked running: nobody else touches their fronts.
  std::vector<const Delivery*> deliveries;
  {
    absl::MutexLock lock(&mutex_);
    for (const int64_t user : users) deliveries.push_back(&queues_.Front(user));
  }
  const bool done = runner_->RunTogether(deliveries);

  absl::MutexLock lock(&mutex_);
  for (const int64_t user : users) {
    if (done) {
      DoneLocked(user);
    } else {
      queues_.Front(user).alone = true;
      queues_.PutBack(user);
    }
  }
}

void Consumer::RunAlone(int64_t user) {
  const Delivery* delivery = nullptr;
  {
    absl::MutexLock lock(&mutex_);
    delivery = &queues_.Front(user);
  }
  const EventRunner::Result result = runner_->Run(*delivery);

  absl::MutexLock lock(&mutex_);
  Delivery& front = queues_.Front(user);
  switch (result.outcome) {
    case EventRunner::Outcome::kDone:
      DoneLocked(user);
      break;
    case EventRunner::Outcome::kRetry:
      queues_.RetryAt(user, absl::Now() + std::max(options_.backoff[front.attempts], result.after));
      ++front.attempts;
      loop_has_work_.Signal();
      break;
    case EventRunner::Outcome::kWaiting:
      queues_.RetryAt(user, absl::Now() + options_.backoff.front());
      loop_has_work_.Signal();
      break;
  }
}

void Consumer::DoneLocked(int64_t user) {
  const Delivery& front = queues_.Front(user);
  if (const auto held = held_partitions_.find(front.partition); held != held_partitions_.end()) {
    held->second.window.Finished(front.id);
    if (!held->second.following) loop_has_work_.Signal();
  }
  queues_.Pop(user);
  unfinished_.Set(static_cast<double>(queues_.size()));
}

}  // namespace selfology::events
