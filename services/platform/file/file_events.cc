#include "services/platform/file/file_events.h"

#include "services/platform/file/file_store.h"

namespace selfology::file {

absl::Status CountEntry(const events::v1::FileEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::file
