#include "services/edge/webhook/outbound/retry_plan.h"

#include <vector>

#include "absl/random/random.h"
#include "gtest/gtest.h"

namespace selfology::webhook {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1764489600);

Next After(int http_status, int counted_before, const std::vector<int32_t>& schedule = {},
           std::string_view retry_after = "", absl::Duration age = absl::ZeroDuration()) {
  static absl::BitGen random;
  return PlanAfter(OutcomeOf(http_status, retry_after, kNow),
                   {.counted_before = counted_before, .created_at = kNow - age}, schedule, kNow,
                   random);
}

TEST(RetryPlanTest, ThreeAttemptsUnlessTheEndpointSaysOtherwise) {
  for (const int failure : {500, 404, 301, 400, 503}) {
    EXPECT_EQ(After(failure, 0).state, v1::DELIVERY_STATE_PENDING) << failure;
    EXPECT_GE(After(failure, 0).at, kNow + absl::Seconds(10));
    EXPECT_LE(After(failure, 0).at, kNow + absl::Seconds(12));
    EXPECT_GE(After(failure, 1).at, kNow + absl::Seconds(60));
    EXPECT_EQ(After(failure, 2).state, v1::DELIVERY_STATE_FAILED) << failure;
  }
  EXPECT_EQ(After(500, 2, {1, 2, 3}).state, v1::DELIVERY_STATE_PENDING);
  EXPECT_EQ(After(500, 3, {1, 2, 3}).state, v1::DELIVERY_STATE_FAILED);
  for (const int fine : {200, 201, 204, 299}) {
    EXPECT_EQ(After(fine, 2).state, v1::DELIVERY_STATE_DELIVERED) << fine;
  }
}

TEST(RetryPlanTest, ObeysGoneAndTooMany) {
  EXPECT_TRUE(After(410, 0).endpoint_gone);
  EXPECT_EQ(After(410, 0).state, v1::DELIVERY_STATE_FAILED);
  EXPECT_FALSE(After(404, 0).endpoint_gone);

  const Next throttled = After(429, 2, {}, "120");
  EXPECT_EQ(throttled.state, v1::DELIVERY_STATE_PENDING) << "it does not count";
  EXPECT_FALSE(throttled.counts);
  EXPECT_EQ(throttled.at, kNow + absl::Seconds(120));
  EXPECT_EQ(After(429, 0).at, kNow + absl::Minutes(1));
  EXPECT_EQ(After(503, 2, {}, "5").at, kNow + absl::Seconds(5));
  EXPECT_EQ(After(429, 2, {}, "120", absl::Hours(25)).state, v1::DELIVERY_STATE_FAILED)
      << "not for ever";
  EXPECT_GE(After(500, 0, {}, "3600").at, kNow + absl::Hours(1)) << "never before it said";
}

TEST(RetryPlanTest, AnUnknownOutcomeIsSentAgainAndDoesNotCount) {
  absl::BitGen random;
  const Next next =
      PlanAfter({.failure = v1::DELIVERY_FAILURE_UNKNOWN}, {.counted_before = 2}, {}, kNow, random);
  EXPECT_EQ(next.state, v1::DELIVERY_STATE_PENDING);
  EXPECT_FALSE(next.counts);
  EXPECT_EQ(next.at, kNow);
}

TEST(RetryPlanTest, ReadsRetryAfter) {
  const auto after = [](std::string_view text) { return ParseRetryAfter(text, kNow); };
  EXPECT_EQ(after("0"), kNow);
  EXPECT_EQ(after(" 7 "), kNow + absl::Seconds(7));
  EXPECT_EQ(after("Sun, 30 Nov 2025 08:01:00 GMT"), kNow + absl::Minutes(1));
  EXPECT_EQ(after("Sun, 30 Nov 2025 07:00:00 GMT"), kNow) << "in the past";
  EXPECT_EQ(after("99999999"), kNow + absl::Hours(24));
  EXPECT_EQ(after("99999999999999999999999"), kNow + absl::Hours(24));
  for (const char* none : {"", "-1", "soon", "1.5", "Sunday"}) {
    EXPECT_FALSE(after(none).has_value()) << none;
  }
}

TEST(RetryPlanTest, PersistentFailureNeedsTimeAndNumbers) {
  const absl::Duration tolerated = absl::Hours(120);
  EXPECT_TRUE(FailsPersistently(kNow - tolerated, 10, tolerated, kNow));
  EXPECT_FALSE(FailsPersistently(kNow - tolerated, 9, tolerated, kNow));
  EXPECT_FALSE(FailsPersistently(kNow - tolerated + absl::Seconds(1), 1000, tolerated, kNow));
}

}  // namespace
}  // namespace selfology::webhook
