#include "common/events/user_queues.h"

#include <algorithm>

namespace selfology::events {

void UserQueues::Push(Delivery delivery) {
  const int64_t user = delivery.envelope.partition_key;
  Queue& queue = queues_[user];
  queue.events.push_back(std::move(delivery));
  ++size_;
  if (queue.events.size() == 1 && !queue.running) ready_.push_back(user);
}

void UserQueues::Awaken(absl::Time now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    ready_.push_back(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
}

size_t UserQueues::CountReady(absl::Time now) {
  Awaken(now);
  return ready_.size();
}

void UserQueues::PutBack(int64_t user) {
  queues_[user].running = false;
  ready_.push_front(user);
}

std::optional<int64_t> UserQueues::NextReady(absl::Time now) {
  Awaken(now);
  if (ready_.empty()) return std::nullopt;
  const int64_t user = ready_.front();
  ready_.pop_front();
  queues_[user].running = true;
  return user;
}

Delivery& UserQueues::Front(int64_t user) { return queues_[user].events.front(); }

void UserQueues::Pop(int64_t user) {
  const auto queue = queues_.find(user);
  queue->second.running = false;
  queue->second.events.pop_front();
  --size_;
  if (queue->second.events.empty()) {
    queues_.erase(queue);
  } else {
    ready_.push_back(user);
  }
}

void UserQueues::RetryAt(int64_t user, absl::Time time) {
  queues_[user].running = false;
  waiting_.emplace(time, user);
}

void UserQueues::Drop(const std::function<bool(int)>& lost) {
  for (auto entry = queues_.begin(); entry != queues_.end();) {
    std::deque<Delivery>& queue = entry->second.events;
    const auto begin = queue.begin() + (entry->second.running ? 1 : 0);
    const auto kept = std::remove_if(
        begin, queue.end(), [&](const Delivery& delivery) { return lost(delivery.partition); });
    size_ -= static_cast<size_t>(queue.end() - kept);
    queue.erase(kept, queue.end());
    if (queue.empty()) {
      const int64_t user = entry->first;
      std::erase(ready_, user);
      std::erase_if(waiting_, [user](const auto& waiting) { return waiting.second == user; });
      queues_.erase(entry++);
    } else {
      ++entry;
    }
  }
}

absl::Time UserQueues::NextRetry() const {
  return waiting_.empty() ? absl::InfiniteFuture() : waiting_.begin()->first;
}

}  // namespace selfology::events
