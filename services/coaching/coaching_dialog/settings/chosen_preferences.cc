#include "services/coaching/coaching_dialog/settings/chosen_preferences.h"

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/coaching_dialog/settings/settings_store.h"

namespace selfology::coaching_dialog {

using notification::v1::UpdatePreferencesRequest;
using postgres::Transaction;

absl::StatusOr<Preferences> ChosenPreferences::Read(const Call& call, int64_t user_id) {
  notification::v1::GetPreferencesRequest request;
  request.set_user_id(user_id);
  ASSIGN_OR_RETURN(auto response, Patiently(call, [&](const Call& once) {
                     return peers_.preferences.GetPreferences(once, request);
                   }));
  return std::move(*response.mutable_preferences());
}

absl::StatusOr<Preferences> ChosenPreferences::Change(
    const Call& call, int64_t user_id,
    const std::function<void(UpdatePreferencesRequest&)>& change) {
  UpdatePreferencesRequest request;
  request.mutable_preferences()->set_user_id(user_id);
  change(request);
  ASSIGN_OR_RETURN(auto response, Patiently(call, [&](const Call& once) {
                     return peers_.preferences.UpdatePreferences(once, request);
                   }));
  RETURN_IF_ERROR(
      database_.Write(call, [&](Transaction& tx) { return Adopt(tx, response.preferences()); }));
  return std::move(*response.mutable_preferences());
}

absl::StatusOr<bool> ChosenPreferences::NoStatements(const Call& call, int64_t user_id) {
  ASSIGN_OR_RETURN(const Preferences copy, database_.Read(call, [&](Transaction& tx) {
    return store::ReadPreferences(tx, user_id);
  }));
  return copy.no_statements();
}

absl::Status ChosenPreferences::SetNoStatements(const Call& call, int64_t user_id,
                                                bool no_statements) {
  return Change(call, user_id,
                [&](UpdatePreferencesRequest& request) {
                  request.mutable_preferences()->set_no_statements(no_statements);
                  request.mutable_update_mask()->add_paths("no_statements");
                })
      .status();
}

absl::Status ChosenPreferences::Follow(const events::v1::PreferencesChanged& event,
                                       events::Handling& handling) {
  return Adopt(handling.tx(), event.preferences());
}

absl::Status ChosenPreferences::Adopt(Transaction& tx, const Preferences& preferences) {
  if (!preferences.has_updated_at()) return absl::OkStatus();  // They are the defaults.
  const int64_t user_id = preferences.user_id();
  store::LockPreferences(tx, user_id);
  ASSIGN_OR_RETURN(const Preferences known, store::ReadPreferences(tx, user_id));
  const absl::Time changed = timestamps::FromProto(preferences.updated_at());
  if (known.has_updated_at() && timestamps::FromProto(known.updated_at()) >= changed) {
    return absl::OkStatus();
  }
  store::SavePreferences(tx, preferences, changed);
  ASSIGN_OR_RETURN(const ReminderHistory history, store::ReadReminderHistory(tx, user_id));
  store::SaveReminderDue(tx, user_id, NextReminder(preferences, history, clock_()));
  return absl::OkStatus();
}

}  // namespace selfology::coaching_dialog
