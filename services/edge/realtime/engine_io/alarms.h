// Functions that run once, at a time, on one thread of their own.
//
//   Alarms alarms;
//   alarms.At(absl::Now() + absl::Seconds(25), [weak] { ... });   // must be quick
//   alarms.Stop();                                                // none runs any more
//
// Threads: thread-safe; a function may call At, not Stop.
#pragma once

#include <functional>
#include <map>
#include <thread>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"

namespace selfology::realtime::engine_io {

class Alarms {
 public:
  Alarms() : thread_([this] { Run(); }) {}
  ~Alarms() { Stop(); }
  Alarms(const Alarms&) = delete;
  Alarms& operator=(const Alarms&) = delete;

  void At(absl::Time when, std::function<void()> function) {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return;
    const auto added = alarms_.emplace(when, std::move(function));
    if (added == alarms_.begin()) changed_.Signal();
  }

  // Drops those that are not due.
  void Stop() {
    {
      absl::MutexLock lock(&mutex_);
      stopped_ = true;
      changed_.Signal();
    }
    if (thread_.joinable()) thread_.join();
    // What they hold may be the last of what calls At.
    std::multimap<absl::Time, std::function<void()>> dropped;
    absl::MutexLock lock(&mutex_);
    dropped.swap(alarms_);
  }

 private:
  void Run() {
    absl::MutexLock lock(&mutex_);
    while (!stopped_) {
      const absl::Time next = alarms_.empty() ? absl::InfiniteFuture() : alarms_.begin()->first;
      if (next > absl::Now()) {
        changed_.WaitWithDeadline(&mutex_, next);
        continue;
      }
      const std::function<void()> function = std::move(alarms_.begin()->second);
      alarms_.erase(alarms_.begin());
      mutex_.Unlock();
      function();
      mutex_.Lock();
    }
  }

  absl::Mutex mutex_;
  absl::CondVar changed_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  std::multimap<absl::Time, std::function<void()>> alarms_ ABSL_GUARDED_BY(mutex_);
  std::thread thread_;
};

}  // namespace selfology::realtime::engine_io
