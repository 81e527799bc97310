// The RPCs of logins by other providers; see proto/selfology/user/v1/foreign_login_service.proto.
#pragma once

#include <functional>
#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/crypto/seal_key.h"
#include "common/postgres/database.h"
#include "selfology/user/v1/foreign_login_service_endpoints.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/accounts/login_attempt.h"
#include "services/platform/user/accounts/mails.h"
#include "services/platform/user/accounts/second_factor.h"
#include "services/platform/user/accounts/token_issuer.h"
#include "services/platform/user/foreign/oidc_client.h"

namespace selfology::user {

class ForeignLoginService final : public v1::ForeignLoginServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  struct Parts {
    postgres::Database& database;  // These two outlive the service.
    http::Client& http;
    Clock clock;
    Providers providers;
    std::shared_ptr<TokenIssuer> tokens;
    std::string pseudonym_key;  // Of the hashes in login.attempted.
    std::shared_ptr<crypto::SealKey> seal_key;
    CountryOf country_of;
  };
  explicit ForeignLoginService(Parts parts);

  absl::StatusOr<v1::ListProvidersResponse> ListProviders(
      const Call& call, const v1::ListProvidersRequest& request) override;
  absl::StatusOr<v1::BeginForeignLoginResponse> BeginForeignLogin(
      const Call& call, const v1::BeginForeignLoginRequest& request) override;
  absl::StatusOr<v1::FinishForeignLoginResponse> FinishForeignLogin(
      const Call& call, const v1::FinishForeignLoginRequest& request) override;

 private:
  struct Entry {
    int64_t user_id = 0;
    bool registered = false;
    Factor factor = Factor::kNotNeeded;
  };
  absl::StatusOr<Entry> Enter(postgres::Transaction& tx, const crypto::Sealer& sealer,
                              const std::string& provider, const ForeignIdentity& identity,
                              std::string_view code, const AttemptFrom& from);
  absl::StatusOr<store::Account> FindOrMake(postgres::Transaction& tx, const std::string& provider,
                                            const ForeignIdentity& identity, Entry& entry);

  const Parts parts_;
  OidcClient client_;
};

}  // namespace selfology::user
