#include "services/studio/social/timing.h"

#include "gtest/gtest.h"

namespace selfology::social {
namespace {

TEST(TimingTest, TriesGetRarer) {
  EXPECT_EQ(TryAgainAfter(1), absl::Seconds(5));
  EXPECT_EQ(TryAgainAfter(2), absl::Seconds(10));
  EXPECT_EQ(TryAgainAfter(1000), absl::Minutes(15));
}

TEST(TimingTest, UnknownOutcomesAreLookedUpWithinTenMinutes) {
  EXPECT_EQ(LookUpAfter(absl::ZeroDuration()), absl::Seconds(5));
  EXPECT_EQ(LookUpAfter(absl::Seconds(20)), absl::Seconds(20));
  EXPECT_EQ(LookUpAfter(absl::Hours(9)), absl::Minutes(10));
}

TEST(TimingTest, EightReadings) {
  EXPECT_EQ(*MeasureAt(0), absl::Minutes(5));
  EXPECT_EQ(*MeasureAt(7), absl::Hours(720));
  EXPECT_FALSE(MeasureAt(8).has_value());
  for (int i = 1; i < 8; ++i) EXPECT_GT(*MeasureAt(i), *MeasureAt(i - 1));
}

TEST(TimingTest, TokensAreLookedAtHourlyAndBeforeTheyEnd) {
  const absl::Time now = absl::FromUnixSeconds(1'800'000'000);
  EXPECT_EQ(CheckAt(now, std::nullopt, false), now + absl::Hours(1));
  EXPECT_EQ(CheckAt(now, now + absl::Hours(2), true), now + absl::Hours(1));
  EXPECT_EQ(CheckAt(now, now + absl::Minutes(70), true), now + absl::Minutes(40));
  EXPECT_EQ(CheckAt(now, now + absl::Minutes(50), false), now + absl::Minutes(50));
  // Never at once, or an account would be all that is looked at.
  EXPECT_EQ(CheckAt(now, now - absl::Hours(1), true), now + absl::Minutes(1));
}

}  // namespace
}  // namespace selfology::social
