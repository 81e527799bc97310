#include "services/platform/notification/preferences/preferences_service.h"

#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "google/protobuf/util/message_differencer.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/platform/notification/inbox/inbox_store.h"
#include "services/platform/notification/preferences/preference_rules.h"
#include "services/platform/notification/preferences/preferences_store.h"

namespace selfology::notification {

using postgres::Transaction;

absl::StatusOr<v1::GetPreferencesResponse> PreferencesService::GetPreferences(
    const Call& call, const v1::GetPreferencesRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  v1::GetPreferencesResponse response;
  ASSIGN_OR_RETURN(*response.mutable_preferences(), database_.Read(call, [&](Transaction& tx) {
    return store::ReadPreferences(tx, request.user_id());
  }));
  return response;
}

absl::StatusOr<v1::UpdatePreferencesResponse> PreferencesService::UpdatePreferences(
    const Call& call, const v1::UpdatePreferencesRequest& request) {
  RETURN_IF_ERROR(CheckUpdate(request));
  return database_.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::UpdatePreferencesResponse> {
        const int64_t user_id = request.preferences().user_id();
        const absl::Time now = timestamps::WholeMicroseconds(clock_());
        store::LockPerson(tx, user_id);
        ASSIGN_OR_RETURN(const v1::Preferences known, store::ReadPreferences(tx, user_id));
        v1::Preferences changed = Updated(known, request);
        if (!google::protobuf::util::MessageDifferencer::Equals(known, changed)) {
          *changed.mutable_updated_at() = timestamps::ToProto(now);
          store::SavePreferences(tx, changed, now);
          events::v1::PreferencesChanged event;
          event.set_user_id(user_id);
          *event.mutable_preferences() = changed;
          RETURN_IF_ERROR(events::Publish(tx, event));
        }
        v1::UpdatePreferencesResponse response;
        *response.mutable_preferences() = std::move(changed);
        return response;
      });
}

}  // namespace selfology::notification
