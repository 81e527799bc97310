#include "common/executor/worker_pool.h"

#include <system_error>
#include <utility>

namespace selfology::executor {
namespace {

void JoinAll(std::vector<std::thread> threads) {
  for (std::thread& thread : threads) thread.join();
}

}  // namespace

WorkerPool::~WorkerPool() { Stop(); }

bool WorkerPool::Submit(std::function<void()> task) {
  std::vector<std::thread> ended;
  bool accepted = true;
  {
    absl::MutexLock lock(&mutex_);
    if (stopped_) return false;
    ended.swap(ended_);
    queue_.push_back(std::move(task));
    const bool wanted = queue_.size() > static_cast<size_t>(waiting_);
    if (wanted && threads_.size() < static_cast<size_t>(options_.max_threads)) {
      const int id = next_id_++;
      try {
        threads_.emplace(id, std::thread(&WorkerPool::Work, this, id));
      } catch (const std::system_error&) {
        // The system has no thread to give: those that are there must do, if any are.
        if (threads_.empty()) {
          queue_.pop_back();
          accepted = false;
        }
      }
    }
  }
  JoinAll(std::move(ended));
  return accepted;
}

bool WorkerPool::Drain(absl::Time deadline) {
  const auto idle = [this] {
    mutex_.AssertReaderHeld();
    return queue_.empty() && running_ == 0;
  };
  absl::MutexLock lock(&mutex_);
  return mutex_.AwaitWithDeadline(absl::Condition(&idle), deadline);
}

size_t WorkerPool::Stop() {
  std::deque<std::function<void()>> dropped;
  std::vector<std::thread> ended;
  {
    const auto all_ended = [this] {
      mutex_.AssertReaderHeld();
      return threads_.empty();
    };
    absl::MutexLock lock(&mutex_);
    stopped_ = true;
    dropped.swap(queue_);
    mutex_.Await(absl::Condition(&all_ended));
    ended.swap(ended_);
  }
  JoinAll(std::move(ended));
  return dropped.size();
}

int WorkerPool::threads() const {
  absl::MutexLock lock(&mutex_);
  return static_cast<int>(threads_.size());
}

size_t WorkerPool::queued() const {
  absl::MutexLock lock(&mutex_);
  return queue_.size();
}

void WorkerPool::AwaitThreadsForTest(int count) const {
  const auto reached = [&] {
    mutex_.AssertReaderHeld();
    return threads_.size() == static_cast<size_t>(count);
  };
  absl::MutexLock lock(&mutex_);
  mutex_.Await(absl::Condition(&reached));
}

void WorkerPool::Work(int id) {
  const auto called = [this] {
    mutex_.AssertReaderHeld();
    return stopped_ || !queue_.empty();
  };
  absl::MutexLock lock(&mutex_);
  while (true) {
    ++waiting_;
    mutex_.AwaitWithTimeout(absl::Condition(&called), options_.idle);
    --waiting_;
    if (queue_.empty()) {
      // A thread cannot join itself; whoever comes next does it.
      const auto self = threads_.find(id);
      ended_.push_back(std::move(self->second));
      threads_.erase(self);
      return;
    }
    std::function<void()> task = std::move(queue_.front());
    queue_.pop_front();
    ++running_;
    mutex_.Unlock();
    task();
    task = nullptr;  // What it holds goes before it counts as done.
    mutex_.Lock();
    --running_;
  }
}

}  // namespace selfology::executor
