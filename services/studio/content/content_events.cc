#include "services/studio/content/content_events.h"

#include "services/studio/content/content_store.h"

namespace selfology::content {

absl::Status CountEntry(const events::v1::ContentEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::content
