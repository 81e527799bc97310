// What the analytics service does when something has happened: it counts it.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/events/handlers.h"
#include "common/events/handling.h"

namespace selfology::analytics {

// All types whose audience is analytics.
std::shared_ptr<const events::EventTypes> CountedTypes();

// Keeps an event's facts, once, however often it comes.
absl::Status CountEvent(std::string_view type, const std::string& payload,
                        events::Handling& handling);

}  // namespace selfology::analytics
