// The RPCs of tokens; see proto/selfology/security/v1/token_service.proto for what each does.
#pragma once

#include <functional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "selfology/security/v1/token_service_endpoints.h"
#include "services/platform/security/key_ring.h"
#include "services/platform/security/places.h"
#include "services/platform/security/settings.h"

namespace selfology::security {

class TokenService final : public v1::TokenServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;
  // The person that a Telegram account belongs to.
  using PersonOf = std::function<absl::StatusOr<int64_t>(const Call&, int64_t telegram_id)>;

  // places: null if no address is looked up. All must outlive it.
  TokenService(postgres::Database& database, Clock clock, KeyRing& keys,
               const SecuritySettings& settings, const Places* places, PersonOf person_of,
               observe::Metrics& metrics);

  absl::StatusOr<v1::IssueTokensResponse> IssueTokens(
      const Call& call, const v1::IssueTokensRequest& request) override;
  absl::StatusOr<v1::RefreshTokensResponse> RefreshTokens(
      const Call& call, const v1::RefreshTokensRequest& request) override;
  absl::StatusOr<v1::LogoutResponse> Logout(const Call& call,
                                            const v1::LogoutRequest& request) override;
  absl::StatusOr<v1::ListSessionsResponse> ListSessions(
      const Call& call, const v1::ListSessionsRequest& request) override;
  absl::StatusOr<v1::RevokeSessionResponse> RevokeSession(
      const Call& call, const v1::RevokeSessionRequest& request) override;
  absl::StatusOr<v1::RevokeSessionsResponse> RevokeSessions(
      const Call& call, const v1::RevokeSessionsRequest& request) override;
  absl::StatusOr<v1::IntrospectTokenResponse> IntrospectToken(
      const Call& call, const v1::IntrospectTokenRequest& request) override;
  absl::StatusOr<v1::IssueServiceTokenResponse> IssueServiceToken(
      const Call& call, const v1::IssueServiceTokenRequest& request) override;
  absl::StatusOr<v1::ExchangeTelegramInitDataResponse> ExchangeTelegramInitData(
      const Call& call, const v1::ExchangeTelegramInitDataRequest& request) override;

  // Timer. Forgets what matters no more.
  absl::Status ForgetOld(const Call& call);

 private:
  absl::Time Now() const;
  void CountIssued(std::string_view kind);

  postgres::Database& database_;
  const Clock clock_;
  KeyRing& keys_;
  const SecuritySettings& settings_;
  const Places* const places_;
  const PersonOf person_of_;
  observe::Metrics& metrics_;
};

}  // namespace selfology::security
