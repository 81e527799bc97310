#include "services/platform/analytics/post_rules.h"

#include "gtest/gtest.h"

namespace selfology::analytics {
namespace {

TEST(PostRulesTest, ManyTimesWhatTheAuthorUsuallyHas) {
  EXPECT_EQ(ViralReach(ViralPreset(), {30, 20, 10, 40, 1000}), 150);
  EXPECT_EQ(ViralReach(ViralPreset(), {30, 20, 10, 40, 1000, 20}), 125);
  // Little stays little.
  EXPECT_EQ(ViralReach(ViralPreset(), {1, 1, 1, 1, 1}), 50);
  // Of a newcomer nothing is known.
  EXPECT_EQ(ViralReach(ViralPreset(), {1, 1, 1, 1}), 1000);
  v1::Threshold fixed;
  fixed.set_value(70);
  EXPECT_EQ(ViralReach(fixed, {1, 1, 1, 1, 1}), 70);
}

}  // namespace
}  // namespace selfology::analytics
