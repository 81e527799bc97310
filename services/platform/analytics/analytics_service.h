// The analytics service's RPCs; see proto/selfology/analytics/v1/analytics_service.proto for what each does.
// DeleteUserData is the kernel's: it calls what module.cc gives to OnErase.
#pragma once

#include <functional>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/analytics/v1/analytics_service_endpoints.h"

namespace selfology::analytics {

class AnalyticsService final : public v1::AnalyticsServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive it.
  AnalyticsService(postgres::Database& database, Clock clock);

  absl::StatusOr<v1::AddAnalyticsEntryResponse> AddAnalyticsEntry(
      const Call& call, const v1::AddAnalyticsEntryRequest& request) override;
  absl::StatusOr<v1::ListAnalyticsEntriesResponse> ListAnalyticsEntries(
      const Call& call, const v1::ListAnalyticsEntriesRequest& request) override;
  absl::StatusOr<v1::CountAnalyticsEntriesResponse> CountAnalyticsEntries(
      const Call& call, const v1::CountAnalyticsEntriesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::analytics
