#include "services/platform/security/session_rules.h"

#include "gtest/gtest.h"

namespace selfology::security {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);
const SessionRules kRules;

ShownRefreshToken Good() { return {.session_expires_at = kNow + absl::Hours(1)}; }

TEST(SessionRulesTest, ANewTokenIsExchangedOnce) {
  EXPECT_EQ(Judge(Good(), kRules, kNow), Verdict::kRotate);
}

TEST(SessionRulesTest, AUsedOneGivesItsAnswerAgainWithinTheGrace) {
  ShownRefreshToken used = Good();
  used.rotated_at = kNow - kRules.refresh_grace;
  used.has_answer = true;
  EXPECT_EQ(Judge(used, kRules, kNow), Verdict::kRepeat);
  used.rotated_at = kNow + absl::Milliseconds(5);
  EXPECT_EQ(Judge(used, kRules, kNow), Verdict::kRepeat) << "a clock that is ahead";
  used.has_answer = false;
  EXPECT_EQ(Judge(used, kRules, kNow), Verdict::kReused);
}

TEST(SessionRulesTest, AfterTheGraceItIsTakenForStolen) {
  ShownRefreshToken used = Good();
  used.rotated_at = kNow - kRules.refresh_grace - absl::Milliseconds(1);
  used.has_answer = true;
  EXPECT_EQ(Judge(used, kRules, kNow), Verdict::kReused);
}

TEST(SessionRulesTest, ATokenOfAnEndedSessionIsRefusedAndNoMore) {
  ShownRefreshToken expired = Good();
  expired.session_expires_at = kNow;
  EXPECT_EQ(Judge(expired, kRules, kNow), Verdict::kRefused);
  ShownRefreshToken revoked = Good();
  revoked.session_revoked_at = kNow - absl::Hours(1);
  EXPECT_EQ(Judge(revoked, kRules, kNow), Verdict::kRefused);
  revoked.rotated_at = kNow - absl::Hours(2);
  EXPECT_EQ(Judge(revoked, kRules, kNow), Verdict::kRefused) << "told of once";
}

TEST(SessionRulesTest, ASessionEndsWhateverIsDone) {
  EXPECT_EQ(ExpiryOf(kNow, kNow + kRules.session_life, kRules), kNow + kRules.refresh_life);
  EXPECT_EQ(ExpiryOf(kNow, kNow + absl::Hours(1), kRules), kNow + absl::Hours(1));
}

TEST(SessionRulesTest, ARevocationOutlastsEveryToken) {
  EXPECT_GT(ForgetAfter(kNow, kRules), kNow + kRules.access_life);
  EXPECT_GT(ForgetAfter(kNow, kRules), kNow + kRules.service_life);
}

}  // namespace
}  // namespace selfology::security
