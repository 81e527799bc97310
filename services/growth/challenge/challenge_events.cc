#include "services/growth/challenge/challenge_events.h"

#include "services/growth/challenge/challenge_store.h"

namespace selfology::challenge {

absl::Status CountEntry(const events::v1::ChallengeEntryAdded& event, events::Handling& handling) {
  store::AddToCount(handling.tx(), event.user_id(), 1);
  return absl::OkStatus();
}

}  // namespace selfology::challenge
