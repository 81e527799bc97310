#include "common/executor/periodic_timers.h"

#include <atomic>
#include <string>
#include <vector>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::executor {
namespace {

constexpr absl::Time kStart = absl::FromUnixSeconds(1'759'312'800);

// Counts turns, and lets a test wait for them.
class Turns {
 public:
  void Add() {
    absl::MutexLock lock(&mutex_);
    ++count_;
  }
  int count() const {
    absl::MutexLock lock(&mutex_);
    return count_;
  }
  void Await(int count) const {
    const auto reached = [&] {
      mutex_.AssertReaderHeld();
      return count_ >= count;
    };
    absl::MutexLock lock(&mutex_);
    mutex_.Await(absl::Condition(&reached));
  }

 private:
  mutable absl::Mutex mutex_;
  int count_ = 0;
};

class PeriodicTimersTest : public ::testing::TestWithParam<bool> {
 protected:
  std::function<absl::Time()> Clock() {
    return [this] { return kStart + absl::Milliseconds(now_ms_.load()); };
  }
  void Advance(absl::Duration by) {
    now_ms_ += absl::ToInt64Milliseconds(by);
    timers_.Wake();
  }
  // Until every turn that is due has been begun and has ended.
  void Settle() {
    while (true) {
      bool settled = true;
      for (const auto& [id, timer] : timers_.Report()) {
        settled &= !timer.running && timer.next > Clock()();
      }
      if (settled) return;
    }
  }
  int64_t Runs(PeriodicTimers::Id id) { return timers_.Report().at(id).runs; }

  std::atomic<int64_t> now_ms_ = 0;
  WorkerPool pool_{4};
  PeriodicTimers timers_{GetParam() ? &pool_ : nullptr, Clock()};
};

INSTANTIATE_TEST_SUITE_P(Threads, PeriodicTimersTest, ::testing::Bool(),
                         [](const auto& info) { return info.param ? "Pool" : "Watcher"; });

TEST_P(PeriodicTimersTest, RunsFirstAfterOnePeriodAndThenEachPeriod) {
  const PeriodicTimers::Id id = timers_.Every(absl::Seconds(10), "t", [] {});
  EXPECT_EQ(timers_.Report().at(id).next, kStart + absl::Seconds(10));
  Advance(absl::Seconds(10) - absl::Milliseconds(1));
  Settle();
  EXPECT_EQ(Runs(id), 0);
  for (int turn = 1; turn <= 5; ++turn) {
    Advance(turn == 1 ? absl::Milliseconds(1) : absl::Seconds(10));
    Settle();
    EXPECT_EQ(Runs(id), turn);
  }
}

TEST_P(PeriodicTimersTest, EachTimerHasItsOwnPace) {
  const PeriodicTimers::Id fast = timers_.Every(absl::Seconds(2), "fast", [] {});
  const PeriodicTimers::Id slow = timers_.Every(absl::Seconds(5), "slow", [] {});
  for (int second = 0; second < 20; ++second) {
    Advance(absl::Seconds(1));
    Settle();
  }
  EXPECT_EQ(Runs(fast), 10);
  EXPECT_EQ(Runs(slow), 4);
}

TEST_P(PeriodicTimersTest, MissedTurnsAreNotMadeUpForAndThePaceIsKept) {
  const PeriodicTimers::Id id = timers_.Every(absl::Seconds(10), "t", [] {});
  Advance(absl::Seconds(47));
  Settle();
  EXPECT_EQ(Runs(id), 1);
  EXPECT_EQ(timers_.Report().at(id).next, kStart + absl::Seconds(50));
}

TEST_P(PeriodicTimersTest, CancelWaitsForTheTurnUnderWay) {
  absl::Notification begun, go;
  std::atomic<bool> ended = false;
  const PeriodicTimers::Id id = timers_.Every(absl::Seconds(1), "t", [&] {
    if (begun.HasBeenNotified()) return;
    begun.Notify();
    go.WaitForNotification();
    ended = true;
  });
  Advance(absl::Seconds(1));
  begun.WaitForNotification();
  std::thread cancelling([&] {
    timers_.Cancel(id);
    EXPECT_TRUE(ended);
  });
  go.Notify();
  cancelling.join();
  EXPECT_TRUE(timers_.Report().empty());
  timers_.Cancel(id);
}

TEST_P(PeriodicTimersTest, NothingRunsAfterStop) {
  std::atomic<int> runs = 0;
  timers_.Every(absl::Seconds(1), "t", [&] { ++runs; });
  Advance(absl::Seconds(1));
  timers_.Stop();
  const int before = runs;
  Advance(absl::Seconds(10));
  timers_.Every(absl::Seconds(1), "late", [&] { ++runs; });
  Advance(absl::Seconds(10));
  EXPECT_TRUE(pool_.Drain());
  EXPECT_EQ(runs, before);
  EXPECT_TRUE(timers_.Report().empty());
}

TEST_P(PeriodicTimersTest, ATimerMayBeAddedByAnother) {
  Turns turns;
  std::atomic<bool> added = false;
  timers_.Every(absl::Seconds(1), "parent", [&] {
    if (!added.exchange(true)) timers_.Every(absl::Seconds(1), "child", [&] { turns.Add(); });
  });
  Advance(absl::Seconds(1));
  Settle();
  Advance(absl::Seconds(1));
  turns.Await(1);
}

TEST(PeriodicTimersOnAPoolTest, ATurnThatIsLongLeavesOutTheNextAndDelaysNoOther) {
  std::atomic<int64_t> seconds = 0;
  WorkerPool pool(4);
  PeriodicTimers timers(&pool, [&] { return kStart + absl::Seconds(seconds.load()); });
  absl::Notification go;
  const PeriodicTimers::Id slow =
      timers.Every(absl::Seconds(1), "slow", [&] { go.WaitForNotification(); });
  const PeriodicTimers::Id other = timers.Every(absl::Seconds(1), "other", [] {});
  for (int turn = 1; turn <= 3; ++turn) {
    ++seconds;
    timers.Wake();
    PeriodicTimers::Health health;
    do {
      health = timers.Report().at(other);
    } while (health.runs < turn || health.running);
  }
  const PeriodicTimers::Health health = timers.Report().at(slow);
  EXPECT_TRUE(health.running);
  EXPECT_EQ(health.runs, 0);
  EXPECT_EQ(health.skipped, 2);
  EXPECT_EQ(health.name, "slow");
  go.Notify();
}

TEST(PeriodicTimersOnAPoolTest, APoolThatStoppedFirstLeavesNothingBehind) {
  std::atomic<int64_t> seconds = 0;
  WorkerPool pool(1);
  PeriodicTimers timers(&pool, [&] { return kStart + absl::Seconds(seconds.load()); });
  absl::Notification go, begun;
  ASSERT_TRUE(pool.Submit([&] {
    begun.Notify();
    go.WaitForNotification();
  }));
  begun.WaitForNotification();
  timers.Every(absl::Seconds(1), "never", [] { FAIL(); });
  ++seconds;
  timers.Wake();
  while (pool.queued() == 0) {
  }
  std::thread stopping([&] { EXPECT_EQ(pool.Stop(), 1u); });
  while (pool.queued() != 0) {
  }
  go.Notify();
  stopping.join();
  timers.Stop();  // Must not wait for the dropped turn.
}

TEST(PeriodicTimersOnTheRealClockTest, Runs) {
  Turns turns;
  PeriodicTimers timers(nullptr);
  timers.Every(absl::Milliseconds(1), "t", [&] { turns.Add(); });
  turns.Await(5);
}

}  // namespace
}  // namespace selfology::executor
