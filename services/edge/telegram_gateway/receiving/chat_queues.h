// Work in queues: that of one chat in order, one piece at a time; that of different chats in
// parallel.
//
//   ChatQueues queues(32);
//   queues.Submit(chat_id, [&] { Handle(update); });
//
// Threads: thread-safe; work must not call Stop.
#pragma once

#include <cstdint>
#include <deque>
#include <functional>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "common/executor/worker_pool.h"

namespace selfology::telegram_gateway {

class ChatQueues {
 public:
  explicit ChatQueues(int max_threads) : workers_(max_threads) {}
  ~ChatQueues() { Stop(); }

  // False once stopped: the work will not be done.
  bool Submit(int64_t chat_id, std::function<void()> work);

  // Lets what has begun end, and destroys the rest. Idempotent.
  void Stop();

 private:
  void Run(int64_t chat_id);

  absl::Mutex mutex_;
  bool stopped_ ABSL_GUARDED_BY(mutex_) = false;
  // Queues with work; the first of each is being done or about to be.
  absl::flat_hash_map<int64_t, std::deque<std::function<void()>>> queues_ ABSL_GUARDED_BY(mutex_);
  executor::WorkerPool workers_;
};

}  // namespace selfology::telegram_gateway
