// The preferences' RPCs; see proto/selfology/notification/v1/preferences_service.proto.
#pragma once

#include <functional>
#include <utility>

#include "absl/time/time.h"
#include "common/postgres/database.h"
#include "selfology/notification/v1/preferences_service_endpoints.h"

namespace selfology::notification {

class PreferencesService final : public v1::PreferencesServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database outlives it.
  PreferencesService(postgres::Database& database, Clock clock)
      : database_(database), clock_(std::move(clock)) {}

  absl::StatusOr<v1::GetPreferencesResponse> GetPreferences(
      const Call& call, const v1::GetPreferencesRequest& request) override;
  absl::StatusOr<v1::UpdatePreferencesResponse> UpdatePreferences(
      const Call& call, const v1::UpdatePreferencesRequest& request) override;

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::notification
