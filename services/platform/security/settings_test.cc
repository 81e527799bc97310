#include "services/platform/security/settings.h"

#include "common/crypto/crypto.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

TEST(SettingsTest, ReadsServiceAccounts) {
  const auto accounts = ReadServiceAccounts(
      "content-service:0123456789abcdef:studio.* platform.media.read,ads:fedcba9876543210:");
  ASSERT_TRUE(accounts.ok()) << accounts.status();
  ASSERT_EQ(accounts->size(), 2);
  EXPECT_EQ(accounts->at("content-service").scope, "studio.* platform.media.read");
  EXPECT_EQ(accounts->at("content-service").secret_hash, crypto::Sha256("0123456789abcdef"));
  EXPECT_EQ(accounts->at("ads").scope, "");
  EXPECT_TRUE(ReadServiceAccounts("")->empty());
}

TEST(SettingsTest, RefusesOthersWithoutTellingTheirSecret) {
  for (const char* bad : {"ads", "ads:short:studio.*", ":0123456789abcdef:studio.*",
                          "ads:0123456789abcdef:studio", "ads:0123456789abcdef"}) {
    const auto accounts = ReadServiceAccounts(bad);
    EXPECT_FALSE(accounts.ok()) << bad;
    EXPECT_EQ(accounts.status().message().find("0123456789"), std::string_view::npos);
  }
}

}  // namespace
}  // namespace selfology::security
