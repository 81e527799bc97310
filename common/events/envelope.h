// An event on its way: from the outbox row through the stream entry to the handler.
//
// The payload is an encoded message of selfology.events.v1; everything else is what routing,
// ordering and tracing need without decoding it. In a stream the envelope is a few flat fields, so
// that `redis-cli XREAD` tells type, id and key:
//
//   id 0199... type session.created key 123456 time 1759312800000000 trace 00-... trace_id ...
//   producer session payload <bytes>
//
// and `subject`, the person, where the key is not the person.
//
// Errors: DecodeEntry gives INVALID_ARGUMENT with reason INVALID_EVENT_PAYLOAD, naming the field.
// Threads: values and pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/uuid/uuid.h"

namespace selfology::events {

struct Envelope {
  uuid::Uuid id;              // UUIDv7; what the inbox knows an event by.
  std::string type;           // "session.created"
  int64_t partition_key = 0;  // Events of one key are handled in order: see event_type.h.
  absl::Time occurred_at;     // Microsecond precision.
  std::string traceparent;    // W3C; may be empty.
  std::string trace_id;       // The W3C trace id unless the producer named another.
  std::string producer;       // The service that published it.
  std::string payload;        // Encoded protobuf.
  int64_t subject = 0;        // The person it is about, if the key is another; else 0.

  // Whom it is about. Negative: nobody.
  int64_t person() const { return subject != 0 ? subject : partition_key; }
};

// Field name and value pairs, as XADD takes them.
std::vector<std::pair<std::string_view, std::string>> EncodeEntry(const Envelope& envelope);

// `fields`: alternating names and values as XREAD gives them. Unknown fields are ignored.
absl::StatusOr<Envelope> DecodeEntry(absl::Span<const std::string> fields);

// Which of `partitions` streams carries a key's events: [0, partitions). The hash is part of the
// wire contract (SplitMix64's finaliser): changing it would break the order of events under way.
int PartitionOf(int64_t partition_key, int partitions);

// "selfology:events" with one partition, else "selfology:events:{p}"; the braces are Redis
// Cluster's hash tag.
std::string StreamName(int partition, int partitions);

// A stream entry's id, "<position>-<n>", ordered as Redis orders it.
struct EntryId {
  uint64_t position = 0;
  uint64_t n = 0;

  static absl::StatusOr<EntryId> Parse(std::string_view text);
  std::string ToString() const;
  friend auto operator<=>(const EntryId&, const EntryId&) = default;
};

}  // namespace selfology::events
