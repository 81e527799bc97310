#include "services/edge/realtime/realtime_events.h"

#include <algorithm>

#include "common/events/catalogue.h"
#include "common/events/event_type.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/erasure.pb.h"
#include "selfology/events/v1/options.pb.h"
#include "services/edge/realtime/realtime_store.h"

namespace selfology::realtime {

std::shared_ptr<const events::EventTypes> RealtimeEvents::Types() {
  auto types = std::make_shared<events::EventTypes>();
  for (const auto& [type, descriptor] : events::Catalogue()) {
    const auto& audience = descriptor->options().GetExtension(events::v1::event).audience();
    if (std::find(audience.begin(), audience.end(), events::v1::AUDIENCE_SUBJECT) !=
        audience.end()) {
      types->insert(type);
    }
  }
  types->erase(events::TypeOf<events::v1::UserDataErased>());
  return types;
}

absl::Status RealtimeEvents::Record(std::string_view type, const std::string& payload,
                                    events::Handling& handling) const {
  const int64_t user_id = handling.envelope().person();
  if (user_id <= 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::string json, events::PayloadToJson(type, payload));
  postgres::Transaction& tx = handling.tx();
  store::Append(tx, user_id, type, json, handling.envelope().occurred_at, clock_());
  tx.AfterCommit([appended = appended_, user_id] { appended(user_id); });
  return absl::OkStatus();
}

}  // namespace selfology::realtime
