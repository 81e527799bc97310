// What the gateway does when it hears of something: it asks the dialogs that render such events,
// and leaves what they say in the table of outgoing messages, together with the mark "handled".
//
//   mesh.On(events, &GatewayEvents::Send);
//   mesh.OnTypes([dialogs] { return dialogs->event_types(); },
//                [events](std::string_view type, const std::string& payload, events::Handling& h) {
//                  return events->Render(type, payload, h);
//                });
//
// Telegram is not asked here, so no event waits for it, or ends as a dead letter because it is
// away. Dialogs are asked before the transaction is opened: it waits for nobody.
// Errors: the transaction's and the dialogs'. A dialog that is away is no fault of the event's: the
// kernel tries again until it is back, in the person's order. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "selfology/events/v1/gateway.pb.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/delivery/typing.h"
#include "services/edge/telegram_gateway/routing/dialogs.h"

namespace selfology::telegram_gateway {

class GatewayEvents {
 public:
  using Clock = std::function<absl::Time()>;

  // The references outlive it.
  GatewayEvents(Dialogs& dialogs, postgres::Database& database, Delivery& delivery, Typing& typing,
                Clock clock)
      : dialogs_(dialogs),
        database_(database),
        delivery_(delivery),
        typing_(typing),
        clock_(std::move(clock)) {}

  // Any type that a dialog describes.
  absl::Status Render(std::string_view type, const std::string& payload,
                      events::Handling& handling);
  absl::Status Send(const events::v1::MessageSendRequested& event, events::Handling& handling);
  // Passed on to the dialog that the person talks with.
  absl::Status ChangeState(const events::v1::StateChangeRequested& event,
                           events::Handling& handling);

 private:
  Dialogs& dialogs_;
  postgres::Database& database_;
  Delivery& delivery_;
  Typing& typing_;
  const Clock clock_;
};

}  // namespace selfology::telegram_gateway
