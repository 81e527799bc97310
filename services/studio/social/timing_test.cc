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

}  // namespace
}  // namespace selfology::social
