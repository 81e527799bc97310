#include <nlohmann/json.hpp>
#include <string>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/platform/user/foreign/id_token.h"
#include "services/platform/user/foreign/providers.h"
#include "services/platform/user/foreign/signing_test.h"

namespace selfology::user {
namespace {

using nlohmann::json;

constexpr int64_t kNow = 1'800'000'000;
const char kIssuer[] = "https://login.example.org";

json Claims() {
  return {
      {"iss", kIssuer},     {"aud", "us"},  {"sub", "person 7"},          {"exp", kNow + 60},
      {"iat", kNow},        {"nonce", "n"}, {"email", "Ann@Example.org"}, {"email_verified", true},
      {"given_name", "Ann"}};
}

absl::StatusOr<ForeignIdentity> Check(const std::string& token, const std::string& jwks) {
  return CheckIdToken(
      token, jwks,
      {.issuer = kIssuer, .client_id = "us", .nonce = "n", .now = absl::FromUnixSeconds(kNow)});
}

TEST(IdTokenTest, TellsWhoItIs) {
  for (const bool rsa : {true, false}) {
    const ForeignSigner signer("key", rsa);
    const auto who = Check(signer.Sign(Claims()), signer.Jwks());
    ASSERT_TRUE(who.ok()) << who.status();
    EXPECT_EQ(who->subject, "person 7");
    EXPECT_EQ(who->email, "Ann@Example.org");
    EXPECT_TRUE(who->email_verified);
    EXPECT_EQ(who->first_name, "Ann");
  }
}

TEST(IdTokenTest, RefusesClaimsThatDoNotHold) {
  const ForeignSigner signer("key");
  const std::string jwks = signer.Jwks();
  const auto refused = [&](const char* claim, const json& value) {
    json claims = Claims();
    claims[claim] = value;
    if (value.is_null()) claims.erase(claim);
    return status::Reason(Check(signer.Sign(claims), jwks).status()) == "FOREIGN_LOGIN_FAILED";
  };
  EXPECT_TRUE(refused("iss", "https://evil.example.org"));
  EXPECT_TRUE(refused("iss", nullptr));
  EXPECT_TRUE(refused("aud", "another"));
  EXPECT_TRUE(refused("aud", json::array({"us", "another"}))) << "without azp";
  EXPECT_TRUE(refused("azp", "another"));
  EXPECT_TRUE(refused("exp", kNow - 61));
  EXPECT_TRUE(refused("exp", nullptr));
  EXPECT_TRUE(refused("iat", kNow + 120));
  EXPECT_TRUE(refused("nonce", "of another login"));
  EXPECT_TRUE(refused("nonce", nullptr));
  EXPECT_TRUE(refused("sub", ""));
  EXPECT_TRUE(refused("sub", 7));
  EXPECT_FALSE(refused("aud", json::array({"us"})));
  EXPECT_FALSE(refused("exp", kNow - 30)) << "clocks differ";
}

TEST(IdTokenTest, RefusesWhatTheProviderHasNotSigned) {
  const ForeignSigner signer("key"), other("key"), third("another");
  const std::string token = signer.Sign(Claims());
  EXPECT_FALSE(Check(token, other.Jwks()).ok()) << "a key of the same name";
  EXPECT_FALSE(Check(token, third.Jwks()).ok()) << "a key of another name";
  EXPECT_FALSE(Check(token, "{}").ok());
  EXPECT_FALSE(Check(token, "").ok());
  EXPECT_FALSE(Check("", signer.Jwks()).ok());
  EXPECT_FALSE(Check("a.b.c", signer.Jwks()).ok());
  std::string changed = token;
  changed[token.find('.') + 5] = changed[token.find('.') + 5] == 'A' ? 'B' : 'A';
  EXPECT_FALSE(Check(changed, signer.Jwks()).ok());
}

TEST(IdTokenTest, RefusesNoneAndSharedSecrets) {
  const ForeignSigner signer("key");
  const std::string payload = absl::WebSafeBase64Escape(Claims().dump());
  const auto with_header = [&](const char* header, const std::string& signature) {
    return absl::StrCat(absl::WebSafeBase64Escape(header), ".", payload, ".", signature);
  };
  EXPECT_FALSE(Check(with_header(R"({"alg":"none"})", ""), signer.Jwks()).ok());
  EXPECT_FALSE(Check(with_header(R"({"alg":"HS256","kid":"key"})", "AAAA"), signer.Jwks()).ok());
  // Although the set has a secret: who can check with it could sign with it.
  cjose_err error;
  const std::string secret =
      R"({"kty":"oct","k":"AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow","kid":"s"})";
  cjose_jwk_t* const key = cjose_jwk_import(secret.data(), secret.size(), &error);
  ASSERT_NE(key, nullptr);
  cjose_header_t* const header = cjose_header_new(&error);
  cjose_header_set(header, "alg", "HS256", &error);
  cjose_header_set(header, "kid", "s", &error);
  const std::string text = Claims().dump();
  cjose_jws_t* const jws = cjose_jws_sign(
      key, header, reinterpret_cast<const uint8_t*>(text.data()), text.size(), &error);
  const char* token = nullptr;
  ASSERT_TRUE(cjose_jws_export(jws, &token, &error));
  EXPECT_FALSE(Check(token, absl::StrCat("{\"keys\":[", secret, "]}")).ok());
  cjose_jws_release(jws);
  cjose_header_release(header);
  cjose_jwk_release(key);
}

TEST(ProvidersTest, ReadsTheSetting) {
  const auto none = ParseProviders("");
  ASSERT_TRUE(none.ok());
  EXPECT_TRUE(none->empty());
  const auto one = ParseProviders(
      R"([{"id":"example","issuer":"https://login.example.org","client_id":"us",
          "redirect_uris":["https://app.example.org/back"]}])");
  ASSERT_TRUE(one.ok()) << one.status();
  EXPECT_EQ(one->at("example").client_id, "us");
  for (
      const char* bad :
      {"{", "{}", "[1]", R"([{"id":"A"}])", R"([{"id":"a","issuer":"http://x.example.org"}])",
       R"([{"id":"a","issuer":"https://x.example.org"}])",
       R"([{"id":"a","issuer":"https://x.example.org","client_id":"us"}])",
       R"([{"id":"a","issuer":"https://x.example.org","client_id":"us","redirect_uris":["ftp://x"]}])"}) {
    EXPECT_EQ(ParseProviders(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

}  // namespace
}  // namespace selfology::user
