// The kinds of webhooks and the events of the mesh that they are, as the contracts say
// (events/v1/webhook_names.proto).
//
//   EventTypeOf("payment_failed");                 // "payment.failed"
//   NameOf("user.registered", "{...}");            // "user_registration"
//
// Read from the descriptors; nothing lists them a second time. Threads: thread-safe.
#pragma once

#include <string>
#include <string_view>

namespace selfology::webhook {

// Empty: no event has that name.
std::string_view EventTypeOf(std::string_view name);

// The event's type for a name of one; any other word as it is.
std::string TypeMeant(std::string_view word);

// What an event is called outside; payload: its JSON. Empty: it has no name.
std::string NameOf(std::string_view type, std::string_view payload);

}  // namespace selfology::webhook
