#include "common/executor/periodic_timers.h"

#include <algorithm>
#include <utility>
#include <vector>

namespace selfology::executor {

// All but the constants are guarded by the owner's mutex_.
struct PeriodicTimers::Timer {
  const std::string name;
  const absl::Duration period;
  const std::function<void()> function;
  absl::Time next;
  int64_t runs = 0;
  int64_t skipped = 0;
  bool running = false;  // A turn is queued or under way.
  bool cancelled = false;
};

// Ends a turn when it goes, also if the pool drops it unrun.
class PeriodicTimers::Turn {
 public:
  Turn(PeriodicTimers* timers, std::shared_ptr<Timer> timer)
      : timers_(timers), timer_(std::move(timer)) {}
  Turn(const Turn&) = delete;
  Turn& operator=(const Turn&) = delete;
  ~Turn() {
    absl::MutexLock lock(&timers_->mutex_);
    timer_->running = false;
  }

  void Run() {
    {
      absl::MutexLock lock(&timers_->mutex_);
      if (timer_->cancelled) return;
    }
    timer_->function();
    absl::MutexLock lock(&timers_->mutex_);
    ++timer_->runs;
  }

 private:
  PeriodicTimers* const timers_;
  const std::shared_ptr<Timer> timer_;
};

PeriodicTimers::PeriodicTimers(WorkerPool* pool, std::function<absl::Time()> clock)
    : pool_(pool), clock_(std::move(clock)), thread_(&PeriodicTimers::Watch, this) {}

PeriodicTimers::~PeriodicTimers() { Stop(); }

PeriodicTimers::Id PeriodicTimers::Every(absl::Duration period, std::string name,
                                         std::function<void()> function) {
  const absl::Time next = clock_() + period;
  absl::MutexLock lock(&mutex_);
  const Id id = next_id_++;
  if (stopped_) return id;
  timers_.emplace(id, std::make_shared<Timer>(Timer{.name = std::move(name),
                                                    .period = period,
                                                    .function = std::move(function),
                                                    .next = next}));
  changed_.SignalAll();
  return id;
}

void PeriodicTimers::Cancel(Id id) {
  absl::MutexLock lock(&mutex_);
  const auto found = timers_.find(id);
  if (found == timers_.end()) return;
  const std::shared_ptr<Timer> timer = found->second;
  timers_.erase(found);
  timer->cancelled = true;
  mutex_.Await(absl::Condition(+[](Timer* timer) { return !timer->running; }, timer.get()));
}

void PeriodicTimers::Stop() {
  std::map<Id, std::shared_ptr<Timer>> timers;
  std::thread watcher;
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    timers.swap(timers_);
    for (const auto& [id, timer] : timers) timer->cancelled = true;
    watcher.swap(thread_);
    changed_.SignalAll();
  }
  if (watcher.joinable()) watcher.join();
  const auto none_runs = [&] {
    return std::none_of(timers.begin(), timers.end(),
                        [](const auto& entry) { return entry.second->running; });
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&none_runs));
}

std::map<PeriodicTimers::Id, PeriodicTimers::Health> PeriodicTimers::Report() const {
  absl::MutexLock lock(&mutex_);
  std::map<Id, Health> report;
  for (const auto& [id, timer] : timers_) {
    report.emplace(id, Health{.name = timer->name,
                              .next = timer->next,
                              .runs = timer->runs,
                              .skipped = timer->skipped,
                              .running = timer->running});
  }
  return report;
}

void PeriodicTimers::Wake() {
  absl::MutexLock lock(&mutex_);
  changed_.SignalAll();
}

void PeriodicTimers::Watch() {
  while (true) {
    std::vector<std::shared_ptr<Turn>> due;
    {
      absl::MutexLock lock(&mutex_);
      if (stopped_) return;
      const absl::Time now = clock_();
      due = TakeDue(now);
      if (due.empty()) {
        absl::Time next = absl::InfiniteFuture();
        for (const auto& [id, timer] : timers_) next = std::min(next, timer->next);
        changed_.WaitWithTimeout(&mutex_, next - now);
        continue;
      }
    }
    for (std::shared_ptr<Turn>& turn : due) {
      if (pool_ == nullptr) {
        turn->Run();
        turn = nullptr;  // The next one may take long; this one is over.
      } else {
        pool_->Submit([turn = std::move(turn)] { turn->Run(); });
      }
    }
  }
}

std::vector<std::shared_ptr<PeriodicTimers::Turn>> PeriodicTimers::TakeDue(absl::Time now) {
  std::vector<std::shared_ptr<Turn>> due;
  for (const auto& [id, timer] : timers_) {
    if (timer->next > now) continue;
    absl::Duration late;
    const int64_t missed = absl::IDivDuration(now - timer->next, timer->period, &late);
    timer->next += timer->period * (missed + 1);
    if (timer->running) {
      ++timer->skipped;
      continue;
    }
    timer->running = true;
    due.push_back(std::make_shared<Turn>(this, timer));
  }
  return due;
}

}  // namespace selfology::executor
