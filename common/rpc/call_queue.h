#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <thread>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "grpcpp/completion_queue.h"
#include "grpcpp/server_builder.h"

namespace selfology::rpc {

// The threads that serve unary RPCs. Each takes an event from one completion queue and runs the
// RPC's method itself, straight on: nothing is handed over, so a method that does not wait is as
// fast as a bare server's. A thread whose method is about to wait for a database, a peer or an AI
// says so (Waits), and another takes its place; one that blocks without saying so is noticed after
// 50 ms. Half as many serve as there are cores: whenever two look for events, one wakes the other.
//
//   rpc::CallQueue calls(builder, 512);
//   server = builder.BuildAndStart();
//   calls.Start();
//   bound_service->Accept(calls);
//   ...
//   server->Shutdown(deadline);
//   calls.Stop();
//
// Thread-safe, but Start and Stop are for one thread.
class CallQueue {
 public:
  // What the queue gives back once an operation is done.
  class Tag {
   public:
    virtual ~Tag() = default;
    virtual void Proceed(bool ok) = 0;
  };

  // An RPC, accepted or still to come; none is left when Stop returns.
  class Guest {
   public:
    explicit Guest(CallQueue& queue) : queue_(queue) { queue_.guests_.fetch_add(1); }
    ~Guest() {
      if (queue_.guests_.fetch_sub(1) == 1) queue_.guests_.notify_all();
    }
    Guest(const Guest&) = delete;
    Guest& operator=(const Guest&) = delete;

   private:
    CallQueue& queue_;
  };

  // Beyond max_threads, RPCs wait.
  CallQueue(grpc::ServerBuilder& builder, int max_threads);
  ~CallQueue();
  CallQueue(const CallQueue&) = delete;
  CallQueue& operator=(const CallQueue&) = delete;

  void Start();
  // After the server's Shutdown; waits for the methods that still run.
  void Stop();

  grpc::ServerCompletionQueue& queue() { return *queue_; }

  // From within a method: its thread serves nobody else until Resumes, once the method is over.
  void Waits();
  void Resumes() { serving_.fetch_add(1); }

 private:
  struct Parked {
    absl::CondVar called;
    bool is_called = false;
  };

  void AddThread();
  void Serve();
  // False if the thread is not wanted any more.
  bool ParkIfTooMany();
  void Watch();
  bool NoThreads() const ABSL_EXCLUSIVE_LOCKS_REQUIRED(mutex_) { return threads_ == 0; }

  const int usual_;
  const int max_threads_;
  const std::unique_ptr<grpc::ServerCompletionQueue> queue_;
  std::atomic<int> guests_ = 0;
  std::atomic<int> serving_ = 0;      // Threads that neither say that they wait nor are parked.
  std::atomic<int> wanted_ = usual_;  // Of them; more while some block without saying so.
  std::atomic<uint64_t> taken_ = 0, finished_ = 0;  // Events.
  absl::Mutex mutex_;
  int threads_ ABSL_GUARDED_BY(mutex_) = 0;
  std::vector<Parked*> parked_ ABSL_GUARDED_BY(mutex_);  // The last is the first to be called.
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  bool stopped_ = false;
  absl::Notification stop_watching_;
  std::thread watch_;
};

}  // namespace selfology::rpc
