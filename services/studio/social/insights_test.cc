#include "services/studio/social/insights.h"

#include <cmath>
#include <random>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'796'000'000);

// An account whose posts do best at one hour, falling off over the hours around it, with chance: some
// posts spread, others do not.
struct Account {
  int best = 0;
  std::vector<MeasuredPost> posts = {};
};
Account Simulate(uint64_t seed, int posts, const absl::TimeZone& zone) {
  std::mt19937_64 random(seed);
  Account account{.best = std::uniform_int_distribution<int>(0, 23)(random)};
  for (int i = 0; i < posts; ++i) {
    const double at = std::uniform_real_distribution<double>(0, 24)(random);
    const double away = std::abs(std::remainder(at - account.best - 0.5, 24.0));
    const double luck = std::lognormal_distribution<double>(0, 0.5)(random);
    const double mean = 8 * (1 + 2 * std::exp(-away * away / (2 * 2.5 * 2.5))) * luck;
    const absl::Time day = absl::FromCivil(absl::CivilDay(2026, 9, 1) + i, zone);
    account.posts.push_back({.text = absl::StrCat("post ", i),
                             .published_at = day + at * absl::Hours(1),
                             .reactions = std::poisson_distribution<int64_t>(mean)(random)});
  }
  return account;
}

TEST(InsightsTest, FindsTheBestHourOfNineAccountsInTen) {
  absl::TimeZone zone;
  ASSERT_TRUE(absl::LoadTimeZone("Asia/Kolkata", &zone));  // No daylight saving, half an hour off.
  constexpr int kAccounts = 500;
  int found = 0;
  for (uint64_t seed = 1; seed <= kAccounts; ++seed) {
    const Account account = Simulate(seed, 60, zone);
    const Insights insights = InsightsOf(account.posts, zone);
    ASSERT_TRUE(insights.known);
    const int away = std::abs(insights.hours.front().hour - account.best);
    found += std::min(away, 24 - away) <= 1 ? 1 : 0;
  }
  RecordProperty("found", found);
  EXPECT_GE(found, kAccounts * 9 / 10);
}

TEST(InsightsTest, UnderTwentyPostsItDoesNotKnow) {
  const Account account = Simulate(1, 19, absl::UTCTimeZone());
  EXPECT_FALSE(InsightsOf(account.posts, absl::UTCTimeZone()).known);
  EXPECT_THAT(InsightsOf(account.posts, absl::UTCTimeZone()).hours, IsEmpty());
  EXPECT_TRUE(InsightsOf(Simulate(1, 20, absl::UTCTimeZone()).posts, absl::UTCTimeZone()).known);
}

TEST(InsightsTest, AHashtagThatWorkedComesFirstAndOneOfOnePostIsNotTold) {
  std::vector<MeasuredPost> posts;
  for (int i = 0; i < 30; ++i) {
    posts.push_back({.text = i % 3 == 0 ? "a #Garden" : "a #work",
                     .published_at = kNow + i * absl::Hours(5),
                     .reactions = i % 3 == 0 ? 90 : 10});
  }
  posts.push_back({.text = "#once", .published_at = kNow, .reactions = 100'000});
  const Insights insights = InsightsOf(posts, absl::UTCTimeZone());
  ASSERT_EQ(insights.hashtags.size(), 2);
  EXPECT_EQ(insights.hashtags[0].hashtag, "garden");
  EXPECT_EQ(insights.hashtags[0].posts, 10);
  EXPECT_GT(insights.hashtags[0].lift, 1.5);
  EXPECT_EQ(insights.hashtags[1].hashtag, "work");
  EXPECT_LT(insights.hashtags[1].lift, 1);
}

TEST(InsightsTest, ReadsHashtagsOfAnyScript) {
  EXPECT_THAT(HashtagsOf("#Сад, #сад и #work_1; a#b https://a.example/#c &#39; #日本 # #"),
              ElementsAre("сад", "work_1", "日本"));
}

TEST(InsightsTest, TheNextHourIsAhead) {
  const absl::TimeZone utc = absl::UTCTimeZone();
  const absl::Time noon = absl::FromCivil(absl::CivilHour(2026, 11, 30, 12), utc);
  EXPECT_EQ(NextHour(13, noon, utc), noon + absl::Hours(1));
  EXPECT_EQ(NextHour(12, noon, utc), noon + absl::Hours(24));
  EXPECT_EQ(NextHour(11, noon, utc), noon + absl::Hours(23));
}

}  // namespace
}  // namespace selfology::social
