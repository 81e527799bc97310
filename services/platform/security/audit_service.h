// The RPCs of the audit and of threats; see proto/selfology/security/v1/audit_service.proto.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/security/v1/audit_service_endpoints.h"
#include "services/platform/security/key_ring.h"
#include "services/platform/security/places.h"
#include "services/platform/security/settings.h"

namespace selfology::security {

class AuditService final : public v1::AuditServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // places: null if no address is looked up. All must outlive it.
  AuditService(postgres::Database& database, Clock clock, KeyRing& keys,
               const SecuritySettings& settings, const Places* places);

  absl::StatusOr<v1::RecordAuditResponse> RecordAudit(
      const Call& call, const v1::RecordAuditRequest& request) override;
  absl::StatusOr<v1::ListAuditRecordsResponse> ListAuditRecords(
      const Call& call, const v1::ListAuditRecordsRequest& request) override;
  absl::StatusOr<v1::VerifyAuditChainResponse> VerifyAuditChain(
      const Call& call, const v1::VerifyAuditChainRequest& request) override;
  absl::StatusOr<v1::LocateAddressResponse> LocateAddress(
      const Call& call, const v1::LocateAddressRequest& request) override;
  absl::StatusOr<v1::ListThreatsResponse> ListThreats(
      const Call& call, const v1::ListThreatsRequest& request) override;

  // Timer. Signs the chain's newest record, and forgets what is older than its retention.
  absl::Status SignAndForget(const Call& call);

 private:
  postgres::Database& database_;
  const Clock clock_;
  KeyRing& keys_;
  const SecuritySettings& settings_;
  const Places* const places_;
};

}  // namespace selfology::security
