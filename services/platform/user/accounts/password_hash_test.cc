#include "services/platform/user/accounts/password_hash.h"

#include <argon2.h>

#include <string>

#include "absl/strings/escaping.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

using ::testing::StartsWith;

constexpr HashParameters kQuick = {.memory_kib = 64, .passes = 1, .lanes = 1};
const char kSalt[] = "0123456789abcdef";

// RFC 9106, section 5.3: what the library computes is Argon2id.
TEST(PasswordHashTest, TheLibraryKeepsTheVectorOfTheRfc) {
  std::string password(32, '\x01'), salt(16, '\x02'), secret(8, '\x03'), data(12, '\x04');
  std::string tag(32, '\0');
  const auto bytes = [](std::string& text) { return reinterpret_cast<uint8_t*>(text.data()); };
  argon2_context context = {};
  context.out = bytes(tag);
  context.outlen = 32;
  context.pwd = bytes(password);
  context.pwdlen = 32;
  context.salt = bytes(salt);
  context.saltlen = 16;
  context.secret = bytes(secret);
  context.secretlen = 8;
  context.ad = bytes(data);
  context.adlen = 12;
  context.t_cost = 3;
  context.m_cost = 32;
  context.lanes = 4;
  context.threads = 4;
  context.version = ARGON2_VERSION_13;
  ASSERT_EQ(argon2id_ctx(&context), ARGON2_OK);
  EXPECT_EQ(absl::BytesToHexString(tag),
            "0d640df58d78766c08c037a34a8b53c9d01ef0452d75b65eb52520e96b01e659");
}

TEST(PasswordHashTest, MatchesThePasswordAndNoOther) {
  const std::string hash = HashPassword("correct horse battery", kSalt, kQuick);
  EXPECT_THAT(hash, StartsWith("$argon2id$v=19$m=64,t=1,p=1$"));
  EXPECT_TRUE(MatchesHash("correct horse battery", hash));
  EXPECT_FALSE(MatchesHash("correct horse batterz", hash));
  EXPECT_FALSE(MatchesHash("", hash));
  EXPECT_FALSE(MatchesHash("correct horse battery", ""));
  EXPECT_FALSE(MatchesHash("correct horse battery", "plain text"));
}

TEST(PasswordHashTest, PasswordsMayHoldAnyBytes) {
  const std::string password("пароль\0and more", 19);
  const std::string hash = HashPassword(password, kSalt, kQuick);
  EXPECT_TRUE(MatchesHash(password, hash));
  EXPECT_FALSE(MatchesHash("пароль", hash));
}

TEST(PasswordHashTest, OtherParametersNeedAnotherHash) {
  const std::string hash = HashPassword("correct horse battery", kSalt, kQuick);
  EXPECT_FALSE(NeedsRehash(hash, kQuick));
  EXPECT_TRUE(NeedsRehash(hash, {.memory_kib = 64, .passes = 2, .lanes = 1}));
  EXPECT_TRUE(NeedsRehash(hash, {}));
  EXPECT_TRUE(NeedsRehash("", kQuick));
}

}  // namespace
}  // namespace selfology::user
