#include "services/feed/channel_reader/channel_reader_events.h"

#include "services/feed/channel_reader/channel_reader_store.h"

namespace selfology::channel_reader {

absl::Status CountEntry(const events::v1::ChannelReaderEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::channel_reader
