// Wakes workers that wait for a job.
//
//   ReadySignal signal(&FindReady);                      // Asks the database.
//   mesh.Run("queue.ready", [&](service::StopSignal& stop) { signal.Watch(stop); });
//   ...
//   signal.Notify("mail");                               // After the commit that made a job ready.
//   ReadySignal::Waiter waiter(signal, "mail");          // Before it looks for the first time.
//   while (nothing found) waiter.Wait(until);
//
// A job that this process makes ready wakes at once; one of another process, or one whose time
// comes, is found by Watch, which looks every 100 ms while somebody waits, and when the next job is
// due: at that very time, or within 10 ms where jobs are due one right after the other.
//
// Threads: thread-safe; one Watch at a time; a Waiter is one thread's.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/service/stop_signal.h"

namespace selfology::queue {

class ReadySignal {
 public:
  // Of these queues: those with jobs to be had now, and when the next job of them all is due that is
  // not yet.
  struct Found {
    std::vector<std::string> ready;
    absl::Time next_due = absl::InfiniteFuture();
  };
  using Find = std::function<absl::StatusOr<Found>(const std::vector<std::string>& queues)>;

  ReadySignal(Find find, std::function<absl::Time()> clock);

  void Notify(std::string_view queue);

  // One who waits for a queue. The signal outlives it.
  class Waiter {
   public:
    Waiter(ReadySignal& signal, std::string_view queue);
    ~Waiter();
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;

    // Until the queue is notified, or was since the last Wait or the constructor, or the time has
    // come; at once when Watch has ended.
    void Wait(absl::Time until);

   private:
    ReadySignal& signal_;
    const std::string queue_;
    int64_t seen_ = 0;
  };

  // Whether Watch has ended: nobody should wait any more.
  bool stopped() const;

  void Watch(service::StopSignal& stop);

 private:
  struct Queue {
    int waiting = 0;
    int64_t notified = 0;  // How often.
  };

  std::vector<std::string> Waiting() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);
  void NotifyLocked(std::string_view queue) ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_);

  const Find find_;
  const std::function<absl::Time()> clock_;
  mutable absl::Mutex mutex_;
  absl::CondVar changed_;   // For those who wait.
  absl::CondVar somebody_;  // For Watch.
  std::map<std::string, Queue, std::less<>> queues_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
};

}  // namespace selfology::queue
