#include "services/edge/webhook/outbound/outbound_events.h"

#include <algorithm>

#include "absl/strings/str_cat.h"
#include "common/events/catalogue.h"
#include "common/events/event_type.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/erasure.pb.h"
#include "selfology/events/v1/options.pb.h"
#include "services/edge/webhook/outbound/delivery_store.h"
#include "services/edge/webhook/outbound/endpoint_rules.h"
#include "services/edge/webhook/webhook_names.h"

namespace selfology::webhook {

std::shared_ptr<const events::EventTypes> OutboundEvents::Types() {
  auto types = std::make_shared<events::EventTypes>();
  for (const auto& [type, descriptor] : events::Catalogue()) {
    const auto& audience = descriptor->options().GetExtension(events::v1::event).audience();
    if (std::find(audience.begin(), audience.end(), events::v1::AUDIENCE_WEBHOOKS) !=
        audience.end()) {
      types->insert(type);
    }
  }
  types->erase(events::TypeOf<events::v1::UserDataErased>());
  return types;
}

absl::Status OutboundEvents::Enqueue(std::string_view type, const std::string& payload,
                                     events::Handling& handling) const {
  const events::Envelope& envelope = handling.envelope();
  ASSIGN_OR_RETURN(const std::string json, events::PayloadToJson(type, payload));
  ASSIGN_OR_RETURN(
      const bool enqueued,
      store::Enqueue(handling.tx(),
                     {.message_id = absl::StrCat("msg_", envelope.id.ToString()),
                      .user_id = std::max<int64_t>(0, envelope.person()),
                      .event_type = std::string(type),
                      .body = MessageBody(type, NameOf(type, json), envelope.occurred_at, json),
                      .occurred_at = envelope.occurred_at},
                     clock_()));
  if (enqueued) handling.tx().AfterCommit(enqueued_);
  return absl::OkStatus();
}

}  // namespace selfology::webhook
