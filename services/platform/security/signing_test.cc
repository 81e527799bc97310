#include "services/platform/security/signing.h"

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/params.h>

#include <memory>
#include <nlohmann/json.hpp>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/crypto/crypto.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

// RFC 7515 appendix A.3.1.
constexpr char kRfcKey[] =
    R"({"kty":"EC","crv":"P-256","x":"f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU",)"
    R"("y":"x_FEzRu9m36HLN_tue659LNpXW6pCyStikYjKIWI5a0",)"
    R"("d":"jpsQnnGQmL-YBIffH1136cspYG6-0iY7X1fCE9-E9LI"})";

nlohmann::json HeaderOf(const std::string& token) {
  const std::vector<std::string> parts = absl::StrSplit(token, '.');
  return nlohmann::json::parse(*identity::FromBase64Url(parts[0]));
}

TEST(SigningTest, TheKernelAcceptsWhatIsSigned) {
  const SigningKey key = *SigningKey::Generate();
  const std::string token = *key.Sign("at+jwt", R"({"sub":"1"})");
  EXPECT_EQ(HeaderOf(token),
            nlohmann::json({{"alg", "ES256"}, {"kid", key.kid()}, {"typ", "at+jwt"}}));
  const auto payload = identity::CheckSignature(token, ToKeySet({key.public_jwk()}));
  ASSERT_TRUE(payload.ok()) << payload.status();
  EXPECT_EQ(*payload, R"({"sub":"1"})");
  EXPECT_FALSE(
      identity::CheckSignature(token, ToKeySet({SigningKey::Generate()->public_jwk()})).ok());
}

// By OpenSSL, of the public members alone.
bool IsRs256(const std::string& token, const v1::JsonWebKey& jwk) {
  const std::unique_ptr<OSSL_PARAM_BLD, decltype(&OSSL_PARAM_BLD_free)> members(
      OSSL_PARAM_BLD_new(), &OSSL_PARAM_BLD_free);
  std::vector<std::unique_ptr<BIGNUM, decltype(&BN_free)>> numbers;
  for (const auto& [name, text] : {std::pair{"n", jwk.n()}, std::pair{"e", jwk.e()}}) {
    const std::string bytes = *identity::FromBase64Url(text);
    numbers.emplace_back(BN_bin2bn(reinterpret_cast<const uint8_t*>(bytes.data()),
                                   static_cast<int>(bytes.size()), nullptr),
                         &BN_free);
    OSSL_PARAM_BLD_push_BN(members.get(), name, numbers.back().get());
  }
  const std::unique_ptr<OSSL_PARAM, decltype(&OSSL_PARAM_free)> parameters(
      OSSL_PARAM_BLD_to_param(members.get()), &OSSL_PARAM_free);
  const std::unique_ptr<EVP_PKEY_CTX, decltype(&EVP_PKEY_CTX_free)> maker(
      EVP_PKEY_CTX_new_from_name(nullptr, "RSA", nullptr), &EVP_PKEY_CTX_free);
  EVP_PKEY* made = nullptr;
  EVP_PKEY_fromdata_init(maker.get());
  EVP_PKEY_fromdata(maker.get(), &made, EVP_PKEY_PUBLIC_KEY, parameters.get());
  const std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)> key(made, &EVP_PKEY_free);
  const std::unique_ptr<EVP_MD_CTX, decltype(&EVP_MD_CTX_free)> check(EVP_MD_CTX_new(),
                                                                      &EVP_MD_CTX_free);
  const size_t dot = token.rfind('.');
  const std::string signature = *identity::FromBase64Url(token.substr(dot + 1));
  return key != nullptr &&
         EVP_DigestVerifyInit(check.get(), nullptr, EVP_sha256(), nullptr, key.get()) == 1 &&
         EVP_DigestVerify(check.get(), reinterpret_cast<const uint8_t*>(signature.data()),
                          signature.size(), reinterpret_cast<const uint8_t*>(token.data()),
                          dot) == 1;
}

TEST(SigningTest, AKeyOfRsaSignsByRs256AndTheKernelTakesItForNoAccessToken) {
  const SigningKey key = *SigningKey::GenerateRsa();
  const SigningKey again = *SigningKey::FromPrivateJwk(*key.PrivateJwk());
  EXPECT_EQ(again.kid(), key.kid());
  EXPECT_EQ(key.public_jwk().kty(), "RSA");
  EXPECT_GE(identity::FromBase64Url(key.public_jwk().n())->size(), 256u);
  std::string token = *again.Sign("JWT", R"({"sub":"1"})");
  EXPECT_EQ(HeaderOf(token),
            nlohmann::json({{"alg", "RS256"}, {"kid", key.kid()}, {"typ", "JWT"}}));
  EXPECT_TRUE(IsRs256(token, key.public_jwk()));
  EXPECT_FALSE(IsRs256(token, SigningKey::GenerateRsa()->public_jwk()));
  EXPECT_FALSE(identity::CheckSignature(token, ToKeySet({key.public_jwk()})).ok());
  token[token.find('.') + 2] ^= 1;
  EXPECT_FALSE(IsRs256(token, key.public_jwk()));
}

TEST(SigningTest, TokensByOtherAlgorithmsAreRefused) {
  const SigningKey key = *SigningKey::Generate();
  const identity::KeySet keys = ToKeySet({key.public_jwk()});
  const auto unsigned_part = [&](const std::string& alg) {
    return absl::StrCat(
        crypto::ToBase64Url(nlohmann::json({{"alg", alg}, {"kid", key.kid()}}).dump()), ".",
        crypto::ToBase64Url(R"({"sub":"1"})"));
  };
  EXPECT_FALSE(identity::CheckSignature(unsigned_part("none") + ".", keys).ok());
  // The public key as the secret of an HMAC.
  const std::string hs = unsigned_part("HS256");
  for (const std::string& secret : {key.public_jwk().x(), key.public_jwk().SerializeAsString()}) {
    EXPECT_FALSE(
        identity::CheckSignature(
            absl::StrCat(hs, ".", crypto::ToBase64Url(crypto::HmacSha256(secret, hs))), keys)
            .ok());
  }
}

TEST(SigningTest, AKeyComesBackFromItsPrivatePart) {
  const SigningKey key = *SigningKey::Generate();
  const SigningKey again = *SigningKey::FromPrivateJwk(*key.PrivateJwk());
  EXPECT_EQ(again.kid(), key.kid());
  EXPECT_TRUE(
      identity::CheckSignature(*again.Sign("JWT", "{}"), ToKeySet({key.public_jwk()})).ok());
  EXPECT_EQ(key.public_jwk().alg(), "ES256");
  EXPECT_EQ(key.public_jwk().use(), "sig");
}

TEST(SigningTest, ReadsTheKeyOfRfc7515) {
  const auto key = SigningKey::FromPrivateJwk(kRfcKey);
  ASSERT_TRUE(key.ok()) << key.status();
  EXPECT_EQ(key->public_jwk().x(), "f83OJ3D2xF1Bg8vub9tLe1gHMzV76e8Tus9uPHvRVEU");
  EXPECT_EQ(key->public_jwk().kty(), "EC");
}

TEST(SigningTest, WhatIsNoPrivateKeyIsRefused) {
  EXPECT_FALSE(SigningKey::FromPrivateJwk("").ok());
  EXPECT_FALSE(SigningKey::FromPrivateJwk("{}").ok());
  EXPECT_FALSE(SigningKey::FromPrivateJwk(R"({"kty":"oct","k":"AAAA","d":""})").ok());
  nlohmann::json public_only = nlohmann::json::parse(kRfcKey);
  public_only.erase("d");
  EXPECT_FALSE(SigningKey::FromPrivateJwk(public_only.dump()).ok());
}

}  // namespace
}  // namespace selfology::security
