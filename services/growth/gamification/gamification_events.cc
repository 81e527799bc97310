#include "services/growth/gamification/gamification_events.h"

#include "services/growth/gamification/gamification_store.h"

namespace selfology::gamification {

absl::Status CountEntry(const events::v1::GamificationEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::gamification
