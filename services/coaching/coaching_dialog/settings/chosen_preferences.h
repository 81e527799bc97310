// What people chose of when and how they are written to. The notification service has it; the dialog
// shows and changes it there, and keeps a copy, by which it plans reminders and tells a person's day.
//
//   ASSIGN_OR_RETURN(const Preferences known, preferences.Read(call, user_id));
//   mesh.On(preferences, &ChosenPreferences::Follow);
//
// The copy follows each change at once where the dialog made it, and by preferences.changed where
// another did. A change moves the next reminder, too. Errors: the service's and the database's.
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "selfology/events/v1/notification.pb.h"
#include "selfology/notification/v1/preferences_service.pb.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/settings/preference_rules.h"

namespace selfology::coaching_dialog {

class ChosenPreferences {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  ChosenPreferences(const Peers& peers, postgres::Database& database, Clock clock)
      : peers_(peers), database_(database), clock_(std::move(clock)) {}

  // Of somebody who never chose, the defaults.
  absl::StatusOr<Preferences> Read(const Call& call, int64_t user_id);
  // As they are after it; `change` sets the fields of the request's preferences and names them.
  // INVALID_ARGUMENT: a value is none.
  absl::StatusOr<Preferences> Change(
      const Call& call, int64_t user_id,
      const std::function<void(notification::v1::UpdatePreferencesRequest&)>& change);

  // Whether one-tap statements are shown between questions: by the copy.
  absl::StatusOr<bool> NoStatements(const Call& call, int64_t user_id);
  absl::Status SetNoStatements(const Call& call, int64_t user_id, bool no_statements);

  // They were changed, by whomever.
  absl::Status Follow(const events::v1::PreferencesChanged& event, events::Handling& handling);

 private:
  // Nothing happens where the copy is as new.
  absl::Status Adopt(postgres::Transaction& tx, const Preferences& preferences);

  const Peers& peers_;
  postgres::Database& database_;
  const Clock clock_;
};

}  // namespace selfology::coaching_dialog
