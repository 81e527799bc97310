#include "services/edge/webhook/webhook_events.h"

#include "services/edge/webhook/webhook_store.h"

namespace selfology::webhook {

absl::Status CountEntry(const events::v1::WebhookEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::webhook
