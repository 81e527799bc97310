// The RPCs for those who verify; see proto/selfology/security/v1/verification_service.proto.
#pragma once

#include <functional>
#include <string>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/security/v1/verification_service_endpoints.h"
#include "services/platform/security/key_ring.h"

namespace selfology::security {

class VerificationService final : public v1::VerificationServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database and the keys must outlive it.
  VerificationService(postgres::Database& database, Clock clock, KeyRing& keys, std::string issuer);

  absl::StatusOr<v1::GetKeySetResponse> GetKeySet(const Call& call,
                                                  const v1::GetKeySetRequest& request) override;
  absl::StatusOr<v1::ListRevocationsResponse> ListRevocations(
      const Call& call, const v1::ListRevocationsRequest& request) override;
  absl::StatusOr<v1::VerifyApiKeyResponse> VerifyApiKey(
      const Call& call, const v1::VerifyApiKeyRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
  KeyRing& keys_;
  const std::string issuer_;
};

}  // namespace selfology::security
