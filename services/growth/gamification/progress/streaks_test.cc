#include "services/growth/gamification/progress/streaks.h"

#include <algorithm>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::gamification {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

absl::CivilDay Day(int n) { return absl::CivilDay(2026, 3, 1) + n; }

StreakOf Of(const std::vector<int>& active, const std::vector<int>& freezes, int today) {
  std::set<absl::CivilDay> days;
  for (const int n : active) days.insert(Day(n));
  std::vector<absl::CivilDay> got;
  for (const int n : freezes) got.push_back(Day(n));
  return ComputeStreak(days, got, Day(today));
}

TEST(StreaksTest, CountsActiveDaysInARow) {
  const StreakOf streak = Of({1, 2, 3}, {}, 3);
  EXPECT_EQ(streak.state, v1::STREAK_STATE_ALIVE);
  EXPECT_EQ(streak.current, 3);
  EXPECT_EQ(Of({1, 2, 3}, {}, 4).state, v1::STREAK_STATE_AT_RISK);
  EXPECT_EQ(Of({1, 2, 3}, {}, 4).current, 3);
  EXPECT_EQ(Of({1, 2, 3}, {}, 5).state, v1::STREAK_STATE_BROKEN);
  EXPECT_EQ(Of({1, 2, 3}, {}, 5).current, 0);
  EXPECT_EQ(Of({1, 2, 3}, {}, 5).longest, 3);
  EXPECT_EQ(Of({}, {0}, 5).state, v1::STREAK_STATE_UNSPECIFIED);
  EXPECT_EQ(Of({}, {0}, 5).held, 1);
}

TEST(StreaksTest, AFreezeKeepsOneMissedDayOnceItIsHeld) {
  const StreakOf kept = Of({1, 2, 4}, {2}, 4);
  EXPECT_EQ(kept.current, 3);
  EXPECT_THAT(kept.frozen, ElementsAre(Day(3)));
  EXPECT_EQ(kept.held, 0);
  const StreakOf late = Of({1, 2, 4}, {4}, 4);
  EXPECT_EQ(late.current, 1) << "bought after the day was missed";
  EXPECT_EQ(late.held, 1);
  EXPECT_THAT(late.frozen, IsEmpty());
}

TEST(StreaksTest, TooFewFreezesAreUsedUpAndTheStreakEnds) {
  const StreakOf streak = Of({1, 5}, {1, 1}, 5);
  EXPECT_EQ(streak.current, 1);
  EXPECT_EQ(streak.held, 0);
  EXPECT_THAT(streak.frozen, ElementsAre(Day(2), Day(3)));
  EXPECT_THAT(streak.frozen_now, IsEmpty());
}

TEST(StreaksTest, ADayIsThePersonsOwnOverClockChanges) {
  // 2026-03-29: Berlin goes from 2:00 to 3:00.
  const absl::Time night =
      absl::FromCivil(absl::CivilMinute(2026, 3, 28, 23, 30), absl::FixedTimeZone(3600));
  EXPECT_EQ(DayText(DayOf(night, "Europe/Berlin")), "2026-03-28");
  EXPECT_EQ(DayText(DayOf(night + absl::Hours(24), "Europe/Berlin")), "2026-03-30");
  EXPECT_EQ(DayText(DayOf(night, "Pacific/Kiritimati")), "2026-03-29");
  EXPECT_EQ(DayOf(night, "no such zone"), DayOf(night, "UTC"));
  EXPECT_EQ(DayFromText("2026-03-28"), absl::CivilDay(2026, 3, 28));
}

// Laws: one more active day never makes the streak shorter where no freeze is at stake; no freeze is
// used twice; the order of what is known does not matter, and computing twice changes nothing.
TEST(StreaksTest, KeepsItsLawsOnRandomDays) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::set<absl::CivilDay> active;
    std::vector<absl::CivilDay> freezes;
    for (int n = 0; n < 20; ++n) {
      if (random() % 3 != 0) active.insert(Day(n));
      if (random() % 6 == 0) freezes.push_back(Day(n));
    }
    const absl::CivilDay today = Day(20);
    const StreakOf streak = ComputeStreak(active, freezes, today);
    std::shuffle(freezes.begin(), freezes.end(), random);
    const StreakOf again = ComputeStreak(active, freezes, today);
    ASSERT_EQ(streak.lengths, again.lengths);
    ASSERT_EQ(streak.held + streak.frozen.size(), freezes.size());
    ASSERT_LE(streak.current, streak.longest);
    ASSERT_LE(streak.longest, static_cast<int>(active.size()));
    for (const absl::CivilDay day : streak.frozen) ASSERT_FALSE(active.contains(day));
    const StreakOf without = ComputeStreak(active, {}, today);
    ASSERT_GE(streak.longest, without.longest) << "a freeze never harms";
  }
}

}  // namespace
}  // namespace selfology::gamification
