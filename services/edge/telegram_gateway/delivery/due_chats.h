// Schedules work on chats, now or later: one thread at a time per chat, different chats in
// parallel.
//
//   DueChats due({.threads = 16, .clock = clock,
//                 .work = [&](int64_t chat) { return SendWhatIsDue(chat); },
//                 .look = [&](absl::Time now) { for (...) due.Wake(chat); }});
//   due.Wake(chat_id);                  // There may be something to do in this chat.
//   due.Run(stop);                      // All the time.
//
// `work` does all that there is to do in a chat and gives the time at which to come back; infinite:
// when woken. After an error it comes back when woken. `look` finds in a table, about once a
// second, what others have left behind. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/executor/worker_pool.h"
#include "common/service/stop_signal.h"

namespace selfology::telegram_gateway {

class DueChats {
 public:
  struct Options {
    int threads = 1;
    std::function<absl::Time()> clock = {};
    std::function<absl::StatusOr<absl::Time>(int64_t chat_id)> work = {};
    std::function<void(absl::Time now)> look = {};
  };

  explicit DueChats(Options options) : options_(std::move(options)), workers_(options_.threads) {}
  ~DueChats() { Stop(); }

  // Returns at once.
  void Wake(int64_t chat_id);
  void WakeAt(int64_t chat_id, absl::Time at);

  // Wakes chats whose time has come and looks into the table, until stopped; then what is being
  // done is finished, and nothing else is begun.
  void Run(service::StopSignal& stop);
  void Stop();
  bool stopped() const;

 private:
  enum class State { kRunning, kWokenAgain };

  void WorkOn(int64_t chat_id);
  void WakeThoseDue(absl::Time now);

  const Options options_;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<int64_t, State> states_ ABSL_GUARDED_BY(mutex_);
  std::set<std::pair<absl::Time, int64_t>> appointments_ ABSL_GUARDED_BY(mutex_);
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  executor::WorkerPool workers_;  // Last: its threads use the rest.
};

}  // namespace selfology::telegram_gateway
