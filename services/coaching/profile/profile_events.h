// What the profile service does with events.
#pragma once

#include <functional>

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/analysis.pb.h"

namespace selfology::profile {

// Lets a profile learn what an answer has shown. `changed` is called for the user once it has
// committed.
absl::Status LearnTraits(const events::v1::TraitExtracted& event, events::Handling& handling,
                         const std::function<void(int64_t user_id)>& changed);

}  // namespace selfology::profile
