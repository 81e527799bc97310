#include "services/platform/queue/ready_signal.h"

#include <algorithm>
#include <utility>

namespace selfology::queue {
namespace {

constexpr absl::Duration kLook = absl::Milliseconds(100);
// After somebody was woken: what is due next waits for as long, and goes with what is due by then.
constexpr absl::Duration kRest = absl::Milliseconds(10);

}  // namespace

ReadySignal::ReadySignal(Find find, std::function<absl::Time()> clock)
    : find_(std::move(find)), clock_(std::move(clock)) {}

void ReadySignal::Notify(std::string_view queue) {
  const absl::MutexLock lock(&mutex_);
  NotifyLocked(queue);
}

void ReadySignal::NotifyLocked(std::string_view queue) {
  // Nobody waits: whoever comes later looks into the database first.
  const auto found = queues_.find(queue);
  if (found == queues_.end()) return;
  ++found->second.notified;
  changed_.SignalAll();
}

ReadySignal::Waiter::Waiter(ReadySignal& signal, std::string_view queue)
    : signal_(signal), queue_(queue) {
  const absl::MutexLock lock(&signal_.mutex_);
  Queue& waited = signal_.queues_[queue_];
  ++waited.waiting;
  seen_ = waited.notified;
  signal_.somebody_.Signal();
}

ReadySignal::Waiter::~Waiter() {
  const absl::MutexLock lock(&signal_.mutex_);
  const auto waited = signal_.queues_.find(queue_);
  if (--waited->second.waiting == 0) signal_.queues_.erase(waited);
}

void ReadySignal::Waiter::Wait(absl::Time until) {
  const absl::MutexLock lock(&signal_.mutex_);
  const Queue& waited = signal_.queues_[queue_];
  while (waited.notified == seen_ && !signal_.stopped_) {
    if (signal_.changed_.WaitWithDeadline(&signal_.mutex_, until)) break;
  }
  seen_ = waited.notified;
}

bool ReadySignal::stopped() const {
  const absl::MutexLock lock(&mutex_);
  return stopped_;
}

std::vector<std::string> ReadySignal::Waiting() const {
  std::vector<std::string> waiting;
  for (const auto& queue : queues_) waiting.push_back(queue.first);
  return waiting;
}

void ReadySignal::Watch(service::StopSignal& stop) {
  stop.OnRequest([this] {
    const absl::MutexLock lock(&mutex_);
    stopped_ = true;
    changed_.SignalAll();
    somebody_.SignalAll();
  });
  while (true) {
    std::vector<std::string> waiting;
    {
      const absl::MutexLock lock(&mutex_);
      while (!stopped_ && (waiting = Waiting()).empty()) somebody_.Wait(&mutex_);
      if (stopped_) return;
    }
    const absl::StatusOr<Found> found = find_(waiting);
    absl::Duration pause = kLook;
    if (found.ok()) {
      pause = std::clamp(found->next_due - clock_(),
                         found->ready.empty() ? absl::Milliseconds(1) : kRest, kLook);
      const absl::MutexLock lock(&mutex_);
      for (const std::string& queue : found->ready) NotifyLocked(queue);
    }
    if (stop.WaitFor(pause)) return;
  }
}

}  // namespace selfology::queue
