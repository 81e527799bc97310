#include "services/edge/api_gateway/local_window.h"

#include <deque>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

const absl::Time kMinute = absl::FromUnixSeconds(1'759'312'800);

TEST(LocalWindowTest, CountsEachKeyForItself) {
  LocalWindow window(2);
  EXPECT_EQ(window.Allow("a", kMinute).remaining, 1);
  EXPECT_EQ(window.Allow("a", kMinute).remaining, 0);
  const auto refused = window.Allow("a", kMinute + absl::Seconds(20));
  EXPECT_FALSE(refused.allowed);
  // At the next minute both count still; when half of it is over, one does.
  EXPECT_EQ(refused.retry_after, absl::Seconds(70) + absl::Milliseconds(1));
  EXPECT_TRUE(window.Allow("b", kMinute).allowed);
}

TEST(LocalWindowTest, TheMinuteBeforeCountsForWhatIsLeftOfIt) {
  LocalWindow window(10);
  for (int i = 0; i < 10; ++i) ASSERT_TRUE(window.Allow("a", kMinute).allowed);
  EXPECT_FALSE(window.Allow("a", kMinute + absl::Seconds(61)).allowed);
  // Half a minute on, half of them count.
  EXPECT_EQ(window.Allow("a", kMinute + absl::Seconds(90)).remaining, 4);
  EXPECT_EQ(window.Allow("b", kMinute + absl::Minutes(5)).remaining, 9);
  EXPECT_EQ(window.Allow("a", kMinute + absl::Minutes(5)).remaining, 9);
}

TEST(LocalWindowTest, APlanMayAllowMore) {
  LocalWindow window(2);
  for (int i = 0; i < 6; ++i) EXPECT_EQ(window.Allow("a", kMinute, 3).remaining, 5 - i);
  EXPECT_FALSE(window.Allow("a", kMinute, 3).allowed);
  EXPECT_FALSE(window.Allow("a", kMinute).allowed) << "when the plan has ended";
}

// Whoever waits as long as told is let in, and nobody gets twice the limit in a minute.
TEST(LocalWindowTest, KeepsItsPromises) {
  std::mt19937 bits(5);
  LocalWindow window(20);
  std::deque<absl::Time> let_in;
  absl::Time now = kMinute;
  for (int i = 0; i < 5000; ++i) {
    now += absl::Milliseconds(std::uniform_int_distribution<int>(0, 4000)(bits));
    const auto decision = window.Allow("a", now);
    if (!decision.allowed) {
      ASSERT_GT(decision.retry_after, absl::ZeroDuration());
      now += decision.retry_after;
      ASSERT_TRUE(window.Allow("a", now).allowed);
    }
    let_in.push_back(now);
    while (let_in.front() <= now - absl::Minutes(1)) let_in.pop_front();
    ASSERT_LE(let_in.size(), 40u);
  }
}

TEST(LocalWindowTest, ForgetsNobodyForNewcomers) {
  LocalWindow window(1);
  for (size_t i = 0; i < LocalWindow::kMaxKeys; ++i) window.Allow(absl::StrCat(i), kMinute);
  EXPECT_TRUE(window.Allow("newcomer", kMinute).allowed);
  EXPECT_TRUE(window.Allow("newcomer", kMinute).allowed);
  EXPECT_FALSE(window.Allow("7", kMinute).allowed);
}

}  // namespace
}  // namespace selfology::api_gateway
