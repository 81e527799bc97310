// The RPCs of the OAuth provider; see proto/selfology/security/v1/oauth_service.proto.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "selfology/mesh/v1/http_response.pb.h"
#include "selfology/security/v1/oauth_service_endpoints.h"
#include "selfology/user/v1/user.pb.h"
#include "services/platform/security/key_ring.h"
#include "services/platform/security/oauth_grants.h"
#include "services/platform/security/oauth_rules.h"
#include "services/platform/security/settings.h"

namespace selfology::security {

class OAuthService final : public v1::OAuthServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;
  using HttpAnswer = absl::StatusOr<mesh::v1::HttpResponse>;

  // A person's account; NOT_FOUND: they have none.
  using AboutPerson = std::function<absl::StatusOr<user::v1::User>(const Call&, int64_t user_id)>;

  // All must outlive it.
  OAuthService(postgres::Database& database, Clock clock, KeyRing& keys,
               const SecuritySettings& settings, AboutPerson about, observe::Metrics& metrics);

  HttpAnswer GetProviderMetadata(const Call& call,
                                 const v1::GetProviderMetadataRequest& request) override;
  HttpAnswer RegisterClient(const Call& call, const v1::RegisterClientRequest& request) override;
  HttpAnswer Authorize(const Call& call, const v1::AuthorizeRequest& request) override;
  HttpAnswer ShowConsent(const Call& call, const v1::ShowConsentRequest& request) override;
  HttpAnswer DecideConsent(const Call& call, const v1::DecideConsentRequest& request) override;
  HttpAnswer IssueOAuthTokens(const Call& call,
                              const v1::IssueOAuthTokensRequest& request) override;
  HttpAnswer AuthorizeDevice(const Call& call, const v1::AuthorizeDeviceRequest& request) override;
  HttpAnswer ShowDevice(const Call& call, const v1::ShowDeviceRequest& request) override;
  HttpAnswer DecideDevice(const Call& call, const v1::DecideDeviceRequest& request) override;
  HttpAnswer IntrospectOAuthToken(const Call& call,
                                  const v1::IntrospectOAuthTokenRequest& request) override;
  HttpAnswer RevokeOAuthToken(const Call& call,
                              const v1::RevokeOAuthTokenRequest& request) override;
  HttpAnswer GetUserInfo(const Call& call, const v1::GetUserInfoRequest& request) override;

 private:
  absl::Time Now() const;
  // The app, if the secret is its own. Errors: invalid_client.
  absl::StatusOr<OAuthClient> Authenticated(const Call& call, const std::string& client_id,
                                            const std::string& client_secret);
  absl::StatusOr<std::optional<OAuthClient>> Find(const Call& call, const std::string& client_id);
  absl::StatusOr<AuthorizationRequest> Opened(const KeyRing::Keys& keys,
                                              const std::string& sealed) const;
  // Who shows their own token; 0: nobody does.
  absl::StatusOr<int64_t> PersonWhoAnswers(const Call& call, const Issuing& issuing,
                                           const std::string& access_token);
  absl::StatusOr<GrantOutcome> Exchange(const Call& call, const Issuing& issuing,
                                        const OAuthClient& client,
                                        const v1::IssueOAuthTokensRequest& request);

  postgres::Database& database_;
  const Clock clock_;
  KeyRing& keys_;
  const SecuritySettings& settings_;
  const AboutPerson about_;
  observe::Metrics& metrics_;
};

}  // namespace selfology::security
