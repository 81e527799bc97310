#include "services/platform/analytics/analytics_events.h"

#include "services/platform/analytics/analytics_store.h"

namespace selfology::analytics {

absl::Status CountEntry(const events::v1::AnalyticsEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::analytics
