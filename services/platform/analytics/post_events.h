// What the analytics service does when a post was measured: it keeps the numbers, and tells once
// when they are viral.
#pragma once

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "selfology/events/v1/social.pb.h"

namespace selfology::analytics {

// Publishes analytics.threshold.reached and notification.requested for a viral post.
absl::Status KeepReading(const events::v1::SocialPostMeasured& event, events::Handling& handling);

}  // namespace selfology::analytics
