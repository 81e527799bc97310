#include "services/platform/integration/renewal_rules.h"

#include "gtest/gtest.h"

namespace selfology::integration {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1764489600);

TEST(RenewalRulesTest, RenewsAheadOfTheEnd) {
  EXPECT_EQ(RefreshAt(kNow, absl::Hours(1)), kNow + absl::Minutes(54));
  EXPECT_EQ(RefreshAt(kNow, absl::Hours(10)), kNow + absl::Hours(9));
  EXPECT_EQ(RefreshAt(kNow, absl::Minutes(30)), kNow + absl::Minutes(25));
  EXPECT_EQ(RefreshAt(kNow, absl::Minutes(1)), kNow + absl::Seconds(30));
}

TEST(RenewalRulesTest, ARevokedGrantBreaksAndIsToldOnce) {
  const auto broken = AfterFailure({}, TokenError::kGrant, false, kNow + absl::Hours(1), kNow);
  EXPECT_EQ(broken.state, v1::CONNECTION_STATE_BROKEN);
  EXPECT_EQ(broken.failure, v1::CONNECTION_FAILURE_GRANT_REVOKED);
  EXPECT_FALSE(broken.refresh_at.has_value());
  EXPECT_TRUE(broken.tell);
  EXPECT_FALSE(AfterFailure(broken, TokenError::kGrant, false, {}, kNow).tell);
  EXPECT_EQ(AfterFailure({}, TokenError::kGrant, /*interrupted=*/true, {}, kNow).failure,
            v1::CONNECTION_FAILURE_INTERRUPTED);
}

TEST(RenewalRulesTest, APassingFailureIsTriedAgainAndToldWhenItMatters) {
  Health health;
  const absl::Time expires = kNow + absl::Hours(1);
  for (int i = 1; i <= 2; ++i) {
    health = AfterFailure(health, TokenError::kAway, false, expires, kNow);
    EXPECT_EQ(health.state, v1::CONNECTION_STATE_ACTIVE) << "the token holds";
    EXPECT_FALSE(health.tell);
  }
  EXPECT_EQ(*health.refresh_at, kNow + absl::Minutes(1));
  health = AfterFailure(health, TokenError::kAway, false, expires, kNow);
  EXPECT_EQ(health.state, v1::CONNECTION_STATE_FAILING);
  EXPECT_TRUE(health.tell);
  for (int i = 0; i < 50; ++i) {
    health = AfterFailure(health, TokenError::kAway, false, expires, kNow);
    EXPECT_FALSE(health.tell);
    EXPECT_LE(*health.refresh_at, kNow + absl::Hours(1));
  }
  // It breaks for good after failing for a passing reason.
  EXPECT_TRUE(AfterFailure(health, TokenError::kGrant, false, expires, kNow).tell);
  // At once, when the token has ended.
  EXPECT_TRUE(AfterFailure({}, TokenError::kAway, false, kNow, kNow).tell);
}

}  // namespace
}  // namespace selfology::integration
