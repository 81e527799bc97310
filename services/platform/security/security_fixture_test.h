// Security in a process of the mesh, over real PostgreSQL, Redis and relay, with a clock that tests
// put forward.
#pragma once

#include <atomic>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/flags/reflection.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "common/identity/token_verifier.h"
#include "gtest/gtest.h"
#include "selfology/security/v1/access_service_client.h"
#include "selfology/security/v1/api_key_service_client.h"
#include "selfology/security/v1/audit_service_client.h"
#include "selfology/security/v1/oauth_service_client.h"
#include "selfology/security/v1/token_service_client.h"
#include "selfology/security/v1/verification_service_client.h"
#include "services/platform/security/fake_user_test.h"
#include "services/platform/security/module.h"
#include "services/platform/security/signing.h"
#include "testing/mesh_test.h"

namespace selfology::security {

class SecurityTest : public ::selfology::testing::MeshTest {
 protected:
  static constexpr int64_t kUser = 123456;

  void SetUp() override {
    StartMesh(
        ::selfology::testing::Modules(MakeModule(), std::make_unique<FakeUserModule>(people_)),
        [this](service::Settings& settings) {
          settings.clock = [this] { return Now(); };
          settings.token_issuer = "";
        });
    access_.emplace(Peer("security"));
    api_keys_.emplace(Peer("security"));
    audit_.emplace(Peer("security"));
    oauth_.emplace(Peer("security"));
    tokens_.emplace(Peer("security"));
    verification_.emplace(Peer("security"));
  }

  absl::Time Now() const { return absl::Now() + absl::Nanoseconds(ahead_.load()); }
  void Advance(absl::Duration by) { ahead_ += absl::ToInt64Nanoseconds(by); }

  v1::Tokens SignIn(int64_t user_id = kUser, const std::string& key = "sign-in") {
    v1::IssueTokensRequest request;
    request.set_user_id(user_id);
    request.set_method("password");
    request.mutable_client()->set_device_name("Firefox on Linux");
    request.set_idempotency_key(key);
    const auto response = tokens_->IssueTokens(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->tokens() : v1::Tokens();
  }

  absl::StatusOr<v1::Tokens> Refresh(const std::string& refresh_token) {
    v1::RefreshTokensRequest request;
    request.set_refresh_token(refresh_token);
    const auto response = tokens_->RefreshTokens(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->tokens();
  }

  // As the kernel of another process would check it.
  absl::StatusOr<identity::Caller> Verify(const std::string& access_token) {
    const auto keys = verification_->GetKeySet(Deadline(), v1::GetKeySetRequest());
    if (!keys.ok()) return keys.status();
    return identity::VerifyToken(access_token, ToKeySet({keys->keys().begin(), keys->keys().end()}),
                                 {.issuer = keys->issuer()}, Now());
  }

  v1::IntrospectTokenResponse Introspect(const std::string& token) {
    v1::IntrospectTokenRequest request;
    request.set_token(token);
    const auto response = tokens_->IntrospectToken(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::IntrospectTokenResponse());
  }

  std::vector<v1::AuditRecord> Audit(const std::string& action, int64_t person_id = 0) {
    v1::ListAuditRecordsRequest request;
    request.set_action(action);
    request.set_person_id(person_id);
    const auto response = audit_->ListAuditRecords(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    if (!response.ok()) return {};
    return {response->records().begin(), response->records().end()};
  }

  v1::VerifyAuditChainResponse VerifyChain() {
    const auto response = audit_->VerifyAuditChain(Deadline(), v1::VerifyAuditChainRequest());
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(v1::VerifyAuditChainResponse());
  }

  void Execute(const std::string& sql) {
    const auto status = DatabaseAs("").Write(
        Deadline(), [&](postgres::Transaction& tx) { return tx.Execute(sql).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }

  const absl::FlagSaver flags_;
  const std::shared_ptr<FakePeople> people_ = std::make_shared<FakePeople>();
  std::atomic<int64_t> ahead_ = 0;
  std::optional<v1::AccessServiceClient> access_;
  std::optional<v1::ApiKeyServiceClient> api_keys_;
  std::optional<v1::AuditServiceClient> audit_;
  std::optional<v1::OAuthServiceClient> oauth_;
  std::optional<v1::TokenServiceClient> tokens_;
  std::optional<v1::VerificationServiceClient> verification_;
};

}  // namespace selfology::security
