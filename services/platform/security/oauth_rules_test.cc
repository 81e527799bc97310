#include "services/platform/security/oauth_rules.h"

#include <set>
#include <string>

#include "common/crypto/crypto.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::security {
namespace {

using ::testing::ElementsAre;
using ::testing::MatchesRegex;

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);
// RFC 7636 appendix B.
constexpr char kVerifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
constexpr char kChallenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";

OAuthClient Diary() {
  return {.id = "diary",
          .name = "Diary",
          .redirect_uris = {"https://diary.example/back", "http://127.0.0.1/cb"},
          .grant_types = {"authorization_code", "refresh_token"},
          .scope = "openid coaching.*"};
}

v1::AuthorizeRequest Asking() {
  v1::AuthorizeRequest request;
  request.set_response_type("code");
  request.set_client_id("diary");
  request.set_redirect_uri("https://diary.example/back");
  request.set_scope("openid coaching.answers.read");
  request.set_state("xyz");
  request.set_code_challenge(kChallenge);
  request.set_code_challenge_method("S256");
  return request;
}

template <typename T>
std::string Code(const absl::StatusOr<T>& result) {
  return ErrorCodeIn(result.status());
}

TEST(OAuthRulesTest, PkceAsInAppendixBOfRfc7636) {
  EXPECT_TRUE(VerifyPkce(kVerifier, kChallenge));
  EXPECT_FALSE(VerifyPkce(std::string(kVerifier) + "x", kChallenge));
  EXPECT_FALSE(VerifyPkce("", kChallenge));
  EXPECT_FALSE(VerifyPkce(kChallenge, kChallenge)) << "the plain method";
  const std::string wrong = "0123456789012345678901234567890123456789 !?";
  EXPECT_FALSE(VerifyPkce(wrong, crypto::ToBase64Url(crypto::Sha256(wrong)))) << "characters";
  const std::string brief = "0123456789";
  EXPECT_FALSE(VerifyPkce(brief, crypto::ToBase64Url(crypto::Sha256(brief)))) << "too short";
}

TEST(OAuthRulesTest, RegistersAnAppAsRfc7591Does) {
  v1::RegisterClientRequest request;
  request.set_client_name(" Diary ");
  request.add_redirect_uris("https://diary.example/back");
  request.set_scope("openid coaching.*");
  const auto client = ReadRegistration(request);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->name, "Diary");
  EXPECT_THAT(client->grant_types, ElementsAre("authorization_code", "refresh_token"));
  EXPECT_TRUE(client->secret_hash.has_value());
  request.set_token_endpoint_auth_method("none");
  EXPECT_FALSE(ReadRegistration(request)->secret_hash.has_value());
}

// Spec 002: {"clientId": "test", "clientSecret": "secret"}.
TEST(OAuthRulesTest, RegistersAnAppWithNothingButAnId) {
  v1::RegisterClientRequest request;
  request.set_client_id("test");
  request.set_client_secret("secret");
  const auto client = ReadRegistration(request);
  ASSERT_TRUE(client.ok()) << client.status();
  EXPECT_EQ(client->id, "test");
  EXPECT_THAT(client->grant_types, ElementsAre("client_credentials"));
  EXPECT_EQ(client->scope, "openid");
}

TEST(OAuthRulesTest, RefusesWhatMustNotBeRegistered) {
  for (const char* uri :
       {"http://diary.example/back", "https://", "javascript:alert(1)", "https://diary.example/#x",
        "http://127.0.0.1.evil.example/", "diary:/x", "https://diary.example/a b"}) {
    v1::RegisterClientRequest request;
    request.add_redirect_uris(uri);
    EXPECT_EQ(Code(ReadRegistration(request)), "invalid_redirect_uri") << uri;
  }
  for (const char* uri : {"https://diary.example/", "http://localhost:8000/cb", "http://[::1]/cb",
                          "example.diary:/back"}) {
    v1::RegisterClientRequest request;
    request.add_redirect_uris(uri);
    EXPECT_TRUE(ReadRegistration(request).ok()) << uri;
  }
  const auto refused = [](auto change) {
    v1::RegisterClientRequest request;
    request.add_redirect_uris("https://diary.example/back");
    change(request);
    return Code(ReadRegistration(request));
  };
  const std::string bad = "invalid_client_metadata";
  EXPECT_EQ(refused([](auto& r) { r.set_client_id("a b"); }), bad);
  EXPECT_EQ(refused([](auto& r) { r.add_grant_types("password"); }), bad);
  EXPECT_EQ(refused([](auto& r) { r.add_response_types("token"); }), bad);
  EXPECT_EQ(refused([](auto& r) { r.set_scope("*"); }), bad);
  EXPECT_EQ(refused([](auto& r) { r.set_scope("mesh.*"); }), bad);
  EXPECT_EQ(refused([](auto& r) { r.set_token_endpoint_auth_method("private_key_jwt"); }), bad);
  EXPECT_EQ(refused([](auto& r) {
              r.add_grant_types("client_credentials");
              r.set_token_endpoint_auth_method("none");
            }),
            bad);
}

TEST(OAuthRulesTest, ComparesRedirectsLetterByLetterButForALoopbacksPort) {
  EXPECT_TRUE(IsRegisteredRedirect(Diary(), "https://diary.example/back"));
  EXPECT_TRUE(IsRegisteredRedirect(Diary(), "http://127.0.0.1:53211/cb"));
  for (const char* other : {"", "https://diary.example/back/", "https://diary.example/back?x=1",
                            "https://diary.example.evil.example/back", "http://127.0.0.1:1/other",
                            "https://DIARY.example/back", "http://127.0.0.1@evil.example/cb"}) {
    EXPECT_FALSE(IsRegisteredRedirect(Diary(), other)) << other;
  }
}

TEST(OAuthRulesTest, AnAuthorizationNeedsPkceAndARegisteredScope) {
  const auto good = CheckAuthorize(Asking(), Diary(), kNow);
  ASSERT_TRUE(good.ok()) << good.status();
  EXPECT_EQ(good->scope, "openid coaching.answers.read");
  const auto again = AuthorizationFromJson(ToJson(*good));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(ToJson(*again), ToJson(*good));
  EXPECT_EQ(again->expires_at, kNow + kRequestLife);

  const auto refused = [](auto change, const OAuthClient& client = Diary()) {
    v1::AuthorizeRequest request = Asking();
    change(request);
    return Code(CheckAuthorize(request, client, kNow));
  };
  EXPECT_EQ(refused([](auto& r) { r.set_response_type("token"); }), "unsupported_response_type");
  EXPECT_EQ(refused([](auto& r) { r.clear_code_challenge(); }), "invalid_request");
  EXPECT_EQ(refused([](auto& r) { r.set_code_challenge_method("plain"); }), "invalid_request");
  EXPECT_EQ(refused([](auto& r) { r.set_scope("feed.posts.read"); }), "invalid_scope");
  EXPECT_EQ(refused([](auto& r) { r.set_scope("no-such-scope"); }), "invalid_scope");
  OAuthClient machine = Diary();
  machine.grant_types = {"client_credentials"};
  EXPECT_EQ(refused([](auto&) {}, machine), "unauthorized_client");
}

TEST(OAuthRulesTest, AScopeThatIsNotAskedForIsAllOfTheApps) {
  EXPECT_EQ(*CheckScope("", Diary()), "openid coaching.*");
  EXPECT_EQ(*CheckScope(" openid  offline_access ", Diary()), "openid offline_access");
  OAuthClient without = Diary();
  without.grant_types = {"authorization_code"};
  EXPECT_EQ(Code(CheckScope("offline_access", without)), "invalid_scope");
}

TEST(OAuthRulesTest, AddsToAQuery) {
  EXPECT_EQ(WithQuery("https://a.example/b", {{"code", "x y"}, {"state", ""}}),
            "https://a.example/b?code=x%20y");
  EXPECT_EQ(WithQuery("https://a.example/b?c=1", {{"code", "x"}}),
            "https://a.example/b?c=1&code=x");
}

TEST(OAuthRulesTest, AUserCodeIsEasyToType) {
  std::set<std::string> codes;
  for (int i = 0; i < 1000; ++i) {
    const std::string code = UserCodeFrom(crypto::RandomBytes(32));
    EXPECT_THAT(code, MatchesRegex("[B-DF-HJ-NP-TV-XZ]{4}-[B-DF-HJ-NP-TV-XZ]{4}"));
    codes.insert(code);
  }
  EXPECT_GT(codes.size(), 990);
  EXPECT_EQ(NormalUserCode("bcdf ghjk"), "BCDF-GHJK");
  EXPECT_EQ(NormalUserCode("BCDF-GHJK"), "BCDF-GHJK");
}

}  // namespace
}  // namespace selfology::security
