#include "services/platform/user/accounts/password_policy.h"

#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/user/common_passwords.h"

namespace selfology::user {
namespace {

bool IsAccepted(std::string_view password, std::string_view email = "") {
  status::FieldViolations bad;
  CheckNewPassword(password, "password", email, bad);
  return bad.empty();
}

TEST(PasswordPolicyTest, HasTwelveTo128Characters) {
  EXPECT_FALSE(IsAccepted("zq7!zq7!zq7"));
  EXPECT_TRUE(IsAccepted("zq7!zq7!zq7!"));
  EXPECT_TRUE(IsAccepted(std::string(128, '~')));
  EXPECT_FALSE(IsAccepted(std::string(129, '~')));
}

TEST(PasswordPolicyTest, CountsCharactersNotBytes) {
  EXPECT_FALSE(IsAccepted("жжжжжжжжжжж"));
  EXPECT_TRUE(IsAccepted("жыжыжыжыжыжы"));
}

TEST(PasswordPolicyTest, IsNotTheAddress) {
  EXPECT_FALSE(IsAccepted("Ann@Example.org", "ann@example.org"));
  EXPECT_TRUE(IsAccepted("Ann@Example.org", "bob@example.org"));
}

TEST(PasswordPolicyTest, EveryLineOfTheListIsRefusedInAnyCase) {
  const std::vector<std::string_view> lines =
      absl::StrSplit(kCommonPasswordsTxt, '\n', absl::SkipEmpty());
  ASSERT_GT(lines.size(), 40'000u);
  std::string_view before;
  for (const std::string_view line : lines) {
    EXPECT_LT(before, line) << "the search needs them sorted";
    EXPECT_GE(text::Characters(line), kMinPasswordLength) << line;
    EXPECT_TRUE(IsCommonPassword(line)) << line;
    EXPECT_FALSE(IsAccepted(absl::AsciiStrToUpper(line))) << line;
    EXPECT_FALSE(IsCommonPassword(std::string(line) + "\x7f")) << line;
    before = line;
  }
  EXPECT_FALSE(IsCommonPassword(""));
  EXPECT_FALSE(IsCommonPassword("\x01"));
  EXPECT_FALSE(IsCommonPassword("\xff\xff"));
}

TEST(PasswordPolicyTest, WellKnownOnesAreAmongThem) {
  for (const char* known : {"123456789012", "qwertyuiop123", "PASSWORD1234", "iloveyou1234"}) {
    EXPECT_TRUE(IsCommonPassword(known)) << known;
  }
}

}  // namespace
}  // namespace selfology::user
