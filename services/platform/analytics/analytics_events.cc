#include "services/platform/analytics/analytics_events.h"

#include <algorithm>

#include "common/events/catalogue.h"
#include "common/events/event_type.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/catalogue.pb.h"
#include "selfology/events/v1/options.pb.h"
#include "selfology/events/v1/social.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/analytics/analytics_store.h"
#include "services/platform/analytics/facts.h"
#include "services/platform/analytics/post_events.h"

namespace selfology::analytics {

std::shared_ptr<const events::EventTypes> CountedTypes() {
  static const auto& types = *new std::shared_ptr<const events::EventTypes>([] {
    events::EventTypes counted;
    for (const auto& [type, descriptor] : events::Catalogue()) {
      const auto& audience = descriptor->options().GetExtension(events::v1::event).audience();
      if (std::find(audience.begin(), audience.end(), events::v1::AUDIENCE_ANALYTICS) !=
          audience.end()) {
        counted.insert(type);
      }
    }
    return std::make_shared<const events::EventTypes>(std::move(counted));
  }());
  return types;
}

absl::Status CountEvent(std::string_view type, const std::string& payload,
                        events::Handling& handling) {
  ASSIGN_OR_RETURN(const auto event, events::NewEvent(type));
  if (!event->ParseFromString(payload)) {
    return status::Error(mesh::v1::ERROR_CODE_INVALID_EVENT_PAYLOAD, "the payload does not parse");
  }
  const int64_t person = handling.envelope().person();
  store::Ingest(handling.tx(),
                {.metric = type,
                 .user_id = std::max<int64_t>(person, 0),
                 .occurred_at = handling.envelope().occurred_at},
                FactsOf(*event));
  if (type == events::TypeOf<events::v1::SocialPostMeasured>()) {
    return KeepReading(static_cast<const events::v1::SocialPostMeasured&>(*event), handling);
  }
  return absl::OkStatus();
}

}  // namespace selfology::analytics
