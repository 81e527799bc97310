// Publishing: an event is a row of selfology.outbox, written in the transaction of the change it
// tells of.
//
//   database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
//     RETURN_IF_ERROR(store::SaveAnswer(tx, answer));
//     return events::Publish(tx, AnswerSubmitted(answer));
//   });
//
// The row rides with the COMMIT (no round trip of its own); committed, the event will take effect
// once in every consumer group, in its key's order; rolled back, it never was. Events of one key
// (the user, unless the event's option names another) are ordered by commit, those of one
// transaction by the order of the calls: writers of one key's events take a lock of that key first
// when their order matters.
//
// Errors: INVALID_EVENT_PAYLOAD for an event without an ordering key or over kMaxPayloadBytes; the
// transaction's own otherwise.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "common/events/event_type.h"
#include "common/postgres/transaction.h"

namespace selfology::events {

// R000-32 asks for payloads under 10 kB; a 4,000-character answer in four-byte characters, with
// the question beside it, still has to fit.
inline constexpr size_t kMaxPayloadBytes = size_t{64} * 1024;

absl::Status PublishEncoded(postgres::Transaction& tx, std::string_view type, EventKey key,
                            std::string payload);

template <typename Event>
absl::Status Publish(postgres::Transaction& tx, const Event& event) {
  return PublishEncoded(tx, TypeOf<Event>(), KeyOf(event), event.SerializeAsString());
}

}  // namespace selfology::events
