// What the gamification service does when something has happened.
#pragma once

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/gamification.pb.h"

namespace selfology::gamification {

// Counts a person's entries. What a handler changes, the events it publishes and the mark that this
// event was handled commit together: it takes effect once, in the person's order, whatever crashes.
// UNAVAILABLE, ABORTED and DEADLINE_EXCEEDED are tried again; any other error parks the event and
// that person's later ones in the dead letters.
absl::Status CountEntry(const events::v1::GamificationEntryAdded& event, events::Handling& handling);

}  // namespace selfology::gamification
