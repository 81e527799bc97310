// Logging in with a provider that runs here: its own server, keys and codes.
#include "services/platform/user/foreign/foreign_login_service.h"

#include <map>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "common/http/server.h"
#include "common/http/url.h"
#include "selfology/user/v1/foreign_login_service_client.h"
#include "services/platform/user/foreign/signing_test.h"
#include "services/platform/user/secrets.h"
#include "services/platform/user/user_fixture_test.h"

ABSL_DECLARE_FLAG(selfology::service::Secret, user_oidc_providers);

namespace selfology::user {
namespace {

using nlohmann::json;
using ::testing::ElementsAre;
using ::testing::SizeIs;

constexpr char kBack[] = "https://app.example.org/back";

// Who comes to its page is logged in as the claims say.
class FakeProvider {
 public:
  FakeProvider() {
    server_ = std::move(*http::Server::Start(
        {}, {{.method = "GET",
              .path = "/.well-known/openid-configuration",
              .handler = [this](const http::Request&) { return http::Response::Json(About()); }},
             {.method = "GET",
              .path = "/keys",
              .handler =
                  [this](const http::Request&) {
                    absl::MutexLock lock(&mutex_);
                    return http::Response::Json(signer_->Jwks());
                  }},
             {.method = "POST", .path = "/token", .handler = [this](const http::Request& request) {
                return Redeem(request);
              }}}));
  }
  std::string issuer() const { return absl::StrCat("http://127.0.0.1:", server_->port()); }

  // The code that the browser brings back.
  std::string Visit(const std::string& url, json claims) {
    const std::string query = url.substr(url.find("/authorize"));
    const auto target = http::ParseTarget(query).value();
    std::map<std::string, std::string> asked(target.query.begin(), target.query.end());
    EXPECT_EQ(asked["response_type"], "code");
    EXPECT_EQ(asked["code_challenge_method"], "S256");
    EXPECT_EQ(asked["redirect_uri"], kBack);
    claims["iss"] = issuer();
    claims["aud"] = asked["client_id"];
    claims["nonce"] = asked["nonce"];
    claims["iat"] = absl::ToUnixSeconds(absl::Now());
    claims["exp"] = absl::ToUnixSeconds(absl::Now()) + 300;
    absl::MutexLock lock(&mutex_);
    const std::string code = absl::StrCat("code ", ++codes_);
    waiting_[code] = {asked["code_challenge"], claims};
    return code;
  }
  void RotateKey() {
    absl::MutexLock lock(&mutex_);
    signer_ = std::make_unique<ForeignSigner>("second");
  }

 private:
  std::string About() {
    return json{{"issuer", issuer()},
                {"authorization_endpoint", issuer() + "/authorize"},
                {"token_endpoint", issuer() + "/token"},
                {"jwks_uri", issuer() + "/keys"}}
        .dump();
  }
  http::Response Redeem(const http::Request& request) {
    const auto form = http::ParseTarget("/?" + request.body).value();
    std::map<std::string, std::string> sent(form.query.begin(), form.query.end());
    absl::MutexLock lock(&mutex_);
    const auto found = waiting_.find(sent["code"]);
    if (found == waiting_.end() || ChallengeOf(sent["code_verifier"]) != found->second.challenge ||
        sent["redirect_uri"] != kBack || !request.headers.Get("Authorization").has_value()) {
      http::Response refused = http::Response::Json(R"({"error":"invalid_grant"})");
      refused.status = 400;
      return refused;
    }
    const std::string token = signer_->Sign(found->second.claims);
    waiting_.erase(found);
    return http::Response::Json(json{{"id_token", token}, {"access_token", "x"}}.dump());
  }

  struct Waiting {
    std::string challenge;
    json claims;
  };
  absl::Mutex mutex_;
  std::unique_ptr<ForeignSigner> signer_ ABSL_GUARDED_BY(mutex_) =
      std::make_unique<ForeignSigner>("first");
  std::map<std::string, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
  int codes_ ABSL_GUARDED_BY(mutex_) = 0;
  std::unique_ptr<http::Server> server_;
};

class ForeignLoginServiceTest : public UserTest {
 protected:
  void SetUp() override {
    absl::SetFlag(&FLAGS_user_oidc_providers,
                  service::Secret{json::array({{{"id", "example"},
                                                {"issuer", provider_.issuer()},
                                                {"client_id", "us"},
                                                {"client_secret", "known to both"},
                                                {"redirect_uris", {kBack}}}})
                                      .dump()});
    UserTest::SetUp();
    logins_.emplace(Peer("user"));
  }
  void TearDown() override {
    absl::SetFlag(&FLAGS_user_oidc_providers, service::Secret{});
    UserTest::TearDown();
  }

  v1::BeginForeignLoginResponse Begin() {
    v1::BeginForeignLoginRequest request;
    request.set_provider("example");
    request.set_redirect_uri(kBack);
    const auto response = logins_->BeginForeignLogin(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? *response : v1::BeginForeignLoginResponse();
  }
  absl::StatusOr<v1::FinishForeignLoginResponse> Finish(const std::string& state,
                                                        const std::string& code) {
    v1::FinishForeignLoginRequest request;
    request.set_state(state);
    request.set_provider_code(code);
    return logins_->FinishForeignLogin(Deadline(), request);
  }
  absl::StatusOr<v1::FinishForeignLoginResponse> LogIn(const json& claims) {
    const auto begun = Begin();
    return Finish(begun.state(), provider_.Visit(begun.authorization_url(), claims));
  }

  FakeProvider provider_;
  std::optional<v1::ForeignLoginServiceClient> logins_;
};

json Ann(bool verified = true) {
  return {{"sub", "ann"},
          {"email", "Ann@Example.org"},
          {"email_verified", verified},
          {"given_name", "Ann"}};
}

TEST_F(ForeignLoginServiceTest, TheFirstLoginMakesAnAccountAndTheNextOnesUseIt) {
  EXPECT_THAT(logins_->ListProviders(Deadline(), {})->providers(), ElementsAre("example"));
  const auto first = LogIn(Ann());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_TRUE(first->registered());
  EXPECT_EQ(first->tokens().access_token(), absl::StrCat("token of ", first->user_id()));
  const auto next = LogIn(Ann());
  ASSERT_TRUE(next.ok()) << next.status();
  EXPECT_FALSE(next->registered());
  EXPECT_EQ(next->user_id(), first->user_id());
  EXPECT_EQ(Get(first->user_id())->email(), "ann@example.org");
  EXPECT_TRUE(Get(first->user_id())->email_verified());
  EXPECT_THAT(Published<events::v1::UserRegistered>(), SizeIs(1));
  EXPECT_THAT(Published<events::v1::LoginAttempted>(), SizeIs(2));
}

TEST_F(ForeignLoginServiceTest, AnAccountOfTheSameAddressIsUsedIfBothHaveProvedIt) {
  const int64_t ann = *Register("ann@example.org");
  EXPECT_EQ(ReasonOf(LogIn(Ann())), "EMAIL_TAKEN") << "the account has not";
  v1::VerifyEmailRequest verify;
  verify.set_code(Published<events::v1::EmailVerificationRequested>()[0].code());
  ASSERT_TRUE(accounts_->VerifyEmail(Deadline(), verify).ok());
  EXPECT_EQ(ReasonOf(LogIn(Ann(false))), "EMAIL_TAKEN") << "the provider has not";
  const auto login = LogIn(Ann());
  ASSERT_TRUE(login.ok()) << login.status();
  EXPECT_EQ(login->user_id(), ann);
}

TEST_F(ForeignLoginServiceTest, AStateAndACodeAreGoodOnceAndTogether) {
  const auto one = Begin(), two = Begin();
  const std::string code = provider_.Visit(one.authorization_url(), Ann());
  EXPECT_EQ(ReasonOf(Finish("unknown", code)), "CODE_INVALID");
  EXPECT_EQ(ReasonOf(Finish(two.state(), code)), "FOREIGN_LOGIN_FAILED") << "another verifier";
  EXPECT_TRUE(Finish(one.state(), code).ok());
  EXPECT_EQ(ReasonOf(Finish(one.state(), code)), "CODE_INVALID");
  const auto late = Begin();
  Pass(absl::Minutes(10));
  EXPECT_EQ(ReasonOf(Finish(late.state(), provider_.Visit(late.authorization_url(), Ann()))),
            "CODE_INVALID");
}

TEST_F(ForeignLoginServiceTest, ANewKeyOfTheProviderIsFetched) {
  ASSERT_TRUE(LogIn(Ann()).ok());
  provider_.RotateKey();
  EXPECT_EQ(ReasonOf(LogIn(Ann())), "FOREIGN_LOGIN_FAILED") << "keys are not fetched all the time";
  Pass(absl::Minutes(2));
  EXPECT_TRUE(LogIn(Ann()).ok());
}

TEST_F(ForeignLoginServiceTest, RefusesWhatIsNotConfigured) {
  v1::BeginForeignLoginRequest request;
  request.set_provider("another");
  EXPECT_EQ(ReasonOf(logins_->BeginForeignLogin(Deadline(), request)), "INVALID_ARGUMENT");
  request.set_provider("example");
  request.set_redirect_uri("https://evil.example.org/back");
  EXPECT_EQ(ReasonOf(logins_->BeginForeignLogin(Deadline(), request)), "INVALID_ARGUMENT");
}

}  // namespace
}  // namespace selfology::user
