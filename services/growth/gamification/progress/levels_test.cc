#include "services/growth/gamification/progress/levels.h"

#include "gtest/gtest.h"

namespace selfology::gamification {
namespace {

TEST(LevelsTest, ALevelHoldsExactlyThePointsFromItsBeginToTheNext) {
  for (int64_t level = 1; level < 3'000'000; level += level / 7 + 1) {
    EXPECT_EQ(LevelOf(BeginOfLevel(level)), level);
    EXPECT_EQ(LevelOf(BeginOfLevel(level + 1) - 1), level);
  }
}

TEST(LevelsTest, NobodyIsBelowTheFirstLevel) {
  EXPECT_EQ(LevelOf(-1'000'000), 1);
  EXPECT_EQ(LevelOf(0), 1);
  EXPECT_EQ(LevelOf(99), 1);
  EXPECT_EQ(LevelOf(100), 2);
  EXPECT_EQ(LevelOf(300), 3);
}

}  // namespace
}  // namespace selfology::gamification
