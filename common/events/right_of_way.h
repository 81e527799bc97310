// Who goes first when a process has more events than it gets done: those that somebody waits for.
//
// A group of that kind says how many of its events are ready and have not begun; one that nobody
// waits for (Consumer::Gather) lets them pass while they are a crowd. Shared by a process's groups.
//
// Threads: thread-safe.
#pragma once

#include <atomic>
#include <cstdint>

namespace selfology::events {

class RightOfWay {
 public:
  // One group's share has changed by that much.
  void Add(int64_t waiting) { waiting_.fetch_add(waiting, std::memory_order_relaxed); }
  bool Crowded() const { return waiting_.load(std::memory_order_relaxed) >= kCrowd; }

 private:
  // One or two wait at any time, for those that run.
  static constexpr int64_t kCrowd = 4;

  std::atomic<int64_t> waiting_ = 0;
};

}  // namespace selfology::events
