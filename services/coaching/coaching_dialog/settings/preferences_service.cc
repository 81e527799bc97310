#include "services/coaching/coaching_dialog/settings/preferences_service.h"

#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/coaching/coaching_dialog/settings/settings_store.h"

namespace selfology::coaching_dialog {

using notification::v1::GetPreferencesRequest;
using notification::v1::GetPreferencesResponse;
using notification::v1::UpdatePreferencesRequest;
using notification::v1::UpdatePreferencesResponse;
using postgres::Transaction;

absl::StatusOr<GetPreferencesResponse> PreferencesService::GetPreferences(
    const Call& call, const GetPreferencesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  GetPreferencesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_preferences(), Read(call, request.user_id()));
  return response;
}

absl::StatusOr<UpdatePreferencesResponse> PreferencesService::UpdatePreferences(
    const Call& call, const UpdatePreferencesRequest& request) {
  RETURN_IF_ERROR(CheckUpdate(request));
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<UpdatePreferencesResponse> {
    const int64_t user_id = request.preferences().user_id();
    const absl::Time now = timestamps::WholeMicroseconds(clock_());
    store::LockPreferences(tx, user_id);
    ASSIGN_OR_RETURN(const Preferences known, store::ReadPreferences(tx, user_id));
    Preferences changed = Updated(known, request);
    if (!google::protobuf::util::MessageDifferencer::Equals(known, changed)) {
      *changed.mutable_updated_at() = timestamps::ToProto(now);
      store::SavePreferences(tx, changed, now);
      ASSIGN_OR_RETURN(const ReminderHistory history, store::ReadReminderHistory(tx, user_id));
      store::SaveReminderDue(tx, user_id, NextReminder(changed, history, now));
      events::v1::PreferencesChanged event;
      event.set_user_id(user_id);
      *event.mutable_preferences() = changed;
      RETURN_IF_ERROR(events::Publish(tx, event));
    }
    UpdatePreferencesResponse response;
    *response.mutable_preferences() = std::move(changed);
    return response;
  });
}

absl::StatusOr<Preferences> PreferencesService::Read(const Call& call, int64_t user_id) {
  return database_.Read(call, [&](Transaction& tx) { return store::ReadPreferences(tx, user_id); });
}

absl::StatusOr<Preferences> PreferencesService::Change(
    const Call& call, int64_t user_id,
    const std::function<void(UpdatePreferencesRequest&)>& change) {
  UpdatePreferencesRequest request;
  request.mutable_preferences()->set_user_id(user_id);
  change(request);
  ASSIGN_OR_RETURN(UpdatePreferencesResponse response, UpdatePreferences(call, request));
  return std::move(*response.mutable_preferences());
}

absl::Status PreferencesService::SetNoStatements(const Call& call, int64_t user_id,
                                                 bool no_statements) {
  return Change(call, user_id,
                [&](UpdatePreferencesRequest& request) {
                  request.mutable_preferences()->set_no_statements(no_statements);
                  request.mutable_update_mask()->add_paths("no_statements");
                })
      .status();
}

}  // namespace selfology::coaching_dialog
