#include "services/platform/user/secrets.h"

#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

using ::testing::MatchesRegex;
using ::testing::SizeIs;

// RFC 7636, appendix B.
TEST(SecretsTest, ChallengesAreThoseOfPkce) {
  EXPECT_EQ(ChallengeOf("dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"),
            "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM");
}

// RFC 4231, test case 2.
TEST(SecretsTest, KeyedHashesAreHmacs) {
  EXPECT_EQ(KeyedHash("Jefe", "what do ya want for nothing?"),
            "5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843");
}

TEST(SecretsTest, CodesDiffer) {
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) {
    const std::string code = NewCode();
    EXPECT_THAT(code, MatchesRegex("[A-Za-z0-9_-]{43}"));
    codes.insert(code);
    codes.insert(NewShortCode(10));
    codes.insert(NewJobId());
  }
  EXPECT_THAT(codes, SizeIs(3000));
}

TEST(SecretsTest, ShortCodesUseEveryLetterAlike) {
  std::string all;
  for (int i = 0; i < 1000; ++i) all += NewShortCode(30);
  ASSERT_THAT(all, SizeIs(30'000));
  for (const char letter : std::string("23456789ABCDEFGHJKMNPQRSTVWXYZ")) {
    // 1,000 each; six standard deviations of 31 on either side.
    EXPECT_NEAR(std::count(all.begin(), all.end(), letter), 1000, 190) << letter;
  }
}

TEST(SecretsTest, ShortCodesMayBeTypedAnyHow) {
  EXPECT_EQ(TypedCode(" ab3-4x y9 "), "AB34XY9");
  EXPECT_EQ(TypedCode(""), "");
}

TEST(SecretsTest, ComparesWholeSecrets) {
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abd"));
  EXPECT_FALSE(SameSecret("abc", "abcd"));
}

}  // namespace
}  // namespace selfology::user
