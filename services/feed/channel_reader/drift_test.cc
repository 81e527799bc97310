#include "services/feed/channel_reader/drift.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::channel_reader {
namespace {

using ::testing::ElementsAre;

std::vector<std::vector<std::string>> Posts(int complete, int broken) {
  std::vector<std::vector<std::string>> posts(complete);
  posts.resize(complete + broken, {"views"});
  return posts;
}

TEST(DriftTest, TheAlarmComesBelowFourFifthsAndGoesAtNineTenths) {
  EXPECT_FALSE(JudgeDrift(Posts(160, 40), false).drifting);
  EXPECT_TRUE(JudgeDrift(Posts(159, 41), false).drifting);
  EXPECT_TRUE(JudgeDrift(Posts(179, 21), true).drifting);
  EXPECT_FALSE(JudgeDrift(Posts(180, 20), true).drifting);
}

TEST(DriftTest, AFewPostsProveNothing) {
  EXPECT_FALSE(JudgeDrift(Posts(0, 19), false).drifting);
  EXPECT_TRUE(JudgeDrift(Posts(0, 20), false).drifting);
  EXPECT_TRUE(JudgeDrift({}, true).drifting);
  EXPECT_EQ(JudgeDrift({}, false).complete_share, 1);
}

TEST(DriftTest, NamesWhatIsMissingMost) {
  const Drift drift = JudgeDrift({{"a", "b"}, {"b"}, {"b", "c"}, {"c"}, {}}, false);
  EXPECT_THAT(drift.missing, ElementsAre("b", "c", "a"));
  EXPECT_DOUBLE_EQ(drift.complete_share, 0.2);
}

}  // namespace
}  // namespace selfology::channel_reader
