#include "services/platform/notification/notification_events.h"

#include "services/platform/notification/notification_store.h"

namespace selfology::notification {

absl::Status CountEntry(const events::v1::NotificationEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::notification
