#include "services/platform/queue/retry.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::queue {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(RetryTest, DoublesUpToAnHourWithATenthAtRandom) {
  EXPECT_EQ(RetryDelay({}, 1, 0), absl::Seconds(1));
  EXPECT_EQ(RetryDelay({}, 4, 0), absl::Seconds(8));
  EXPECT_EQ(RetryDelay({}, 4, 0.5), absl::Seconds(8.4));
  EXPECT_EQ(RetryDelay({}, 13, 0), absl::Hours(1));
  EXPECT_EQ(RetryDelay({}, 100, 0), absl::Hours(1));
  for (int failed = 1; failed < 40; ++failed) {
    EXPECT_LE(RetryDelay({}, failed, 0), RetryDelay({}, failed + 1, 0));
    EXPECT_LE(RetryDelay({}, failed, 0.999), absl::Minutes(66));
  }
}

TEST(RetryTest, FollowsTheJobsOwnDelaysAndRepeatsTheLast) {
  const RetryDelays delays = {absl::Seconds(10), absl::Minutes(1), absl::ZeroDuration()};
  EXPECT_EQ(RetryDelay(delays, 1, 0.9), absl::Seconds(10));
  EXPECT_EQ(RetryDelay(delays, 2, 0.9), absl::Minutes(1));
  EXPECT_EQ(RetryDelay(delays, 3, 0.9), absl::ZeroDuration());
  EXPECT_EQ(RetryDelay(delays, 77, 0.9), absl::ZeroDuration());
}

TEST(RetryTest, DelaysComeBackAsTheyWereKept) {
  const RetryDelays delays = {absl::Milliseconds(1500), absl::Hours(24 * 30), absl::ZeroDuration()};
  EXPECT_EQ(ReadDelays(WriteDelays(delays)), delays);
  EXPECT_THAT(ReadDelays(""), IsEmpty());
  EXPECT_THAT(ReadDelays("5,x,7"), ElementsAre(absl::Milliseconds(5), absl::Milliseconds(7)));
}

}  // namespace
}  // namespace selfology::queue
