#include "services/studio/social/social_events.h"

#include "services/studio/social/social_store.h"

namespace selfology::social {

absl::Status CountEntry(const events::v1::SocialEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::social
