// What the trait service does when an answer has shown traits.
#pragma once

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/analysis.pb.h"

namespace selfology::trait {

// Adds to the history; publishes changes that became significant with it and shapes that are new.
absl::Status RecordTraits(const events::v1::TraitExtracted& event, events::Handling& handling);

}  // namespace selfology::trait
