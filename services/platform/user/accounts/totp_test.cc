#include "services/platform/user/accounts/totp.h"

#include <string>
#include <utility>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

using ::testing::Optional;

const char kSecret[] = "12345678901234567890";

// RFC 6238, appendix B, the rows of SHA-1; six digits are the last of its eight.
TEST(TotpTest, CodesAreThoseOfTheRfc) {
  const std::pair<int64_t, std::string> rows[] = {{59, "287082"},         {1111111109, "081804"},
                                                  {1111111111, "050471"}, {1234567890, "005924"},
                                                  {2000000000, "279037"}, {20000000000, "353130"}};
  for (const auto& [seconds, code] : rows) {
    EXPECT_EQ(TotpAt(kSecret, seconds / 30), code) << seconds;
    EXPECT_THAT(MatchTotp(kSecret, code, absl::FromUnixSeconds(seconds), 0),
                Optional(seconds / 30));
  }
}

TEST(TotpTest, TakesTheStepBeforeAndTheNextAndNoOther) {
  constexpr int64_t kNow = 1'000'000;
  const absl::Time now = absl::FromUnixSeconds(kNow * 30 + 7);
  for (int64_t step = kNow - 3; step <= kNow + 3; ++step) {
    const bool near = step >= kNow - 1 && step <= kNow + 1;
    EXPECT_EQ(MatchTotp(kSecret, TotpAt(kSecret, step), now, 0).has_value(), near) << step - kNow;
  }
}

TEST(TotpTest, ACodeIsGoodOnce) {
  constexpr int64_t kNow = 1'000'000;
  const absl::Time now = absl::FromUnixSeconds(kNow * 30);
  EXPECT_FALSE(MatchTotp(kSecret, TotpAt(kSecret, kNow), now, kNow).has_value());
  EXPECT_FALSE(MatchTotp(kSecret, TotpAt(kSecret, kNow - 1), now, kNow).has_value());
  EXPECT_TRUE(MatchTotp(kSecret, TotpAt(kSecret, kNow + 1), now, kNow).has_value());
}

TEST(TotpTest, WhatIsNoCodeMatchesNothing) {
  for (const char* code : {"", "12345", "1234567", "abcdef", "      "}) {
    EXPECT_FALSE(MatchTotp(kSecret, code, absl::FromUnixSeconds(59), 0).has_value()) << code;
  }
  EXPECT_FALSE(MatchTotp("", "", absl::FromUnixSeconds(59), 0).has_value());
}

// RFC 4648, section 10.
TEST(TotpTest, Base32IsThatOfTheRfc) {
  EXPECT_EQ(Base32("f"), "MY");
  EXPECT_EQ(Base32("foobar"), "MZXW6YTBOI");
}

TEST(TotpTest, TheUriNamesTheAccount) {
  EXPECT_EQ(OtpauthUri("ann@example.org", "foobar"),
            "otpauth://totp/Selfology:ann%40example.org?secret=MZXW6YTBOI&issuer=Selfology");
}

}  // namespace
}  // namespace selfology::user
