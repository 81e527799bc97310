// Functions that run every so often, all watched by one thread.
//
//   executor::PeriodicTimers timers(&pool);
//   timers.Every(absl::Minutes(5), "session.timeouts", [&] { ExpireIdleSessions(); });
//   timers.Stop();           // none of them runs any more
//
// A function runs first one period after it was added, then each period, on the worker pool
// (without one, on the watching thread, where a slow function delays the others). It never runs
// beside itself: a turn that comes while the last one still runs is left out. Turns missed while
// the process was held up are not made up for.
//
// Threads: thread-safe; a function must not call Stop or Cancel.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/executor/worker_pool.h"

namespace selfology::executor {

class PeriodicTimers {
 public:
  using Id = int64_t;

  // pool outlives the timers; null: none.
  explicit PeriodicTimers(WorkerPool* pool, std::function<absl::Time()> clock = &absl::Now);
  ~PeriodicTimers();  // Stops.
  PeriodicTimers(const PeriodicTimers&) = delete;
  PeriodicTimers& operator=(const PeriodicTimers&) = delete;

  // period > 0.
  Id Every(absl::Duration period, std::string name, std::function<void()> function);

  // When it returns, the function does not run and will not.
  void Cancel(Id id);

  // The same for all of them; Every does nothing from then on.
  void Stop();

  struct Health {
    std::string name;
    absl::Time next;
    int64_t runs = 0;     // Ended.
    int64_t skipped = 0;  // Turns left out because the last one still ran.
    bool running = false;
  };
  std::map<Id, Health> Report() const;

  // Has the clock looked at again: a test's clock moves without waking anyone.
  void Wake();

 private:
  struct Timer;
  class Turn;

  void Watch();
  // Begins the turns that are due. The result must be let go of without holding mutex_.
  std::vector<std::shared_ptr<Turn>> TakeDue(absl::Time now) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  WorkerPool* const pool_;
  const std::function<absl::Time()> clock_;
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  Id next_id_ ABSL_GUARDED_BY(mutex_) = 1;
  std::map<Id, std::shared_ptr<Timer>> timers_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::executor
