#include "common/rpc/call_queue.h"

#include <atomic>
#include <functional>
#include <memory>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/notification.h"
#include "absl/time/time.h"
#include "grpcpp/alarm.h"
#include "grpcpp/server.h"
#include "gtest/gtest.h"

namespace selfology::rpc {
namespace {

// A server without services; gRPC's alarms put events into its queue.
class CallQueueTest : public ::testing::Test {
 protected:
  void Start(int max_threads) {
    grpc::ServerBuilder builder;
    queue_ = std::make_unique<CallQueue>(builder, max_threads);
    server_ = builder.BuildAndStart();
    queue_->Start();
  }
  ~CallQueueTest() override {
    server_->Shutdown();
    queue_->Stop();
  }

  void Post(std::function<void()> run) {
    events_.push_back(std::make_unique<Event>(*queue_, std::move(run)));
  }

  std::unique_ptr<CallQueue> queue_;
  std::unique_ptr<grpc::Server> server_;

 private:
  class Event final : public CallQueue::Tag {
   public:
    Event(CallQueue& queue, std::function<void()> run)
        : guest_(std::make_unique<CallQueue::Guest>(queue)), run_(std::move(run)) {
      alarm_.Set(&queue.queue(), gpr_now(GPR_CLOCK_MONOTONIC), this);
    }
    void Proceed(bool) override {
      run_();
      const auto done = std::exchange(guest_, nullptr);
    }

   private:
    std::unique_ptr<CallQueue::Guest> guest_;
    std::function<void()> run_;
    grpc::Alarm alarm_;
  };

  std::vector<std::unique_ptr<Event>> events_;
};

// How long a test waits for what should come at once.
constexpr absl::Duration kPatience = absl::Seconds(20);

TEST_F(CallQueueTest, AnotherTakesThePlaceOfAThreadThatWaits) {
  Start(8);
  constexpr int kAtOnce = 5;
  std::atomic<int> waiting = 0;
  absl::Notification all_wait, go;
  absl::BlockingCounter done(kAtOnce);
  for (int i = 0; i < kAtOnce; ++i) {
    Post([&] {
      queue_->Waits();
      if (++waiting == kAtOnce) all_wait.Notify();
      go.WaitForNotification();
      queue_->Resumes();
      done.DecrementCount();
    });
  }
  EXPECT_TRUE(all_wait.WaitForNotificationWithTimeout(kPatience)) << waiting << " at once";
  go.Notify();
  done.Wait();
}

TEST_F(CallQueueTest, AThreadThatBlocksWithoutCallingWaitsIsNoticed) {
  Start(8);
  absl::Notification second_ran, first_ended;
  bool second_ran_meanwhile = false;
  Post([&] {
    second_ran_meanwhile = second_ran.WaitForNotificationWithTimeout(kPatience);
    first_ended.Notify();
  });
  Post([&] { second_ran.Notify(); });
  first_ended.WaitForNotification();
  EXPECT_TRUE(second_ran_meanwhile);
  second_ran.WaitForNotification();  // It uses what is of this test.
}

TEST_F(CallQueueTest, RunsNoMoreAtOnceThanItMay) {
  constexpr int kMost = 3;
  Start(kMost);
  std::atomic<int> running = 0, most = 0;
  absl::Barrier first(kMost);
  std::atomic<int> begun = 0;
  absl::BlockingCounter done(200);
  for (int i = 0; i < 200; ++i) {
    Post([&] {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      queue_->Waits();
      if (++begun <= kMost) first.Block();
      --running;
      queue_->Resumes();
      done.DecrementCount();
    });
  }
  done.Wait();
  EXPECT_EQ(most, kMost);
}

TEST_F(CallQueueTest, StopLetsGuestsFinish) {
  Start(8);
  absl::Notification began, stopping;
  std::atomic<bool> finished = false, stopped = false;
  Post([&] {
    began.Notify();
    stopping.WaitForNotification();
    EXPECT_FALSE(stopped);
    finished = true;
  });
  began.WaitForNotification();
  std::thread stop([&] {
    stopping.Notify();
    server_->Shutdown();
    queue_->Stop();
    stopped = true;
  });
  stop.join();
  EXPECT_TRUE(finished);
}

}  // namespace
}  // namespace selfology::rpc
