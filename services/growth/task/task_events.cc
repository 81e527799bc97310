#include "services/growth/task/task_events.h"

#include "services/growth/task/task_store.h"

namespace selfology::task {

absl::Status CountEntry(const events::v1::TaskEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::task
