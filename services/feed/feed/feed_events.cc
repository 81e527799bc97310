#include "services/feed/feed/feed_events.h"

#include "services/feed/feed/feed_store.h"

namespace selfology::feed {

absl::Status CountEntry(const events::v1::FeedEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::feed
