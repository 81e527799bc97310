// One queue a user: a user's events run one after the other, different users' beside each other.
//
//   queues.Push(delivery);
//   while (auto user = queues.NextReady(now)) workers.Submit([=] { run queues.Front(*user) ... });
//   queues.Pop(user);                      // done: the next of that user, if any, becomes ready
//   queues.RetryAt(user, now + backoff);   // failed: the queue waits, its front stays
//
// Time is passed in. Pure; not thread-safe.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"
#include "common/events/envelope.h"

namespace selfology::events {

// An event as read from the stream.
struct Delivery {
  int partition = 0;
  EntryId id;
  bool possibly_redelivered = false;
  Envelope envelope = {};
  int attempts = 0;    // Failed so far.
  bool alone = false;  // It failed, or another did, when it shared a transaction.
};

class UserQueues {
 public:
  void Push(Delivery delivery);

  // A user whose queue has an event to run at `now` and none running; marks it running.
  std::optional<int64_t> NextReady(absl::Time now);
  // Takes that back: the queue is the first of the ready ones again.
  void PutBack(int64_t user);
  // Queues that are ready at `now`.
  size_t CountReady(absl::Time now);

  // Of a running queue. The reference holds until Pop or Drop of the same user.
  Delivery& Front(int64_t user);
  void Pop(int64_t user);
  void RetryAt(int64_t user, absl::Time time);

  // Forgets what has not begun, of the partitions that `lost` names; running ones end by Pop as
  // usual.
  void Drop(const std::function<bool(int partition)>& lost);

  // When the next waiting queue becomes ready; InfiniteFuture when none waits.
  absl::Time NextRetry() const;
  size_t size() const { return size_; }

 private:
  void Awaken(absl::Time now);

  struct Queue {
    std::deque<Delivery> events;
    bool running = false;
  };
  absl::flat_hash_map<int64_t, Queue> queues_;
  std::deque<int64_t> ready_;
  std::set<std::pair<absl::Time, int64_t>> waiting_;
  size_t size_ = 0;
};

}  // namespace selfology::events
