#include "common/executor/worker_pool.h"

#include <algorithm>
#include <atomic>
#include <memory>
#include <thread>
#include <vector>

#include "absl/synchronization/barrier.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"

namespace selfology::executor {
namespace {

TEST(WorkerPoolTest, HasNoThreadsBeforeThereIsWork) {
  WorkerPool pool(8);
  EXPECT_EQ(pool.threads(), 0);
  EXPECT_TRUE(pool.Drain());
}

TEST(WorkerPoolTest, MakesAThreadOnlyWhenNoneIsWaiting) {
  WorkerPool pool(8);
  for (int i = 0; i < 50; ++i) {
    ASSERT_TRUE(pool.Submit([] {}));
    ASSERT_TRUE(pool.Drain());
  }
  EXPECT_EQ(pool.threads(), 1);
}

TEST(WorkerPoolTest, RunsUpToItsLimitAtOnceAndNoMore) {
  constexpr int kThreads = 8;
  WorkerPool pool(kThreads);
  std::atomic<int> running = 0, most = 0, done = 0;
  auto* all_run = new absl::Barrier(kThreads);
  for (int i = 0; i < kThreads; ++i) {
    ASSERT_TRUE(pool.Submit([&] {
      if (all_run->Block()) delete all_run;  // Only if all eight run at once does this end.
    }));
  }
  for (int i = 0; i < 500; ++i) {
    ASSERT_TRUE(pool.Submit([&] {
      const int now = ++running;
      for (int seen = most; seen < now && !most.compare_exchange_weak(seen, now);) {
      }
      --running;
      ++done;
    }));
  }
  ASSERT_TRUE(pool.Drain());
  EXPECT_EQ(done, 500);
  EXPECT_LE(most, kThreads);
  EXPECT_EQ(pool.threads(), kThreads);
}

TEST(WorkerPoolTest, OneThreadKeepsTheOrder) {
  WorkerPool pool(1);
  std::vector<int> order;
  for (int i = 0; i < 1'000; ++i) ASSERT_TRUE(pool.Submit([&order, i] { order.push_back(i); }));
  ASSERT_TRUE(pool.Drain());
  EXPECT_EQ(order.size(), 1'000u);
  EXPECT_TRUE(std::is_sorted(order.begin(), order.end()));
}

TEST(WorkerPoolTest, IdleThreadsEndAndNewOnesComeWhenNeeded) {
  WorkerPool pool({.max_threads = 4, .idle = absl::Milliseconds(1)});
  for (int round = 0; round < 3; ++round) {
    std::atomic<int> done = 0;
    for (int i = 0; i < 20; ++i) ASSERT_TRUE(pool.Submit([&] { ++done; }));
    ASSERT_TRUE(pool.Drain());
    EXPECT_EQ(done, 20);
    pool.AwaitThreadsForTest(0);
  }
}

TEST(WorkerPoolTest, DrainGivesUpAtItsDeadline) {
  WorkerPool pool(1);
  absl::Notification go;
  ASSERT_TRUE(pool.Submit([&] { go.WaitForNotification(); }));
  EXPECT_FALSE(pool.Drain(absl::Now() + absl::Milliseconds(5)));
  go.Notify();
  EXPECT_TRUE(pool.Drain());
}

TEST(WorkerPoolTest, StopWaitsForWhatRunsAndDropsTheRest) {
  WorkerPool pool(1);
  absl::Notification begun, go;
  std::atomic<bool> ended = false;
  auto held = std::make_shared<int>(0);
  ASSERT_TRUE(pool.Submit([&] {
    begun.Notify();
    go.WaitForNotification();
    ended = true;
  }));
  begun.WaitForNotification();
  for (int i = 0; i < 5; ++i) {
    ASSERT_TRUE(pool.Submit([held] { FAIL() << "dropped, yet it runs"; }));
  }
  std::thread stopping([&] {
    EXPECT_EQ(pool.Stop(), 5u);
    EXPECT_TRUE(ended);
  });
  while (pool.queued() != 0) {  // Until Stop has dropped them.
  }
  go.Notify();
  stopping.join();
  EXPECT_EQ(held.use_count(), 1);
  EXPECT_EQ(pool.threads(), 0);
  EXPECT_FALSE(pool.Submit([] {}));
  EXPECT_EQ(pool.Stop(), 0u);
}

TEST(WorkerPoolTest, ATaskMaySubmitAnother) {
  WorkerPool pool(2);
  std::atomic<int> done = 0;
  std::function<void(int)> chain = [&](int left) {
    ++done;
    if (left > 0) pool.Submit([&chain, left] { chain(left - 1); });
  };
  ASSERT_TRUE(pool.Submit([&] { chain(99); }));
  ASSERT_TRUE(pool.Drain());
  EXPECT_EQ(done, 100);
}

TEST(WorkerPoolTest, WhatATaskHoldsIsGoneOnceDrained) {
  WorkerPool pool(2);
  auto held = std::make_shared<int>(0);
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(pool.Submit([held] {}));
  ASSERT_TRUE(pool.Drain());
  EXPECT_EQ(held.use_count(), 1);
}

TEST(WorkerPoolTest, ManySubmittersAndShortLivedThreads) {
  WorkerPool pool({.max_threads = 3, .idle = absl::ZeroDuration()});
  std::atomic<int> done = 0;
  std::vector<std::thread> submitters;
  for (int i = 0; i < 4; ++i) {
    submitters.emplace_back([&] {
      for (int j = 0; j < 1'000; ++j) ASSERT_TRUE(pool.Submit([&] { ++done; }));
    });
  }
  for (std::thread& submitter : submitters) submitter.join();
  ASSERT_TRUE(pool.Drain());
  EXPECT_EQ(done, 4'000);
}

}  // namespace
}  // namespace selfology::executor
