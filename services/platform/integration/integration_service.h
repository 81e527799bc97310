// The integration service's RPCs; see proto/selfology/integration/v1/integration_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/integration/v1/integration_service_endpoints.h"

namespace selfology::integration {

class IntegrationService final : public v1::IntegrationServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  IntegrationService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddIntegrationEntryResponse> AddIntegrationEntry(
      const Call& call, const v1::AddIntegrationEntryRequest& request) override;
  absl::StatusOr<v1::ListIntegrationEntriesResponse> ListIntegrationEntries(
      const Call& call, const v1::ListIntegrationEntriesRequest& request) override;
  absl::StatusOr<v1::CountIntegrationEntriesResponse> CountIntegrationEntries(
      const Call& call, const v1::CountIntegrationEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::integration
