#include "services/platform/ai/slots.h"

#include <memory>
#include <optional>
#include <random>
#include <set>
#include <string>
#include <thread>
#include <vector>

#include "absl/time/clock.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::ai {
namespace {

using ::testing::ElementsAre;
using Standing = SlotLine::Standing;

TEST(SlotLine, ServesByPriorityThenInOrder) {
  SlotLine line(1);
  const auto running = line.Arrive(Priority::kBackground);
  const auto deep = line.Arrive(Priority::kBackground);
  const auto instant = line.Arrive(Priority::kInstant);
  const auto first = line.Arrive(Priority::kReply);
  const auto second = line.Arrive(Priority::kReply);
  EXPECT_EQ(line.StandingOf(running), Standing::kServed);
  EXPECT_EQ(line.waiting(), 4);
  SlotLine::Ticket last = running;
  for (const auto next : {first, second, instant, deep}) {
    EXPECT_EQ(line.StandingOf(next), Standing::kWaiting);
    line.Leave(last);
    EXPECT_EQ(line.StandingOf(next), Standing::kServed);
    EXPECT_EQ(line.served(), 1);
    last = next;
  }
}

TEST(SlotLine, KeepsTheLastPlaceForPeopleWhoWait) {
  SlotLine line(2);
  const auto deep = line.Arrive(Priority::kBackground);
  const auto another = line.Arrive(Priority::kBackground);
  EXPECT_EQ(line.StandingOf(deep), Standing::kServed);
  EXPECT_EQ(line.StandingOf(another), Standing::kWaiting);
  EXPECT_EQ(line.StandingOf(line.Arrive(Priority::kReply)), Standing::kServed);
}

TEST(SlotLine, HasAnyNumberOfPlacesIfNoneIsSaid) {
  SlotLine line(0);
  for (int i = 0; i < 1000; ++i) line.Arrive(Priority::kBackground);
  EXPECT_EQ(line.served(), 1000);
}

TEST(SlotLine, ALineThatIsFullTakesOnlyThoseBeforeItsLast) {
  SlotLine line(1);
  line.Arrive(Priority::kBackground);
  SlotLine::Ticket last = 0;
  for (int i = 0; i < kMostWaiting; ++i) last = line.Arrive(Priority::kBackground);
  EXPECT_EQ(line.StandingOf(line.Arrive(Priority::kBackground)), Standing::kRefused);
  EXPECT_EQ(line.StandingOf(last), Standing::kWaiting);
  EXPECT_EQ(line.StandingOf(line.Arrive(Priority::kReply)), Standing::kWaiting);
  EXPECT_EQ(line.StandingOf(last), Standing::kRefused);
  EXPECT_EQ(line.waiting(), kMostWaiting);
}

// Whatever comes and goes: no more are served than there are slots, and nobody waits behind a free
// one.
TEST(SlotLine, IsNeverOverfullNorIdle) {
  std::mt19937 random(7);
  for (int slots = 1; slots <= 4; ++slots) {
    SlotLine line(slots);
    std::set<SlotLine::Ticket> in;
    for (int step = 0; step < 2000; ++step) {
      if (in.empty() || random() % 2 == 0) {
        in.insert(line.Arrive(static_cast<Priority>(random() % 3)));
      } else {
        const auto leaver = std::next(in.begin(), random() % in.size());
        line.Leave(*leaver);
        in.erase(leaver);
      }
      EXPECT_LE(line.served(), slots);
      if (line.waiting() > 0) EXPECT_GE(line.served(), std::max(1, slots - 1));
    }
  }
}

TEST(Slots, HandsAPlaceOnToTheMostUrgent) {
  Slots slots(1);
  std::optional<Slots::Slot> running;
  const Call call = Call::Background(absl::Seconds(30));
  running.emplace(*slots.Take(call, absl::Seconds(30), Priority::kBackground));
  absl::Mutex mutex;
  std::vector<std::string> served;
  std::vector<std::thread> threads;
  const auto wait = [&](Priority priority, std::string name) {
    threads.emplace_back([&, priority, name] {
      const auto slot = slots.Take(call, absl::Seconds(30), priority);
      EXPECT_TRUE(slot.ok()) << slot.status();
      absl::MutexLock lock(&mutex);
      served.push_back(name);
    });
    const int expected = static_cast<int>(threads.size());
    while (slots.waiting() < expected) std::this_thread::yield();
  };
  wait(Priority::kBackground, "deep");
  wait(Priority::kInstant, "instant");
  wait(Priority::kReply, "reply");
  EXPECT_EQ(slots.served(), 1);
  running.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(served, ElementsAre("reply", "instant", "deep"));
  EXPECT_EQ(slots.served(), 0);
}

TEST(Slots, GivesUpAfterItsPatienceAndItsDeadline) {
  Slots slots(1);
  const Call call = Call::Background(absl::Seconds(30));
  const auto running = slots.Take(call, absl::Seconds(30), Priority::kReply);
  const absl::Status busy = slots.Take(call, absl::Milliseconds(5), Priority::kReply).status();
  EXPECT_EQ(status::Reason(busy), "MODEL_BUSY");
  const Call hurried = Call::Background(absl::Milliseconds(5));
  EXPECT_EQ(status::Reason(slots.Take(hurried, absl::Seconds(30), Priority::kReply).status()),
            "MODEL_BUSY");
  EXPECT_EQ(slots.waiting(), 0) << "who has gone is not in the line any more";
}

TEST(Slots, LetsGoOfWhoeverIsCancelled) {
  Slots slots(1);
  const auto running =
      slots.Take(Call::Background(absl::Seconds(30)), absl::Seconds(30), Priority::kReply);
  const Call gone(absl::Now() + absl::Seconds(30), {}, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(slots.Take(gone, absl::Seconds(30), Priority::kReply).status()));
  EXPECT_EQ(slots.waiting(), 0);
}

}  // namespace
}  // namespace selfology::ai
