#include "services/feed/channel_reader/pace.h"

#include <random>

#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::channel_reader {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

// After so many readings of a channel that posts at this pace.
absl::Duration Settled(absl::Duration between, int readings) {
  absl::Duration period = absl::ZeroDuration();
  for (int i = 0; i < readings; ++i) {
    std::vector<absl::Time> posted;
    for (int post = 0; post < 20; ++post) posted.push_back(kNow - between * post);
    period = NextPeriod(period, posted, kNow);
  }
  return period;
}

TEST(PaceTest, AChannelIsReadAboutTwiceAsOftenAsItPosts) {
  EXPECT_EQ(Settled(absl::Seconds(10), 10), kShortestPeriod);
  EXPECT_GE(Settled(absl::Minutes(40), 10), absl::Minutes(15));
  EXPECT_LE(Settled(absl::Minutes(40), 10), absl::Minutes(25));
  EXPECT_EQ(Settled(absl::Hours(24), 10), kLongestPeriod);
}

TEST(PaceTest, ASilentChannelIsReadEverLess) {
  const std::vector<absl::Time> old = {kNow - absl::Hours(300), kNow - absl::Hours(301)};
  EXPECT_EQ(NextPeriod(absl::Minutes(2), old, kNow), absl::Minutes(4));
  EXPECT_EQ(NextPeriod(absl::Minutes(40), old, kNow), kLongestPeriod);
  EXPECT_EQ(NextPeriod(absl::ZeroDuration(), {}, kNow), absl::Minutes(20));
}

TEST(PaceTest, ThePeriodStaysWithinItsBoundsWhateverIsPosted) {
  std::mt19937 random(1);
  for (int round = 0; round < 1000; ++round) {
    std::vector<absl::Time> posted;
    for (unsigned i = random() % 30; i > 0; --i) {
      posted.push_back(kNow - absl::Seconds(static_cast<int64_t>(random() % 1'000'000) - 1000));
    }
    const absl::Duration before = absl::Seconds(static_cast<int64_t>(120 + random() % 3481));
    const absl::Duration after = NextPeriod(before, posted, kNow);
    EXPECT_GE(after, kShortestPeriod);
    EXPECT_LE(after, kLongestPeriod);
    EXPECT_LE(after, before * 2);
    EXPECT_GE(after, before / 2);
  }
}

TEST(PaceTest, PausesGrowAndRespectWhatTheOtherSideAsks) {
  absl::BitGen random;
  const auto pause = [&](v1::UnreadableReason reason, int failures,
                         std::optional<absl::Duration> asked = std::nullopt) {
    return NextPause(reason, failures, asked, random);
  };
  using ::testing::AllOf;
  using ::testing::Ge;
  using ::testing::Le;
  EXPECT_THAT(pause(v1::UNREADABLE_REASON_UNREACHABLE, 1),
              AllOf(Ge(absl::Minutes(2)), Le(absl::Minutes(2) * 1.1)));
  EXPECT_THAT(pause(v1::UNREADABLE_REASON_UNREACHABLE, 3),
              AllOf(Ge(absl::Minutes(8)), Le(absl::Minutes(8) * 1.1)));
  EXPECT_THAT(pause(v1::UNREADABLE_REASON_UNREACHABLE, 99),
              AllOf(Ge(absl::Minutes(60)), Le(absl::Minutes(66))));
  EXPECT_THAT(pause(v1::UNREADABLE_REASON_NO_PREVIEW, 1), Ge(absl::Hours(1)));
  EXPECT_THAT(pause(v1::UNREADABLE_REASON_NO_PREVIEW, 99),
              AllOf(Ge(absl::Hours(24)), Le(absl::Hours(27))));
  EXPECT_THAT(pause(v1::UNREADABLE_REASON_TOO_OFTEN, 1, absl::Hours(3)), Ge(absl::Hours(3)));
  EXPECT_THAT(pause(v1::UNREADABLE_REASON_TOO_OFTEN, 1, absl::Hours(300)), Le(absl::Hours(27)));
}

}  // namespace
}  // namespace selfology::channel_reader
