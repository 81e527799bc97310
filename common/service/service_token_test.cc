#include "common/service/service_token.h"

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/crypto/certificates.h"
#include "common/identity/caller.h"
#include "common/service/host_fixture_test.h"
#include "common/service/security_fake_test.h"
#include "gmock/gmock.h"
#include "selfology/security/v1/token_service_endpoints.h"
#include "testing/servers/binaries.h"
#include "testing/servers/redis_test.h"

namespace selfology::service {
namespace {

using testing::Modules;
using testing::TokenSigner;

constexpr char kAccount[] = "content";
constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

// Gives tokens of an hour to one account.
class FakeTokens final : public security::v1::TokenServiceEndpoints {
 public:
  explicit FakeTokens(std::shared_ptr<SecurityFake> keys) : keys_(std::move(keys)) {}

  void SetAway(bool away) { away_ = away; }
  int asked() const { return asked_; }

  absl::StatusOr<security::v1::IssueServiceTokenResponse> IssueServiceToken(
      const Call&, const security::v1::IssueServiceTokenRequest& request) override {
    ++asked_;
    if (away_) return status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED, "away");
    if (request.service() != kAccount || request.secret() != kSecret) {
      return status::Error(mesh::v1::ERROR_CODE_SERVICE_REFUSED, "no such account");
    }
    security::v1::IssueServiceTokenResponse response;
    response.mutable_tokens()->set_access_token(
        keys_->signer().Sign(TokenSigner::ServiceClaims(kAccount, "coaching.*")));
    response.mutable_tokens()->set_expires_in(3600);
    return response;
  }

#define TOKENS_NOT_CALLED(Method)                                   \
  absl::StatusOr<security::v1::Method##Response> Method(            \
      const Call&, const security::v1::Method##Request&) override { \
    return absl::UnimplementedError(#Method);                       \
  }
  TOKENS_NOT_CALLED(IssueTokens)
  TOKENS_NOT_CALLED(RefreshTokens)
  TOKENS_NOT_CALLED(Logout)
  TOKENS_NOT_CALLED(ListSessions)
  TOKENS_NOT_CALLED(RevokeSession)
  TOKENS_NOT_CALLED(RevokeSessions)
  TOKENS_NOT_CALLED(IntrospectToken)
  TOKENS_NOT_CALLED(ExchangeTelegramInitData)
#undef TOKENS_NOT_CALLED

 private:
  const std::shared_ptr<SecurityFake> keys_;
  std::atomic<bool> away_ = false;
  std::atomic<int> asked_ = 0;
};

class ServiceTokenTest : public HostFixture {
 protected:
  // A process with security and a service, where access is enforced.
  void SetUp() override {
    StartMesh(Modules(std::make_unique<ProbeModule>(
                          [this](Mesh& mesh) {
                            mesh.Serve(keys_);
                            mesh.Serve(tokens_);
                            return absl::OkStatus();
                          },
                          "security"),
                      std::make_unique<ProbeModule>([this](Mesh& mesh) {
                        probe_->on_list = [this](const Call& call) {
                          absl::MutexLock lock(&mutex_);
                          caller_ = call.caller();
                          return absl::OkStatus();
                        };
                        mesh.Serve(probe_);
                        return absl::OkStatus();
                      })),
              [this](Settings& settings) {
                settings.enforce_access = true;
                Adjust(settings);
              });
  }
  virtual void Adjust(Settings&) {}

  ServiceToken Token(const std::string& secret = kSecret) {
    return ServiceToken({.account = kAccount, .secret = secret, .clock = [this] { return Now(); }},
                        Peer("security"));
  }
  absl::Time Now() const { return absl::Now() + absl::Seconds(ahead_.load()); }
  void Pass(absl::Duration by) { ahead_ += absl::ToInt64Seconds(by); }

  std::atomic<int64_t> ahead_ = 0;
  const std::shared_ptr<SecurityFake> keys_ = std::make_shared<SecurityFake>();
  const std::shared_ptr<FakeTokens> tokens_ = std::make_shared<FakeTokens>(keys_);
  absl::Mutex mutex_;
  std::shared_ptr<const identity::Caller> caller_ ABSL_GUARDED_BY(mutex_);
};

TEST_F(ServiceTokenTest, AsksOnceAndRenewsAfterHalfOfItsLife) {
  ServiceToken token = Token();
  const auto first = token.Get(Deadline());
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(*token.Get(Deadline()), *first);
  Pass(absl::Minutes(29));
  EXPECT_EQ(*token.Get(Deadline()), *first);
  EXPECT_EQ(tokens_->asked(), 1);
  Pass(absl::Minutes(2));
  EXPECT_TRUE(token.Get(Deadline()).ok());
  EXPECT_EQ(tokens_->asked(), 2);
  EXPECT_TRUE(token.Get(Deadline()).ok());
  EXPECT_EQ(tokens_->asked(), 2);
}

TEST_F(ServiceTokenTest, WhileSecurityIsAwayTheOldOneServes) {
  ServiceToken token = Token();
  const std::string first = *token.Get(Deadline());
  tokens_->SetAway(true);
  Pass(absl::Minutes(40));
  EXPECT_EQ(*token.Get(Deadline()), first);
  Pass(absl::Minutes(20));
  EXPECT_EQ(status::Reason(token.Get(Deadline()).status()), "SERVICE_UNAVAILABLE");
  const int asked = tokens_->asked();
  EXPECT_FALSE(token.Get(Deadline()).ok());
  EXPECT_EQ(tokens_->asked(), asked) << "a second has to pass";
  tokens_->SetAway(false);
  Pass(absl::Seconds(2));
  EXPECT_TRUE(token.Get(Deadline()).ok());
}

TEST_F(ServiceTokenTest, ACallWithoutTimeIsNobodyElsesFailure) {
  ServiceToken token = Token();
  EXPECT_FALSE(token.Get(Call::Background(-absl::Seconds(1))).ok());
  EXPECT_TRUE(token.Get(Deadline()).ok()) << "in the same second";
}

TEST_F(ServiceTokenTest, AWrongSecretIsNoFaultOfWhoCalls) {
  ServiceToken token = Token("wrong");
  const absl::Status refused = token.Get(Deadline()).status();
  EXPECT_EQ(status::Reason(refused), "SERVICE_UNAVAILABLE");
  EXPECT_THAT(std::string(refused.message()), ::testing::HasSubstr("account or secret"));
}

TEST_F(ServiceTokenTest, AProcessWithAnAccountProvesItselfByItsToken) {
  Settings settings;
  settings.database_url = url();
  settings.redis_url = servers::TestRedis().url();
  settings.service_token =
      ServiceTokenOf({.account = kAccount, .secret = kSecret, .clock = [this] { return Now(); }},
                     host().grpc_address());
  settings.peers = {{"probe", host().grpc_address()}};
  Mesh* other = nullptr;
  const auto process = Host::Start(settings, Modules(std::make_unique<ProbeModule>(
                                                 [&](Mesh& mesh) {
                                                   other = &mesh;
                                                   return absl::OkStatus();
                                                 },
                                                 "other")));
  ASSERT_TRUE(process.ok()) << process.status();
  const trait::v1::TraitServiceClient traits(other->Peer("probe"));
  trait::v1::ListTraitHistoryRequest request;
  request.set_user_id(7);
  const auto listed = traits.ListTraitHistory(Deadline(), request);
  EXPECT_TRUE(listed.ok()) << listed.status();
  {
    absl::MutexLock lock(&mutex_);
    ASSERT_NE(caller_, nullptr);
    EXPECT_EQ(caller_->kind, identity::Caller::Kind::kService);
    EXPECT_EQ(caller_->service, kAccount);
  }
  (*process)->Drain();
}

// The same where processes also know each other by certificates.
class CertifiedServiceTokenTest : public ServiceTokenTest {
 protected:
  void Adjust(Settings& settings) override { Certify(settings, {"security", "probe"}); }

  // Settings of a process that runs these services.
  void Certify(Settings& settings, const std::vector<std::string>& names) {
    crypto::CertificateRequest request{.not_before = absl::Now() - absl::Hours(1),
                                       .not_after = absl::Now() + absl::Hours(1)};
    for (const std::string& name : names) {
      request.uris.push_back(absl::StrCat("spiffe://selfology/", name));
    }
    const crypto::KeyedCertificate own = authority_.Issue(request).value();
    const auto file = [&](std::string_view kind, const std::string& text) {
      std::string path = absl::StrCat(folder_.path(), "/", names.front(), ".", kind);
      std::ofstream(path) << text;
      return path;
    };
    settings.tls = {.certificate_file = file("crt", own.certificate),
                    .key_file = file("key", own.key),
                    .authority_file = file("ca", authority_.own().certificate)};
    settings.tls_edges_file = file("edges", "content -> security\ncontent -> probe\n");
  }

  const servers::ScratchFolder folder_ = servers::ScratchFolder::Make().value();
  const crypto::Authority authority_ =
      crypto::Authority::Make("Test", absl::Now() - absl::Hours(1), absl::Now() + absl::Hours(1))
          .value();
};

TEST_F(CertifiedServiceTokenTest, SecurityIsAskedByTls) {
  Settings settings;
  settings.database_url = url();
  settings.redis_url = servers::TestRedis().url();
  settings.service_account = kAccount;
  settings.service_account_secret = kSecret;
  settings.peers = {{"probe", host().grpc_address()}, {"security", host().grpc_address()}};
  Certify(settings, {"content"});
  Mesh* other = nullptr;
  const auto process = Host::Start(settings, Modules(std::make_unique<ProbeModule>(
                                                 [&](Mesh& mesh) {
                                                   other = &mesh;
                                                   return absl::OkStatus();
                                                 },
                                                 "content")));
  ASSERT_TRUE(process.ok()) << process.status();
  trait::v1::ListTraitHistoryRequest request;
  request.set_user_id(7);
  const auto listed =
      trait::v1::TraitServiceClient(other->Peer("probe")).ListTraitHistory(Deadline(), request);
  EXPECT_TRUE(listed.ok()) << listed.status();
  EXPECT_EQ(tokens_->asked(), 1);
  (*process)->Drain();
}

}  // namespace
}  // namespace selfology::service
