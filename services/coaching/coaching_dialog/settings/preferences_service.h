// The preferences' gRPC endpoints, and what else the dialog does with them.
//
//   mesh.Serve(preferences);
//   ASSIGN_OR_RETURN(const Preferences known, preferences->Read(call, user_id));
//
// A change moves the next reminder, too. Errors: as preferences_service.proto says. Threads:
// thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/notification/v1/preferences_service_endpoints.h"
#include "services/coaching/coaching_dialog/settings/preference_rules.h"

namespace selfology::coaching_dialog {

class PreferencesService final : public notification::v1::PreferencesServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database outlives it.
  PreferencesService(postgres::Database& database, Clock clock)
      : database_(database), clock_(std::move(clock)) {}

  absl::StatusOr<notification::v1::GetPreferencesResponse> GetPreferences(
      const Call& call, const notification::v1::GetPreferencesRequest& request) override;
  absl::StatusOr<notification::v1::UpdatePreferencesResponse> UpdatePreferences(
      const Call& call, const notification::v1::UpdatePreferencesRequest& request) override;

  // Of somebody who never chose, the defaults.
  absl::StatusOr<Preferences> Read(const Call& call, int64_t user_id);
  // As they are after it; `change` sets the fields of the request's preferences and names them.
  absl::StatusOr<Preferences> Change(
      const Call& call, int64_t user_id,
      const std::function<void(notification::v1::UpdatePreferencesRequest&)>& change);
  // Whether one-tap statements are shown between questions.
  absl::Status SetNoStatements(const Call& call, int64_t user_id, bool no_statements);

 private:
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::coaching_dialog
