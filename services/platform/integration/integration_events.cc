#include "services/platform/integration/integration_events.h"

#include "services/platform/integration/integration_store.h"

namespace selfology::integration {

absl::Status CountEntry(const events::v1::IntegrationEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::integration
