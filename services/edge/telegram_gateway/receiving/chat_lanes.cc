#include "services/edge/telegram_gateway/receiving/chat_lanes.h"

#include <utility>

namespace selfology::telegram_gateway {

bool ChatLanes::Submit(int64_t chat_id, std::function<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return false;
  auto& lane = lanes_[chat_id];
  lane.push_back(std::move(work));
  if (lane.size() == 1) workers_.Submit([this, chat_id] { Run(chat_id); });
  return true;
}

void ChatLanes::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  workers_.Stop();
  // What is destroyed may call back: not under the lock.
  absl::flat_hash_map<int64_t, std::deque<std::function<void()>>> forgotten;
  absl::MutexLock lock(&mutex_);
  forgotten.swap(lanes_);
}

void ChatLanes::Run(int64_t chat_id) {
  std::function<void()> work;
  {
    absl::MutexLock lock(&mutex_);
    work = std::move(lanes_.find(chat_id)->second.front());
  }
  work();
  work = nullptr;

  absl::MutexLock lock(&mutex_);
  const auto lane = lanes_.find(chat_id);
  lane->second.pop_front();
  if (lane->second.empty()) {
    lanes_.erase(lane);
  } else if (!stopped_) {
    // To the end of the queue, so that one busy chat does not keep others waiting.
    workers_.Submit([this, chat_id] { Run(chat_id); });
  }
}

}  // namespace selfology::telegram_gateway
