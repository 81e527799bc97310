// The RPCs of API keys; see proto/selfology/security/v1/api_key_service.proto for what each does.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/security/v1/api_key_service_endpoints.h"
#include "services/platform/security/key_ring.h"

namespace selfology::security {

class ApiKeyService final : public v1::ApiKeyServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database and the keys must outlive it.
  ApiKeyService(postgres::Database& database, Clock clock, KeyRing& keys);

  absl::StatusOr<v1::CreateApiKeyResponse> CreateApiKey(
      const Call& call, const v1::CreateApiKeyRequest& request) override;
  absl::StatusOr<v1::ListApiKeysResponse> ListApiKeys(
      const Call& call, const v1::ListApiKeysRequest& request) override;
  absl::StatusOr<v1::RevokeApiKeyResponse> RevokeApiKey(
      const Call& call, const v1::RevokeApiKeyRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
  KeyRing& keys_;
};

}  // namespace selfology::security
