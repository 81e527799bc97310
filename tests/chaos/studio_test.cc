// A short run of the studio's chaos: 400 posts, 15 kills. A long one: bazel run //tests/chaos:studio
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "tests/chaos/studio_run.h"

namespace selfology::chaos {
namespace {

using ::testing::IsEmpty;

TEST(StudioChaosTest, EachPostIsThereOnceWhateverBreaks) {
  const auto report = RunStudio({});
  ASSERT_TRUE(report.ok()) << report.status();
  RecordProperty("report", report->ToString());
  EXPECT_THAT(report->violations, IsEmpty()) << report->ToString();
  EXPECT_EQ(report->published, 380) << report->ToString();
  EXPECT_EQ(report->refused, 20);
  // The run is none if nothing broke.
  EXPECT_GT(report->looked_up, 20) << report->ToString();
  EXPECT_EQ(report->faults.size(), 5);
  EXPECT_LT(report->settled_after, absl::Minutes(10)) << report->ToString();
}

}  // namespace
}  // namespace selfology::chaos
