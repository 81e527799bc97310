#include "services/platform/notification/deliveries/schedule.h"

#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

TEST(ScheduleTest, WaitsLongerEachTimeAndEnds) {
  for (const v1::Channel channel : {v1::CHANNEL_EMAIL, v1::CHANNEL_SMS, v1::CHANNEL_PUSH}) {
    absl::Duration before = absl::ZeroDuration();
    int attempts = 1;
    for (; NextWait(channel, attempts, std::nullopt).has_value(); ++attempts) {
      EXPECT_GT(*NextWait(channel, attempts, std::nullopt), before);
      before = *NextWait(channel, attempts, std::nullopt);
      ASSERT_LT(attempts, 20);
    }
    EXPECT_GT(attempts, 3);
  }
  EXPECT_EQ(NextWait(v1::CHANNEL_TELEGRAM, 1, std::nullopt), std::nullopt);
  EXPECT_EQ(NextWait(v1::CHANNEL_EMAIL, 0, std::nullopt), std::nullopt);
}

TEST(ScheduleTest, ComesBackNotBeforeItIsAskedTo) {
  EXPECT_EQ(NextWait(v1::CHANNEL_PUSH, 1, absl::Minutes(7)), absl::Minutes(7));
  EXPECT_EQ(NextWait(v1::CHANNEL_PUSH, 1, absl::Seconds(1)), absl::Seconds(10));
  EXPECT_EQ(NextWait(v1::CHANNEL_PUSH, 1, absl::Hours(1000)), absl::Hours(24));
}

TEST(ScheduleTest, TellsBouncesApart) {
  EXPECT_EQ(BounceOf("5.1.1"), Bounce::kHard);
  EXPECT_EQ(BounceOf("4.2.2"), Bounce::kSoft);
  EXPECT_EQ(BounceOf("2.0.0"), Bounce::kNone);
  for (const char* bad : {"", "5", "5.1", "5.1.1.1", "6.1.1", "5.x.1", "5..1", "5.1.1000"}) {
    EXPECT_EQ(BounceOf(bad), Bounce::kNone) << bad;
  }
}

}  // namespace
}  // namespace selfology::notification
