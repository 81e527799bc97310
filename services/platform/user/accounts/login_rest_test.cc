#include "services/platform/user/accounts/login_rest.h"

#include "gtest/gtest.h"

namespace selfology::user {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

TEST(LoginRestTest, AFewMistakesCostNothing) {
  LoginFailures failures;
  for (int i = 0; i < 4; ++i) {
    failures = AfterFailure(failures, kNow);
    EXPECT_EQ(RestLeft(failures, kNow), absl::ZeroDuration()) << i;
  }
  failures = AfterFailure(failures, kNow);
  EXPECT_EQ(RestLeft(failures, kNow), absl::Seconds(2));
  EXPECT_EQ(RestLeft(failures, kNow + absl::Seconds(1)), absl::Seconds(1));
  EXPECT_EQ(RestLeft(failures, kNow + absl::Seconds(2)), absl::ZeroDuration());
}

// Tried whenever it may be: in a day not much more than a hundred times.
TEST(LoginRestTest, GuessingTakesForEver) {
  LoginFailures failures;
  absl::Time now = kNow;
  int tried = 0;
  while (now < kNow + absl::Hours(23)) {
    now += RestLeft(failures, now);
    failures = AfterFailure(failures, now);
    ++tried;
    ASSERT_LE(RestLeft(failures, now), kLongestRest);
    ASSERT_LT(tried, 1'000);
  }
  EXPECT_LT(tried, 120);
}

TEST(LoginRestTest, ADayWithoutAnotherForgetsThem) {
  LoginFailures failures{.count = 50, .last_at = kNow};
  EXPECT_EQ(RestLeft(failures, kNow), kLongestRest);
  EXPECT_EQ(RestLeft(failures, kNow + kFailuresLast), absl::ZeroDuration());
  EXPECT_EQ(AfterFailure(failures, kNow + kFailuresLast).count, 1);
}

}  // namespace
}  // namespace selfology::user
