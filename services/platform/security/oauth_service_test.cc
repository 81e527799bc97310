#include "services/platform/security/oauth_service.h"

#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "common/identity/caller.h"
#include "common/identity/jws.h"
#include "gmock/gmock.h"
#include "selfology/events/v1/security.pb.h"
#include "services/platform/security/oauth_fixture_test.h"

namespace selfology::security {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

class OAuthServiceTest : public OAuthTest {};

TEST_F(OAuthServiceTest, TellsWhatItCanDo) {
  const json body =
      Body(Answer(oauth_->GetProviderMetadata(Deadline(), v1::GetProviderMetadataRequest())), 200);
  const std::string issuer = body["issuer"];
  EXPECT_EQ(body["jwks_uri"], issuer + "/.well-known/jwks.json");
  EXPECT_EQ(body["token_endpoint"], issuer + "/oauth/token");
  EXPECT_EQ(body["code_challenge_methods_supported"], json({"S256"}));
  EXPECT_EQ(body["id_token_signing_alg_values_supported"], json({"ES256", "RS256"}));
}

TEST_F(OAuthServiceTest, AnAppGetsTokensForACodeThatThePersonAllowed) {
  const App app = Register();
  const std::string sealed = Begin(app);
  v1::ShowConsentRequest show;
  show.set_request(sealed);
  const HttpResponse page = Answer(oauth_->ShowConsent(Deadline(), show));
  EXPECT_EQ(page.status(), 200);
  EXPECT_THAT(page.body(), HasSubstr("Allow Diary?"));
  EXPECT_THAT(Header(page, "Content-Security-Policy"), HasSubstr("frame-ancestors 'none'"));

  const auto back = Decide(sealed, "allow", SignIn().access_token());
  EXPECT_EQ(back.at("state"), "a state");
  EXPECT_EQ(back.at("iss"), "http://localhost:8080");
  const HttpResponse response = Token(WithCode(app, back.at("code")));
  EXPECT_EQ(Header(response, "Cache-Control"), "no-store");
  const json body = Body(response, 200);
  EXPECT_EQ(body["token_type"], "Bearer");
  EXPECT_EQ(body["expires_in"], 900);
  EXPECT_EQ(body["scope"], "openid coaching.answers.read");

  const auto caller = Verify(body["access_token"]);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->user_id, kUser);
  EXPECT_EQ(caller->client_id, app.id);
  EXPECT_TRUE(identity::Allows(*caller, "coaching.answers.read"));
  EXPECT_FALSE(identity::Allows(*caller, "coaching.answers.write"));

  const auto keys = verification_->GetKeySet(Deadline(), v1::GetKeySetRequest());
  ASSERT_TRUE(keys.ok()) << keys.status();
  const auto id_token = identity::CheckSignature(
      body["id_token"].get<std::string>(), ToKeySet({keys->keys().begin(), keys->keys().end()}));
  ASSERT_TRUE(id_token.ok()) << id_token.status();
  const json claims = json::parse(*id_token);
  EXPECT_EQ(claims["sub"], absl::StrCat(kUser));
  EXPECT_EQ(claims["aud"], app.id);
  EXPECT_EQ(claims["nonce"], "a nonce");
  EXPECT_EQ(claims["iss"], "http://localhost:8080");
  EXPECT_FALSE(Verify(body["id_token"]).ok()) << "it is no access token";

  v1::GetUserInfoRequest info;
  info.set_access_token(body["access_token"]);
  EXPECT_EQ(Body(Answer(oauth_->GetUserInfo(Deadline(), info)), 200),
            json({{"sub", absl::StrCat(kUser)}}));
}

TEST_F(OAuthServiceTest, ACodeIsGoodOnceAndShownTwiceEndsTheSession) {
  const App app = Register();
  const std::string code = NewCode(app);
  const json tokens = Body(Token(WithCode(app, code)), 200);
  EXPECT_EQ(ErrorOf(WithCode(app, code)), "invalid_grant");
  EXPECT_FALSE(Introspect(tokens["access_token"]).active());
  v1::IssueOAuthTokensRequest refresh = OfApp(app, "refresh_token");
  refresh.set_refresh_token(tokens["refresh_token"]);
  EXPECT_EQ(ErrorOf(refresh), "invalid_grant");
  EXPECT_THAT(Published<events::v1::TokensRevoked>(), SizeIs(1));
}

TEST_F(OAuthServiceTest, ACodeIsForItsAppItsAddressAndItsVerifierForAMinute) {
  const App app = Register(), other = Register();
  const std::string code = NewCode(app);
  EXPECT_EQ(ErrorOf(WithCode(other, code)), "invalid_grant");
  v1::IssueOAuthTokensRequest request = WithCode(app, code);
  request.set_redirect_uri("https://diary.example/other");
  EXPECT_EQ(ErrorOf(request), "invalid_grant");
  request = WithCode(app, code);
  request.set_code_verifier(std::string(kVerifier) + "x");
  EXPECT_EQ(ErrorOf(request), "invalid_grant");
  EXPECT_EQ(ErrorOf(WithCode(app, "unknown")), "invalid_grant");
  EXPECT_EQ(Token(WithCode(app, code)).status(), 200) << "none of that used it up";
  const std::string late = NewCode(app);
  Advance(absl::Minutes(2));
  EXPECT_EQ(ErrorOf(WithCode(app, late)), "invalid_grant");
}

TEST_F(OAuthServiceTest, NothingIsSentToAnAddressThatIsNotRegistered) {
  const App app = Register();
  v1::AuthorizeRequest request = Asking(app);
  request.set_redirect_uri("https://evil.example/");
  HttpResponse response = Answer(oauth_->Authorize(Deadline(), request));
  EXPECT_EQ(response.status(), 400);
  EXPECT_EQ(Header(response, "Location"), "");
  request.set_client_id("unknown");
  EXPECT_EQ(Answer(oauth_->Authorize(Deadline(), request)).status(), 400);
  request = Asking(app);
  request.clear_code_challenge();
  response = Answer(oauth_->Authorize(Deadline(), request));
  EXPECT_EQ(response.status(), 303);
  const auto query = QueryOf(Header(response, "Location"));
  EXPECT_EQ(query.at("error"), "invalid_request");
  EXPECT_EQ(query.at("state"), "a state");
}

TEST_F(OAuthServiceTest, OnlyThePersonThemselvesMaySayYes) {
  const App app = Register();
  const std::string sealed = Begin(app);
  EXPECT_EQ(Decide(sealed, "deny", "").at("error"), "access_denied");
  const json tokens = Body(Token(WithCode(app, NewCode(app))), 200);
  v1::DecideConsentRequest answer;
  answer.set_request(sealed);
  answer.set_decision("allow");
  for (const std::string& token :
       {std::string(), std::string("x"), tokens["access_token"].get<std::string>()}) {
    answer.set_access_token(token);
    EXPECT_EQ(Answer(oauth_->DecideConsent(Deadline(), answer)).status(), 401);
  }
  answer.set_access_token(SignIn().access_token());
  answer.set_request(sealed.substr(1));
  EXPECT_EQ(Answer(oauth_->DecideConsent(Deadline(), answer)).status(), 400);
  answer.set_request(sealed);
  Advance(absl::Minutes(11));
  EXPECT_EQ(Answer(oauth_->DecideConsent(Deadline(), answer)).status(), 400);
}

TEST_F(OAuthServiceTest, ARefreshTokenIsForItsApp) {
  const App app = Register(), other = Register();
  const json tokens = Body(Token(WithCode(app, NewCode(app))), 200);
  const std::string refresh_token = tokens["refresh_token"];
  EXPECT_FALSE(Refresh(refresh_token).ok()) << "not at our own door";
  v1::IssueOAuthTokensRequest request = OfApp(other, "refresh_token");
  request.set_refresh_token(refresh_token);
  EXPECT_EQ(ErrorOf(request), "invalid_grant");
  request = OfApp(app, "refresh_token");
  request.set_refresh_token(refresh_token);
  const json next = Body(Token(request), 200);
  EXPECT_NE(next["refresh_token"], refresh_token);
  EXPECT_EQ(Body(Token(request), 200)["refresh_token"], next["refresh_token"]) << "the grace";
  EXPECT_TRUE(Verify(next["access_token"]).ok());
}

TEST_F(OAuthServiceTest, AnAppActsForItself) {
  const App app = Register([](v1::RegisterClientRequest& request) {
    request.clear_redirect_uris();
    request.clear_grant_types();
    request.set_client_id("test-app");
  });
  EXPECT_EQ(app.id, "test-app");
  v1::IssueOAuthTokensRequest request = OfApp(app, "client_credentials");
  request.set_scope("coaching.answers.read");
  const json body = Body(Token(request), 200);
  EXPECT_FALSE(body.contains("refresh_token"));
  EXPECT_FALSE(body.contains("id_token"));
  const auto caller = Verify(body["access_token"]);
  ASSERT_TRUE(caller.ok()) << caller.status();
  EXPECT_EQ(caller->kind, identity::Caller::Kind::kMachine);

  v1::RevokeOAuthTokenRequest revoke;
  revoke.set_token(body["access_token"]);
  revoke.set_client_id(app.id);
  revoke.set_client_secret(app.secret);
  EXPECT_EQ(Answer(oauth_->RevokeOAuthToken(Deadline(), revoke)).status(), 200);
  EXPECT_FALSE(Introspect(body["access_token"]).active());
  const auto revoked = Published<events::v1::TokensRevoked>();
  ASSERT_THAT(revoked, SizeIs(1));
  EXPECT_EQ(revoked[0].revocation().token_id(), caller->token_id);

  request.set_scope("feed.posts.read");
  EXPECT_EQ(ErrorOf(request), "invalid_scope");
  EXPECT_EQ(ErrorOf(WithCode(app, "x")), "unauthorized_client");
}

// Spec 002's body: the id is a wish, and the secret is the provider's.
TEST_F(OAuthServiceTest, AnIdThatIsTakenBecomesAnother) {
  v1::RegisterClientRequest request;
  request.set_client_id("test");
  request.set_client_secret("secret");
  const json first = Body(Answer(oauth_->RegisterClient(Deadline(), request)), 201);
  const json second = Body(Answer(oauth_->RegisterClient(Deadline(), request)), 201);
  EXPECT_EQ(first["client_id"], "test");
  EXPECT_NE(second["client_id"], "test");
  EXPECT_NE(first["client_secret"], "secret");
  request.add_redirect_uris("http://evil.example/");
  EXPECT_EQ(Body(Answer(oauth_->RegisterClient(Deadline(), request)), 400)["error"],
            "invalid_redirect_uri");
}

TEST_F(OAuthServiceTest, AWrongSecretIs401) {
  App app = Register();
  app.secret += "x";
  const HttpResponse response = Token(WithCode(app, "x"));
  EXPECT_EQ(Body(response, 401)["error"], "invalid_client");
  EXPECT_THAT(Header(response, "WWW-Authenticate"), StartsWith("Basic"));
  EXPECT_EQ(ErrorOf(OfApp(app, "password")), "unsupported_grant_type");
  EXPECT_EQ(ErrorOf(OfApp(app, "")), "invalid_request");
}

TEST_F(OAuthServiceTest, ADeviceWaitsForItsPerson) {
  const App app = Register();
  v1::AuthorizeDeviceRequest begin;
  begin.set_client_id(app.id);
  begin.set_client_secret(app.secret);
  const json device = Body(Answer(oauth_->AuthorizeDevice(Deadline(), begin)), 200);
  EXPECT_EQ(device["interval"], 5);
  v1::IssueOAuthTokensRequest poll = OfApp(app, kDevice);
  poll.set_device_code(device["device_code"]);
  EXPECT_EQ(ErrorOf(poll), "authorization_pending");
  EXPECT_EQ(ErrorOf(poll), "slow_down");
  Advance(absl::Seconds(6));
  EXPECT_EQ(ErrorOf(poll), "authorization_pending");

  v1::DecideDeviceRequest decide;
  decide.set_user_code(device["user_code"]);
  decide.set_decision("allow");
  EXPECT_EQ(Answer(oauth_->DecideDevice(Deadline(), decide)).status(), 401);
  decide.set_access_token(SignIn().access_token());
  EXPECT_EQ(Answer(oauth_->DecideDevice(Deadline(), decide)).status(), 200);
  EXPECT_EQ(Answer(oauth_->DecideDevice(Deadline(), decide)).status(), 400) << "the first counts";
  const json tokens = Body(Token(poll), 200);
  EXPECT_TRUE(Verify(tokens["access_token"]).ok());
  EXPECT_EQ(ErrorOf(poll), "invalid_grant");

  const json denied = Body(Answer(oauth_->AuthorizeDevice(Deadline(), begin)), 200);
  decide.set_user_code(denied["user_code"]);
  decide.set_decision("deny");
  EXPECT_EQ(Answer(oauth_->DecideDevice(Deadline(), decide)).status(), 200);
  poll.set_device_code(denied["device_code"]);
  EXPECT_EQ(ErrorOf(poll), "access_denied");

  const json late = Body(Answer(oauth_->AuthorizeDevice(Deadline(), begin)), 200);
  poll.set_device_code(late["device_code"]);
  Advance(absl::Minutes(16));
  EXPECT_EQ(ErrorOf(poll), "expired_token");
}

TEST_F(OAuthServiceTest, AnAppSeesAndRevokesItsOwnTokensOnly) {
  const App app = Register(), other = Register();
  const json tokens = Body(Token(WithCode(app, NewCode(app))), 200);
  const auto introspect = [&](const App& who, const std::string& token) {
    v1::IntrospectOAuthTokenRequest request;
    request.set_token(token);
    request.set_client_id(who.id);
    request.set_client_secret(who.secret);
    return Body(Answer(oauth_->IntrospectOAuthToken(Deadline(), request)), 200);
  };
  const auto revoke = [&](const App& who, const std::string& token) {
    v1::RevokeOAuthTokenRequest request;
    request.set_token(token);
    request.set_client_id(who.id);
    request.set_client_secret(who.secret);
    return Answer(oauth_->RevokeOAuthToken(Deadline(), request)).status();
  };
  const json mine = introspect(app, tokens["access_token"]);
  EXPECT_EQ(mine["active"], true);
  EXPECT_EQ(mine["client_id"], app.id);
  EXPECT_EQ(mine["sub"], absl::StrCat(kUser));
  EXPECT_EQ(introspect(other, tokens["access_token"]), json({{"active", false}}));
  EXPECT_EQ(introspect(app, "unknown"), json({{"active", false}}));
  EXPECT_EQ(revoke(other, tokens["refresh_token"]), 200);
  EXPECT_EQ(introspect(app, tokens["refresh_token"])["active"], true);
  EXPECT_EQ(revoke(app, tokens["refresh_token"]), 200);
  EXPECT_EQ(introspect(app, tokens["access_token"]), json({{"active", false}}));
  EXPECT_EQ(revoke(app, "unknown"), 200);
}

TEST_F(OAuthServiceTest, WithoutATokenNobodyIsTold) {
  v1::GetUserInfoRequest request;
  request.set_access_token("x");
  const HttpResponse response = Answer(oauth_->GetUserInfo(Deadline(), request));
  EXPECT_EQ(Body(response, 401)["error"], "invalid_token");
  EXPECT_THAT(Header(response, "WWW-Authenticate"), StartsWith("Bearer"));
}

TEST_F(OAuthTest, AnAppThatAsksForItGetsIdTokensByRs256) {
  v1::RegisterClientRequest wrong;
  wrong.add_redirect_uris(kBack);
  wrong.set_id_token_signed_response_alg("HS256");
  EXPECT_EQ(Body(Answer(oauth_->RegisterClient(Deadline(), wrong)), 400)["error"],
            "invalid_client_metadata");
  const App app = Register([](v1::RegisterClientRequest& request) {
    request.set_id_token_signed_response_alg("RS256");
  });
  const App other = Register();
  const auto header_of = [](const std::string& token) {
    return json::parse(*identity::FromBase64Url(token.substr(0, token.find('.'))));
  };
  const json body = Body(Token(WithCode(app, NewCode(app))), 200);
  const json header = header_of(body["id_token"]);
  EXPECT_EQ(header["alg"], "RS256");
  EXPECT_EQ(header_of(body["access_token"])["alg"], "ES256") << "services take no other";
  EXPECT_FALSE(Verify(body["id_token"]).ok());
  const json by_default = Body(Token(WithCode(other, NewCode(other))), 200);
  EXPECT_EQ(header_of(by_default["id_token"])["alg"], "ES256");
  const auto keys = verification_->GetKeySet(Deadline(), v1::GetKeySetRequest());
  ASSERT_TRUE(keys.ok()) << keys.status();
  ASSERT_EQ(keys->keys_size(), 2);
  EXPECT_EQ(header_of(by_default["id_token"])["kid"], keys->keys(0).kid());
  EXPECT_EQ(header["kid"], keys->keys(1).kid());
  EXPECT_EQ(keys->keys(1).alg(), "RS256");
}

}  // namespace
}  // namespace selfology::security
