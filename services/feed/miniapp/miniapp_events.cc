#include "services/feed/miniapp/miniapp_events.h"

#include "services/feed/miniapp/miniapp_store.h"

namespace selfology::miniapp {

absl::Status CountEntry(const events::v1::MiniappEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::miniapp
