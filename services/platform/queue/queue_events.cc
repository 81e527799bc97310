#include "services/platform/queue/queue_events.h"

#include "services/platform/queue/queue_store.h"

namespace selfology::queue {

absl::Status CountEntry(const events::v1::QueueEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::queue
