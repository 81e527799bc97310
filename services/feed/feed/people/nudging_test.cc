#include "services/feed/feed/people/nudging.h"

#include <random>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

constexpr absl::Duration kDay = absl::Hours(24);
// A Saturday at noon, UTC.
const absl::Time kNow = absl::FromUnixSeconds(1'760'184'000);

std::vector<double> Scores() {
  std::vector<double> scores;
  for (int i = 0; i < 100; ++i) scores.push_back(i);
  return scores;
}

NudgeFacts Away() {
  return {.now = kNow, .last_seen_at = kNow - 3 * kDay, .scores = Scores(), .score = 95};
}

TEST(NudgingTest, WinsBackByAnUnusuallyGoodPost) {
  EXPECT_EQ(Decide(Away()), Nudge::kYes);
  NudgeFacts facts = Away();
  facts.score = 80;
  EXPECT_EQ(Decide(facts), Nudge::kYes) << "above four of five";
  facts.score = 79;
  EXPECT_EQ(Decide(facts), Nudge::kNothingGood);
  facts = Away();
  facts.scores.resize(9);
  EXPECT_EQ(Decide(facts), Nudge::kNothingGood) << "too few to tell";
}

TEST(NudgingTest, LeavesInPeaceWhoIsHere) {
  NudgeFacts facts = Away();
  facts.last_seen_at = kNow - kDay + absl::Seconds(1);
  EXPECT_EQ(Decide(facts), Nudge::kStillHere);
  facts.last_seen_at = kNow - kDay;
  EXPECT_EQ(Decide(facts), Nudge::kYes);
}

TEST(NudgingTest, AtMostOneADay) {
  NudgeFacts facts = Away();
  facts.nudges = {kNow - absl::Hours(23)};
  EXPECT_EQ(Decide(facts), Nudge::kTooOften);
  facts.nudges = {kNow - kDay};
  EXPECT_EQ(Decide(facts), Nudge::kYes);
}

TEST(NudgingTest, AtMostThreeAWeek) {
  NudgeFacts facts = Away();
  facts.last_seen_at = kNow - 2 * kDay;  // They came back in between: none is ignored for long.
  facts.nudges = {kNow - 3 * kDay, kNow - 4 * kDay, kNow - 5 * kDay};
  EXPECT_EQ(Decide(facts), Nudge::kTooOften);
  facts.nudges = {kNow - 3 * kDay, kNow - 4 * kDay, kNow - 7 * kDay};
  EXPECT_EQ(Decide(facts), Nudge::kYes);
}

TEST(NudgingTest, NoneAfterThreeThatWereIgnoredUntilTheyComeBack) {
  NudgeFacts facts = Away();
  facts.last_seen_at = kNow - 90 * kDay;
  facts.nudges = {kNow - 40 * kDay, kNow - 50 * kDay, kNow - 60 * kDay};
  EXPECT_EQ(Decide(facts), Nudge::kIgnored);
  facts.last_seen_at = kNow - 45 * kDay;
  EXPECT_EQ(Decide(facts), Nudge::kYes);
}

TEST(NudgingTest, NotAtNightWhereThePersonIs) {
  absl::TimeZone berlin;
  ASSERT_TRUE(absl::LoadTimeZone("Europe/Berlin", &berlin));
  NudgeFacts facts = Away();
  for (int hour = 0; hour < 24; ++hour) {
    // The night on which clocks are set back, too.
    facts.time_zone = berlin;
    facts.now = absl::FromCivil(absl::CivilHour(2025, 10, 26, hour), berlin);
    facts.last_seen_at = facts.now - 3 * kDay;
    EXPECT_EQ(Decide(facts), hour < 9 || hour >= 22 ? Nudge::kNight : Nudge::kYes) << hour;
  }
}

// Whatever happens, ten weeks of absence bring no more than the rules allow.
TEST(NudgingTest, KeepsItsRulesOverTime) {
  std::mt19937_64 random(8);
  for (int person = 0; person < 50; ++person) {
    NudgeFacts facts = Away();
    std::vector<absl::Time> nudges;
    int ignored = 0;
    for (absl::Time now = kNow; now < kNow + 70 * kDay; now += absl::Minutes(50)) {
      if (random() % 200 == 0) {
        facts.last_seen_at = now;
        ignored = 0;
      }
      facts.now = now;
      facts.nudges = nudges;
      facts.score = static_cast<double>(random() % 100);
      if (Decide(facts) != Nudge::kYes) continue;
      int day = 0, week = 0;
      for (const absl::Time at : nudges) {
        day += at > now - kDay ? 1 : 0;
        week += at > now - 7 * kDay ? 1 : 0;
      }
      EXPECT_EQ(day, 0);
      EXPECT_LT(week, 3);
      EXPECT_LT(ignored, 3);
      nudges.push_back(now);
      ++ignored;
    }
    EXPECT_FALSE(nudges.empty());
  }
}

}  // namespace
}  // namespace selfology::feed
