#include "services/edge/telegram_gateway/receiving/chat_queues.h"

#include <utility>

namespace selfology::telegram_gateway {

bool ChatQueues::Submit(int64_t chat_id, std::function<void()> work) {
  absl::MutexLock lock(&mutex_);
  if (stopped_) return false;
  auto& queue = queues_[chat_id];
  queue.push_back(std::move(work));
  if (queue.size() == 1) workers_.Submit([this, chat_id] { Run(chat_id); });
  return true;
}

void ChatQueues::Stop() {
  {
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
  }
  workers_.Stop();
  // What is destroyed may call back: not under the lock.
  absl::flat_hash_map<int64_t, std::deque<std::function<void()>>> forgotten;
  absl::MutexLock lock(&mutex_);
  forgotten.swap(queues_);
}

void ChatQueues::Run(int64_t chat_id) {
  std::function<void()> work;
  {
    absl::MutexLock lock(&mutex_);
    work = std::move(queues_.find(chat_id)->second.front());
  }
  work();
  work = nullptr;

  absl::MutexLock lock(&mutex_);
  const auto queue = queues_.find(chat_id);
  queue->second.pop_front();
  if (queue->second.empty()) {
    queues_.erase(queue);
  } else if (!stopped_) {
    // To the end of the queue, so that one busy chat does not keep others waiting.
    workers_.Submit([this, chat_id] { Run(chat_id); });
  }
}

}  // namespace selfology::telegram_gateway
