// A badge that a program of others has accepted (accepted_jwt.txt; tests/peers/task_cases.py).
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"
#include "services/growth/gamification/accepted.h"
#include "services/growth/gamification/badges/credential.h"

namespace selfology::gamification {
namespace {

// The same badge makes the same token, letter by letter.
TEST(PeerBadgeTest, IsTheOneThatOpenbadgeslibAccepts) {
  const auto signer = CredentialSigner::Of(std::string(CredentialSigner::kSeedBytes, 'k'));
  ASSERT_TRUE(signer.ok()) << signer.status();
  const auto token =
      signer->Sign(DescribeCredential({.issuer_id = "https://selfology.example",
                                       .award_id = "0192f0c4-5a3e-7c1d-9e2f-0123456789ab",
                                       .badge_id = "first_task",
                                       .title = "Первый шаг",
                                       .criteria = "Completed a first task.",
                                       .subject_hash = IdentityHash("123456", "salt"),
                                       .salt = "salt",
                                       .awarded_at = absl::FromUnixSeconds(1'780'000'000)}));
  ASSERT_TRUE(token.ok()) << token.status();
  EXPECT_EQ(absl::StrCat(*token, "\n"), kAcceptedJwtTxt);
}

}  // namespace
}  // namespace selfology::gamification
