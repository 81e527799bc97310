#include "common/rpc/call_queue.h"

#include <algorithm>
#include <cstddef>
#include <system_error>

#include "absl/time/time.h"
#include "common/observe/log.h"

namespace selfology::rpc {
namespace {

constexpr absl::Duration kWatchPeriod = absl::Milliseconds(50);
// A parked thread that was not called for so long ends.
constexpr absl::Duration kUnused = absl::Seconds(10);

}  // namespace

CallQueue::CallQueue(grpc::ServerBuilder& builder, int max_threads)
    : usual_(std::max(1, static_cast<int>(std::thread::hardware_concurrency() / 2))),
      max_threads_(std::max(max_threads, usual_)),
      queue_(builder.AddCompletionQueue()) {}

CallQueue::~CallQueue() { Stop(); }

void CallQueue::Start() {
  for (int i = 0; i < usual_; ++i) AddThread();
  watch_ = std::thread([this] { Watch(); });
}

void CallQueue::Stop() {
  if (stopped_) return;
  stopped_ = true;
  // A method may still run, and its answer is an operation that a closed queue would not take.
  for (int guests = guests_; guests > 0; guests = guests_) guests_.wait(guests);
  stop_watching_.Notify();
  if (watch_.joinable()) watch_.join();
  queue_->Shutdown();
  {
    absl::MutexLock lock(&mutex_);
    stopping_ = true;
    for (Parked* parked : parked_) parked->called.Signal();
    mutex_.Await(absl::Condition(this, &CallQueue::NoThreads));
  }
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {  // gRPC asks for it, if it was never started.
  }
}

void CallQueue::AddThread() {
  absl::MutexLock lock(&mutex_);
  if (!parked_.empty()) {
    parked_.back()->is_called = true;
    parked_.back()->called.Signal();
    parked_.pop_back();
  } else if (threads_ < max_threads_) {
    try {
      std::thread([this] { Serve(); }).detach();
    } catch (const std::system_error& error) {
      // As with all of them busy: Watch tries again.
      observe::Error("no thread could be started to serve RPCs",
                     {{"threads", threads_}, {"error", error.what()}});
      return;
    }
    ++threads_;
  } else {
    return;
  }
  serving_.fetch_add(1);
}

void CallQueue::Waits() {
  if (serving_.fetch_sub(1) <= wanted_) AddThread();
}

bool CallQueue::ParkIfTooMany() {
  int serving = serving_;
  do {
    if (serving <= wanted_) return true;
  } while (!serving_.compare_exchange_weak(serving, serving - 1));

  absl::MutexLock lock(&mutex_);
  Parked self;
  parked_.push_back(&self);
  bool unused = false;
  while (!self.is_called && !unused && !stopping_) {
    unused = self.called.WaitWithTimeout(&mutex_, kUnused);
  }
  if (!self.is_called) std::erase(parked_, &self);
  return self.is_called;
}

void CallQueue::Serve() {
  void* tag = nullptr;
  bool ok = false;
  while (queue_->Next(&tag, &ok)) {
    taken_.fetch_add(1, std::memory_order_relaxed);
    static_cast<Tag*>(tag)->Proceed(ok);
    finished_.fetch_add(1, std::memory_order_relaxed);
    if (!ParkIfTooMany()) break;
  }
  absl::MutexLock lock(&mutex_);
  --threads_;
}

void CallQueue::Watch() {
  uint64_t before = 0;
  while (!stop_watching_.WaitForNotificationWithTimeout(kWatchPeriod)) {
    const uint64_t taken = taken_.load(std::memory_order_relaxed);
    const auto busy = static_cast<int>(taken - finished_.load(std::memory_order_relaxed));
    int running = 0;
    {
      absl::MutexLock lock(&mutex_);
      running = threads_ - static_cast<int>(parked_.size());
    }
    if (busy >= running && taken == before) {
      wanted_.fetch_add(1);
      AddThread();
    } else if (busy < wanted_ - usual_) {
      wanted_.fetch_sub(1);
    }
    before = taken;
  }
}

}  // namespace selfology::rpc
