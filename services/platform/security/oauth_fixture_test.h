// An app of somebody else's, and the browser that goes to and fro between it and the provider.
//
//   class ScopesTest : public OAuthTest {};
//   TEST_F(ScopesTest, ...) {
//     const App app = Register();
//     const json tokens = Body(Token(WithCode(app, NewCode(app))), 200);
//   }
#pragma once

#include <functional>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/http/url.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/mesh/v1/http_response.pb.h"
#include "services/platform/security/security_fixture_test.h"

namespace selfology::security {

using mesh::v1::HttpResponse;
using nlohmann::json;

// RFC 7636 appendix B.
inline constexpr char kVerifier[] = "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk";
inline constexpr char kChallenge[] = "E9Melhoa2OwvFrEMTJguCHaoeK1t8URWbuGJSstw-cM";
inline constexpr char kBack[] = "https://diary.example/back";
inline constexpr char kDevice[] = "urn:ietf:params:oauth:grant-type:device_code";

inline std::string Header(const HttpResponse& response, std::string_view name) {
  for (const auto& header : response.headers()) {
    if (header.name() == name) return header.value();
  }
  return "";
}

inline std::map<std::string, std::string> QueryOf(const std::string& url) {
  const auto target = http::ParseTarget(url.substr(url.find('/', url.find("//") + 2)));
  EXPECT_TRUE(target.ok()) << target.status();
  if (!target.ok()) return {};
  return {target->query.begin(), target->query.end()};
}

class OAuthTest : public SecurityTest {
 protected:
  struct App {
    std::string id;
    std::string secret;
  };

  static HttpResponse Answer(const absl::StatusOr<HttpResponse>& response) {
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(HttpResponse());
  }
  // The body, with the status that it has to have.
  static json Body(const HttpResponse& response, int status) {
    EXPECT_EQ(response.status(), status) << response.body();
    EXPECT_EQ(response.content_type(), "application/json");
    return json::parse(response.body(), nullptr, false);
  }

  App Register(const std::function<void(v1::RegisterClientRequest&)>& change = nullptr) {
    v1::RegisterClientRequest request;
    request.set_client_name("Diary");
    request.add_redirect_uris(kBack);
    request.add_grant_types("authorization_code");
    request.add_grant_types("refresh_token");
    request.add_grant_types(kDevice);
    request.set_scope("openid coaching.answers.*");
    if (change) change(request);
    const json body = Body(Answer(oauth_->RegisterClient(Deadline(), request)), 201);
    return {body.value("client_id", ""), body.value("client_secret", "")};
  }

  v1::AuthorizeRequest Asking(const App& app) {
    v1::AuthorizeRequest request;
    request.set_response_type("code");
    request.set_client_id(app.id);
    request.set_redirect_uri(kBack);
    request.set_scope("openid coaching.answers.read");
    request.set_state("a state");
    request.set_nonce("a nonce");
    request.set_code_challenge(kChallenge);
    request.set_code_challenge_method("S256");
    return request;
  }

  // The sealed authorization on the consent page.
  std::string Begin(const App& app) {
    const HttpResponse response = Answer(oauth_->Authorize(Deadline(), Asking(app)));
    EXPECT_EQ(response.status(), 303);
    return QueryOf(Header(response, "Location"))["request"];
  }

  std::map<std::string, std::string> Decide(const std::string& request, const std::string& decision,
                                            const std::string& access_token) {
    v1::DecideConsentRequest answer;
    answer.set_request(request);
    answer.set_decision(decision);
    answer.set_access_token(access_token);
    const HttpResponse response = Answer(oauth_->DecideConsent(Deadline(), answer));
    EXPECT_EQ(response.status(), 303) << response.body();
    EXPECT_THAT(Header(response, "Location"), ::testing::StartsWith(kBack));
    return QueryOf(Header(response, "Location"));
  }

  v1::IssueOAuthTokensRequest OfApp(const App& app, const std::string& grant_type) {
    v1::IssueOAuthTokensRequest request;
    request.set_grant_type(grant_type);
    request.set_client_id(app.id);
    request.set_client_secret(app.secret);
    return request;
  }
  v1::IssueOAuthTokensRequest WithCode(const App& app, const std::string& code) {
    v1::IssueOAuthTokensRequest request = OfApp(app, "authorization_code");
    request.set_code(code);
    request.set_redirect_uri(kBack);
    request.set_code_verifier(kVerifier);
    return request;
  }
  HttpResponse Token(const v1::IssueOAuthTokensRequest& request) {
    return Answer(oauth_->IssueOAuthTokens(Deadline(), request));
  }
  std::string ErrorOf(const v1::IssueOAuthTokensRequest& request) {
    return Body(Token(request), 400).value("error", "");
  }
  std::string NewCode(const App& app) {
    return Decide(Begin(app), "allow", SignIn().access_token())["code"];
  }
};

}  // namespace selfology::security
