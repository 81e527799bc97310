// The room over the real thing, with security and one service that keeps data played by fakes.
#pragma once

#include <atomic>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/flags/declare.h"
#include "absl/flags/flag.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/service/mesh.h"
#include "common/service/settings.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/security.pb.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/security/v1/token_service_endpoints.h"
#include "selfology/trait/v1/trait_service_endpoints.h"
#include "selfology/user/v1/account_service_client.h"
#include "services/platform/user/accounts/profile_rules.h"
#include "services/platform/user/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"
#include "testing/serving_module.h"

namespace selfology::user {

// Gives tokens that say whose they are, and remembers whose sessions were ended.
class FakeSecurity final : public security::v1::TokenServiceEndpoints {
 public:
  absl::StatusOr<security::v1::IssueTokensResponse> IssueTokens(
      const Call&, const security::v1::IssueTokensRequest& request) override {
    security::v1::IssueTokensResponse response;
    response.mutable_tokens()->set_access_token(absl::StrCat("token of ", request.user_id()));
    response.mutable_tokens()->set_refresh_token(request.method());
    response.mutable_tokens()->set_expires_in(900);
    response.mutable_tokens()->set_token_type("Bearer");
    return response;
  }
  absl::StatusOr<security::v1::RevokeSessionsResponse> RevokeSessions(
      const Call&, const security::v1::RevokeSessionsRequest& request) override {
    if (away) return absl::UnavailableError("away");
    absl::MutexLock lock(&mutex_);
    ended_.push_back(absl::StrCat(request.user_id(), " but ", request.except_session_id()));
    return security::v1::RevokeSessionsResponse();
  }
  std::vector<std::string> ended() const {
    absl::MutexLock lock(&mutex_);
    return ended_;
  }

  std::atomic<bool> away = false;

  // Not called by this room.
  absl::StatusOr<security::v1::RefreshTokensResponse> RefreshTokens(
      const Call&, const security::v1::RefreshTokensRequest&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<security::v1::LogoutResponse> Logout(const Call&,
                                                      const security::v1::LogoutRequest&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<security::v1::ListSessionsResponse> ListSessions(
      const Call&, const security::v1::ListSessionsRequest&) override {
    return security::v1::ListSessionsResponse();
  }
  absl::StatusOr<security::v1::RevokeSessionResponse> RevokeSession(
      const Call&, const security::v1::RevokeSessionRequest&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<security::v1::IntrospectTokenResponse> IntrospectToken(
      const Call&, const security::v1::IntrospectTokenRequest&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<security::v1::IssueServiceTokenResponse> IssueServiceToken(
      const Call&, const security::v1::IssueServiceTokenRequest&) override {
    return absl::UnimplementedError("");
  }
  absl::StatusOr<security::v1::ExchangeTelegramInitDataResponse> ExchangeTelegramInitData(
      const Call&, const security::v1::ExchangeTelegramInitDataRequest&) override {
    return absl::UnimplementedError("");
  }

 private:
  mutable absl::Mutex mutex_;
  std::vector<std::string> ended_ ABSL_GUARDED_BY(mutex_);
};

// A service that keeps something of some people, exports it and erases it.
class FakeTraits final : public trait::v1::TraitServiceEndpoints {
 public:
  void Keep(int64_t user_id) {
    absl::MutexLock lock(&mutex_);
    people_.insert(user_id);
  }
  bool Keeps(int64_t user_id) const {
    absl::MutexLock lock(&mutex_);
    return people_.contains(user_id);
  }
  int64_t Erase(int64_t user_id) {
    absl::MutexLock lock(&mutex_);
    return static_cast<int64_t>(people_.erase(user_id));
  }

  absl::StatusOr<trait::v1::ListTraitHistoryResponse> ListTraitHistory(
      const Call&, const trait::v1::ListTraitHistoryRequest& request) override {
    if (away) return absl::UnavailableError("away");
    trait::v1::ListTraitHistoryResponse response;
    if (Keeps(request.user_id())) {
      response.add_records()->set_trigger(absl::StrCat("words of ", request.user_id()));
    }
    return response;
  }
  std::atomic<bool> away = false;

  absl::StatusOr<trait::v1::GetTraitPatternsResponse> GetTraitPatterns(
      const Call&, const trait::v1::GetTraitPatternsRequest&) override {
    return trait::v1::GetTraitPatternsResponse();
  }
  absl::StatusOr<trait::v1::GetTraitEvolutionResponse> GetTraitEvolution(
      const Call&, const trait::v1::GetTraitEvolutionRequest&) override {
    return trait::v1::GetTraitEvolutionResponse();
  }
  absl::StatusOr<trait::v1::GetNextStatementResponse> GetNextStatement(
      const Call&, const trait::v1::GetNextStatementRequest&) override {
    return trait::v1::GetNextStatementResponse();
  }
  absl::StatusOr<trait::v1::RateStatementResponse> RateStatement(
      const Call&, const trait::v1::RateStatementRequest&) override {
    return trait::v1::RateStatementResponse();
  }

 private:
  mutable absl::Mutex mutex_;
  std::set<int64_t> people_ ABSL_GUARDED_BY(mutex_);
};

class FakeTraitModule final : public service::Module {
 public:
  explicit FakeTraitModule(std::shared_ptr<FakeTraits> traits) : traits_(std::move(traits)) {}
  service::ModuleInfo info() const override { return {.name = "trait", .group = "trait"}; }
  absl::Status Start(service::Mesh& mesh) override {
    mesh.Serve(traits_);
    mesh.OnErase(
        [traits = traits_](postgres::Transaction&, int64_t user_id) -> absl::StatusOr<int64_t> {
          return traits->Erase(user_id);
        });
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<FakeTraits> traits_;
};

constexpr char kPassword[] = "zanzibar teapot 42";

class UserTest : public ::selfology::testing::MeshTest {
 protected:
  void SetUp() override {
    StartMesh(::selfology::testing::Modules(
                  MakeModule(), ::selfology::testing::ServingModule("security", security_),
                  std::unique_ptr<service::Module>(new FakeTraitModule(traits_))),
              [this](service::Settings& settings) { settings.clock = [this] { return Now(); }; });
    accounts_.emplace(Peer("user"));
  }

  // Runs ahead of the real clock by what the test adds.
  absl::Time Now() const { return absl::Now() + absl::Seconds(ahead_seconds_.load()); }
  void Pass(absl::Duration time) { ahead_seconds_ += absl::ToInt64Seconds(time); }

  absl::StatusOr<int64_t> Register(const std::string& email,
                                   const std::string& password = kPassword) {
    v1::RegisterRequest request;
    request.set_email(email);
    request.set_password(password);
    request.set_first_name("Ann");
    const auto response = accounts_->Register(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->user_id();
  }

  absl::StatusOr<v1::LoginResponse> Login(const std::string& email,
                                          const std::string& password = kPassword,
                                          const std::string& code = "") {
    v1::LoginRequest request;
    request.set_email(email);
    request.set_password(password);
    request.set_code(code);
    return accounts_->Login(Deadline(), request);
  }

  absl::StatusOr<v1::User> Get(int64_t user_id) {
    v1::GetUserRequest request;
    request.set_user_id(user_id);
    const auto response = accounts_->GetUser(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->user();
  }

  absl::StatusOr<v1::Job> GetJob(const std::string& job_id) {
    v1::GetJobRequest request;
    request.set_job_id(job_id);
    const auto response = accounts_->GetJob(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->job();
  }
  void AwaitJob(const v1::Job& job) {
    Await("the job to be done", [&] {
      const auto now = GetJob(job.job_id());
      return now.ok() && now->status() == v1::JOB_STATUS_DONE;
    });
  }

  // A number that the room's tables give.
  int64_t Count(std::string_view sql) {
    const auto rows =
        DatabaseAs("selfology_user").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.QueryOne<int64_t>(sql);
        });
    EXPECT_TRUE(rows.ok()) << rows.status();
    return rows.ok() && rows->has_value() ? std::get<0>(**rows) : -1;
  }

  const std::shared_ptr<FakeSecurity> security_ = std::make_shared<FakeSecurity>();
  const std::shared_ptr<FakeTraits> traits_ = std::make_shared<FakeTraits>();
  std::optional<v1::AccountServiceClient> accounts_;

 private:
  std::atomic<int64_t> ahead_seconds_ = 0;
};

template <typename T>
std::string ReasonOf(const absl::StatusOr<T>& result) {
  return status::Reason(result.status());
}

}  // namespace selfology::user
