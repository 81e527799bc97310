// What scopes grant, who issues tokens, and what is asked for in vain.
#include <string>

#include "services/platform/security/oauth_fixture_test.h"

namespace selfology::security {
namespace {

using ::testing::HasSubstr;

class OAuthScopesTest : public OAuthTest {};

TEST_F(OAuthScopesTest, AccessTokensAreByTheIssuerOfTheMetadata) {
  const json metadata =
      Body(Answer(oauth_->GetProviderMetadata(Deadline(), v1::GetProviderMetadataRequest())), 200);
  EXPECT_EQ(Introspect(SignIn().access_token()).iss(), metadata["issuer"].get<std::string>());
  const auto keys = verification_->GetKeySet(Deadline(), v1::GetKeySetRequest());
  EXPECT_EQ(keys->issuer(), metadata["issuer"].get<std::string>());
}

TEST_F(OAuthScopesTest, ARefreshMayNarrowTheScopeAndNotWidenIt) {
  const App app = Register();
  json tokens = Body(Token(WithCode(app, NewCode(app))), 200);
  v1::IssueOAuthTokensRequest refresh = OfApp(app, "refresh_token");
  refresh.set_refresh_token(tokens["refresh_token"]);
  refresh.set_scope("openid coaching.answers.write");
  EXPECT_EQ(ErrorOf(refresh), "invalid_scope") << "not granted";
  refresh.set_scope("openid");
  tokens = Body(Token(refresh), 200);
  EXPECT_EQ(tokens["scope"], "openid");
  EXPECT_EQ(Introspect(tokens["access_token"]).scope(), "openid");
  refresh.set_refresh_token(tokens["refresh_token"]);
  refresh.clear_scope();
  EXPECT_EQ(Body(Token(refresh), 200)["scope"], "openid coaching.answers.read")
      << "what was granted stays";
}

TEST_F(OAuthScopesTest, WithoutAPageNobodyIsSignedIn) {
  const App app = Register();
  v1::AuthorizeRequest asking = Asking(app);
  asking.set_prompt("none");
  auto back = QueryOf(Header(Answer(oauth_->Authorize(Deadline(), asking)), "Location"));
  EXPECT_EQ(back["error"], "login_required");
  EXPECT_EQ(back["state"], "a state");
  asking.set_prompt("none consent");
  back = QueryOf(Header(Answer(oauth_->Authorize(Deadline(), asking)), "Location"));
  EXPECT_EQ(back["error"], "invalid_request");
  asking.set_prompt("login consent");
  EXPECT_THAT(Header(Answer(oauth_->Authorize(Deadline(), asking)), "Location"),
              HasSubstr("/oauth/consent?request="));
}

TEST_F(OAuthScopesTest, TellsWhatTheScopesGrantAndNoMore) {
  user::v1::User user;
  user.set_user_id(kUser);
  user.set_email("ann@example.org");
  user.set_email_verified(true);
  user.set_first_name("Ann");
  user.set_last_name("Lee");
  user.set_language("ru");
  user.set_bio("a secret");
  people_->Add(user);
  const App app = Register([](auto& r) { r.set_scope("openid profile email coaching.answers.*"); });
  const auto told = [&](const std::string& scope, int status = 200) {
    v1::AuthorizeRequest asking = Asking(app);
    asking.set_scope(scope);
    const std::string begun =
        QueryOf(Header(Answer(oauth_->Authorize(Deadline(), asking)), "Location"))["request"];
    const std::string code = Decide(begun, "allow", SignIn().access_token())["code"];
    v1::GetUserInfoRequest info;
    info.set_access_token(Body(Token(WithCode(app, code)), 200)["access_token"]);
    return Body(Answer(oauth_->GetUserInfo(Deadline(), info)), status);
  };
  const std::string sub = absl::StrCat(kUser);
  EXPECT_EQ(told("openid"), json({{"sub", sub}}));
  EXPECT_EQ(told("openid email"),
            json({{"sub", sub}, {"email", "ann@example.org"}, {"email_verified", true}}));
  EXPECT_EQ(told("openid profile"), json({{"sub", sub},
                                          {"name", "Ann Lee"},
                                          {"given_name", "Ann"},
                                          {"family_name", "Lee"},
                                          {"locale", "ru"}}));
  EXPECT_EQ(told("coaching.answers.read", 403)["error"], "insufficient_scope");
}

TEST_F(OAuthScopesTest, WhoHasNoAccountIsAnIdOnly) {
  v1::GetUserInfoRequest info;
  info.set_access_token(SignIn().access_token());
  EXPECT_EQ(Body(Answer(oauth_->GetUserInfo(Deadline(), info)), 200),
            json({{"sub", absl::StrCat(kUser)}}));
}

TEST_F(OAuthScopesTest, AScopeThatNothingAsksForIsRefusedByName) {
  v1::RegisterClientRequest request;
  request.add_redirect_uris(kBack);
  request.set_scope("openid coaching.anwsers.read");
  const json body = Body(Answer(oauth_->RegisterClient(Deadline(), request)), 400);
  EXPECT_EQ(body["error"], "invalid_client_metadata");
  EXPECT_THAT(body["error_description"].get<std::string>(), HasSubstr("coaching.anwsers.read"));
}

}  // namespace
}  // namespace selfology::security
