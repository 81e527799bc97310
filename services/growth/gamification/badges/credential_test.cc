#include "services/growth/gamification/badges/credential.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "nlohmann/json.hpp"
#include "openssl/evp.h"

namespace selfology::gamification {
namespace {

std::string Decoded(std::string_view part) {
  std::string bytes;
  EXPECT_TRUE(absl::WebSafeBase64Unescape(part, &bytes)) << part;
  return bytes;
}

// By the public key alone, as others do it.
bool Verifies(const std::string& jwt, const std::string& jwk) {
  const std::vector<std::string> parts = absl::StrSplit(jwt, '.');
  if (parts.size() != 3) return false;
  const std::string x = Decoded(nlohmann::json::parse(jwk)["x"].get<std::string>());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(
      EVP_PKEY_new_raw_public_key(EVP_PKEY_ED25519, nullptr,
                                  reinterpret_cast<const uint8_t*>(x.data()), x.size()),
      &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> context(EVP_MD_CTX_new(),
                                                                        &EVP_MD_CTX_free);
  const std::string text = absl::StrCat(parts[0], ".", parts[1]);
  const std::string signature = Decoded(parts[2]);
  return EVP_DigestVerifyInit(context.get(), nullptr, nullptr, nullptr, key.get()) == 1 &&
         EVP_DigestVerify(context.get(), reinterpret_cast<const uint8_t*>(signature.data()),
                          signature.size(), reinterpret_cast<const uint8_t*>(text.data()),
                          text.size()) == 1;
}

Credential Example() {
  return {.issuer_id = "https://selfology.example",
          .award_id = "0192f0c4-5a3e-7c1d-9e2f-0123456789ab",
          .badge_id = "first_task",
          .title = "Первый шаг",
          .criteria = "Completed a first task.",
          .subject_hash = IdentityHash("123456", "salt"),
          .salt = "salt",
          .awarded_at = absl::FromUnixSeconds(1'800'000'000)};
}

// RFC 8037, appendix A.1 to A.3: the key and its thumbprint.
TEST(CredentialTest, MakesTheKeyOfTheStandardsExample) {
  std::string seed;
  ASSERT_TRUE(absl::WebSafeBase64Unescape("nWGxne_9WmC6hEr0kuwsxERJxWl7MmkZcDusAxyuf2A", &seed));
  const auto signer = CredentialSigner::Of(seed);
  ASSERT_TRUE(signer.ok()) << signer.status();
  const auto jwk = nlohmann::json::parse(signer->public_jwk());
  EXPECT_EQ(jwk["x"], "11qYAYKxCrfVS_7TyWQHOg7hcvPapiMlrwIaaPcHURo");
  EXPECT_EQ(jwk["kid"], "kPrK_qmxVWaYVA9wwBF6Iuo3vVzz7TxHCTwXBygrS4k");
  EXPECT_FALSE(CredentialSigner::Of("short").ok());
}

TEST(CredentialTest, ATokenVerifiesByThePublicKeyAndNotWhenChanged) {
  const auto signer = CredentialSigner::Of(std::string(32, 's'));
  ASSERT_TRUE(signer.ok()) << signer.status();
  const auto jwt = signer->Sign(DescribeCredential(Example()));
  ASSERT_TRUE(jwt.ok()) << jwt.status();
  EXPECT_TRUE(Verifies(*jwt, signer->public_jwk()));
  std::string changed = *jwt;
  const size_t at = changed.find('.') + 5;
  changed[at] = changed[at] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Verifies(changed, signer->public_jwk()));
  EXPECT_FALSE(Verifies(*jwt, CredentialSigner::Of(std::string(32, 't'))->public_jwk()));
}

TEST(CredentialTest, SaysWhatTheStandardAsksFor) {
  const auto claims = nlohmann::json::parse(DescribeCredential(Example()));
  EXPECT_EQ(claims["@context"][0], "https://www.w3.org/ns/credentials/v2");
  EXPECT_EQ(claims["type"], nlohmann::json({"VerifiableCredential", "OpenBadgeCredential"}));
  EXPECT_EQ(claims["id"], claims["jti"]);
  EXPECT_EQ(claims["issuer"]["id"], claims["iss"]);
  EXPECT_EQ(claims["validFrom"], "2027-01-15T08:00:00Z");
  EXPECT_EQ(claims["nbf"], 1'800'000'000);
  const auto& subject = claims["credentialSubject"];
  EXPECT_EQ(subject["achievement"]["name"], "Первый шаг");
  EXPECT_EQ(subject["achievement"]["criteria"]["narrative"], "Completed a first task.");
  EXPECT_TRUE(subject["identifier"][0]["hashed"].get<bool>());
  EXPECT_THAT(DescribeCredential(Example()), ::testing::Not(::testing::HasSubstr("123456\"")))
      << "the person's id is told as a hash only";
}

}  // namespace
}  // namespace selfology::gamification
