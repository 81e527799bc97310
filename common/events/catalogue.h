// The event types that this process knows, read from the descriptors linked into it; and events as
// JSON, for people and tools.
//
// A room links the events it publishes and handles. What shows or reads any event, such as the
// relay, depends on //proto/selfology/events/v1 and so knows them all.
//
//   for (const auto& [type, descriptor] : events::Catalogue()) ...
//   ASSIGN_OR_RETURN(std::string text, events::PayloadToJson("session.created", payload));
//   ASSIGN_OR_RETURN(events::Envelope event,
//                    events::FromJson(R"({"event_type":..., "payload":{...}, "trace_id":...})"));
//
// Errors: INVALID_EVENT_PAYLOAD for unknown types and payloads that do not fit theirs.
// Threads: pure functions.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "common/events/envelope.h"
#include "google/protobuf/descriptor.h"
#include "google/protobuf/message.h"

namespace selfology::events {

// By type, for example "session.created".
const std::map<std::string, const google::protobuf::Descriptor*, std::less<>>& Catalogue();

// A message of that type, empty.
absl::StatusOr<std::unique_ptr<google::protobuf::Message>> NewEvent(std::string_view type);

absl::StatusOr<std::string> PayloadToJson(std::string_view type, const std::string& payload);
absl::StatusOr<std::string> PayloadFromJson(std::string_view type, std::string_view json);

// An event in the form of the product's documents: {"event_type", "payload", "trace_id"}. The
// payload's `timestamp`, where the type has no such field, is when it occurred. The id stays nil
// and the producer empty.
absl::StatusOr<Envelope> FromJson(std::string_view text);

}  // namespace selfology::events
