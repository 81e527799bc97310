// Threads for work that blocks: made when needed, gone when idle.
//
//   executor::WorkerPool pool({.max_threads = 64});
//   pool.Submit([&] { Handle(event); });
//   pool.Drain();            // all that was submitted has run
//
// Tasks begin in the order of submission, at most max_threads at a time; the queue has no bound, so
// whoever submits bounds what is in flight. A thread without work for `idle` ends, so a quiet
// process has none. Tasks must not throw, and must not call Drain or Stop.
//
// Threads: thread-safe.
#pragma once

#include <cstddef>
#include <deque>
#include <functional>
#include <map>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::executor {

class WorkerPool {
 public:
  struct Options {
    int max_threads = 64;
    absl::Duration idle = absl::Seconds(10);
  };

  explicit WorkerPool(Options options) : options_(options) {}
  explicit WorkerPool(int max_threads) : WorkerPool(Options{.max_threads = max_threads}) {}
  ~WorkerPool();  // Stops.
  WorkerPool(const WorkerPool&) = delete;
  WorkerPool& operator=(const WorkerPool&) = delete;

  // False once Stop was called: the task will not run.
  bool Submit(std::function<void()> task);

  // Waits until nothing is queued or running, however long newcomers keep coming; false: it did not
  // happen until then.
  bool Drain(absl::Time deadline = absl::InfiniteFuture());

  // Takes no more tasks, drops those that have not begun, waits for those that have. Gives how many
  // were dropped.
  size_t Stop();

  int threads() const;  // Alive now.
  size_t queued() const;

  // Waits until `count` threads are alive.
  void AwaitThreadsForTest(int count) const;

 private:
  void Work(int id);

  const Options options_;
  mutable absl::Mutex mutex_;
  std::deque<std::function<void()>> queue_ ABSL_GUARDED_BY(mutex_);
  int waiting_ ABSL_GUARDED_BY(mutex_) = 0;  // Threads without a task.
  int running_ ABSL_GUARDED_BY(mutex_) = 0;  // Tasks.
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  int next_id_ ABSL_GUARDED_BY(mutex_) = 0;
  std::map<int, std::thread> threads_ ABSL_GUARDED_BY(mutex_);
  std::vector<std::thread> ended_ ABSL_GUARDED_BY(mutex_);  // To be joined.
};

}  // namespace selfology::executor
