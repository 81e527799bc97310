#include "services/edge/telegram_gateway/delivery/due_chats.h"

#include <algorithm>
#include <atomic>
#include <map>
#include <thread>

#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "gtest/gtest.h"
#include "testing/eventually.h"

namespace selfology::telegram_gateway {
namespace {

constexpr absl::Duration kPatience = absl::Seconds(30);

TEST(DueChatsTest, OneThreadWorksOnAChatAndNoWakingIsLost) {
  std::atomic<int> at_work = 0;
  std::atomic<int> most_at_work = 0;
  std::atomic<int> runs = 0;
  absl::Notification begun;
  absl::Notification go_on;
  DueChats due({.threads = 4,
                .clock = &absl::Now,
                .work = [&](int64_t) -> absl::StatusOr<absl::Time> {
                  most_at_work = std::max<int>(most_at_work, ++at_work);
                  if (runs++ == 0) {
                    begun.Notify();
                    go_on.WaitForNotification();
                  }
                  --at_work;
                  return absl::InfiniteFuture();
                },
                .look = [](absl::Time) {}});
  due.Wake(7);
  begun.WaitForNotification();
  due.Wake(7);
  due.Wake(7);
  go_on.Notify();
  EXPECT_TRUE(testing::Eventually([&] { return runs == 2; }, kPatience));
  due.Stop();
  EXPECT_EQ(runs, 2) << "once for all that came meanwhile";
  EXPECT_EQ(most_at_work, 1);
}

TEST(DueChatsTest, ComesBackAtTheAppointedTimeAndForWhatALookFinds) {
  const absl::Time start = absl::FromUnixSeconds(1'759'312'800);
  std::atomic<int64_t> seconds = 0;
  absl::Mutex mutex;
  std::map<int64_t, int> runs;
  const auto runs_of = [&](int64_t chat) {
    absl::MutexLock lock(&mutex);
    return runs[chat];
  };
  DueChats* found = nullptr;
  DueChats due({.threads = 4,
                .clock = [&] { return start + absl::Seconds(seconds.load()); },
                .work = [&](int64_t chat) -> absl::StatusOr<absl::Time> {
                  absl::MutexLock lock(&mutex);
                  const bool first = ++runs[chat] == 1;
                  return chat == 7 && first ? start + absl::Hours(1) : absl::InfiniteFuture();
                },
                .look = [&](absl::Time) { found->Wake(9); }});
  found = &due;
  service::StopSignal stop;
  std::thread loop([&] { due.Run(stop); });
  due.Wake(7);
  due.WakeAt(8, start + absl::Hours(1));
  EXPECT_TRUE(testing::Eventually([&] { return runs_of(7) == 1 && runs_of(9) >= 1; }, kPatience));
  EXPECT_EQ(runs_of(8), 0);
  seconds = 3600;
  EXPECT_TRUE(testing::Eventually([&] { return runs_of(7) == 2 && runs_of(8) == 1; }, kPatience));
  stop.Request();
  loop.join();
  due.Wake(8);
  EXPECT_TRUE(due.stopped());
  EXPECT_EQ(runs_of(8), 1) << "nothing is begun any more";
}

}  // namespace
}  // namespace selfology::telegram_gateway
