#include "common/events/user_lanes.h"

#include <algorithm>

namespace selfology::events {

void UserLanes::Push(Delivery delivery) {
  const int64_t user = delivery.envelope.partition_key;
  Lane& lane = lanes_[user];
  lane.queue.push_back(std::move(delivery));
  ++size_;
  if (lane.queue.size() == 1 && !lane.running) ready_.push_back(user);
}

void UserLanes::Awaken(absl::Time now) {
  while (!waiting_.empty() && waiting_.begin()->first <= now) {
    ready_.push_back(waiting_.begin()->second);
    waiting_.erase(waiting_.begin());
  }
}

size_t UserLanes::CountReady(absl::Time now) {
  Awaken(now);
  return ready_.size();
}

void UserLanes::PutBack(int64_t user) {
  lanes_[user].running = false;
  ready_.push_front(user);
}

std::optional<int64_t> UserLanes::NextReady(absl::Time now) {
  Awaken(now);
  if (ready_.empty()) return std::nullopt;
  const int64_t user = ready_.front();
  ready_.pop_front();
  lanes_[user].running = true;
  return user;
}

Delivery& UserLanes::Front(int64_t user) { return lanes_[user].queue.front(); }

void UserLanes::Pop(int64_t user) {
  const auto lane = lanes_.find(user);
  lane->second.running = false;
  lane->second.queue.pop_front();
  --size_;
  if (lane->second.queue.empty()) {
    lanes_.erase(lane);
  } else {
    ready_.push_back(user);
  }
}

void UserLanes::RetryAt(int64_t user, absl::Time time) {
  lanes_[user].running = false;
  waiting_.emplace(time, user);
}

void UserLanes::Drop(const std::function<bool(int)>& lost) {
  for (auto lane = lanes_.begin(); lane != lanes_.end();) {
    std::deque<Delivery>& queue = lane->second.queue;
    const auto begin = queue.begin() + (lane->second.running ? 1 : 0);
    const auto kept = std::remove_if(
        begin, queue.end(), [&](const Delivery& delivery) { return lost(delivery.partition); });
    size_ -= static_cast<size_t>(queue.end() - kept);
    queue.erase(kept, queue.end());
    if (queue.empty()) {
      const int64_t user = lane->first;
      std::erase(ready_, user);
      std::erase_if(waiting_, [user](const auto& entry) { return entry.second == user; });
      lanes_.erase(lane++);
    } else {
      ++lane;
    }
  }
}

absl::Time UserLanes::NextRetry() const {
  return waiting_.empty() ? absl::InfiniteFuture() : waiting_.begin()->first;
}

}  // namespace selfology::events
