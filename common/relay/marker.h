// What the streams hold, as the relay writes it into Redis: a hash that changes in the same
// MULTI/EXEC as the entries it speaks of, so that it is true whatever crashes, and goes back in
// time when they do.
//
//   redis-cli HGETALL selfology:relay
//
// Threads: values and pure functions.
#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/events/envelope.h"
#include "common/relay/snapshot.h"

namespace selfology::relay {

inline constexpr std::string_view kMarkerKey = "selfology:relay";

struct Marker {
  // Which history of which database this is about: system identifier, timeline, database,
  // partitions. WAL positions and transaction ids of another one mean nothing here.
  std::string lineage;
  // Whose it is: relay_progress.term when the relay that wrote it took up the streams.
  int64_t term = 0;
  // In the streams are all events up to this place in the WAL: {p, 0} all of the transactions whose
  // commit record ends at p or before; {p, n} also the first n of the one whose commit begins at p
  // ...
  events::EntryId source;
  // ... and all events that this snapshot sees.
  Snapshot published;
  // The highest id given to an entry.
  events::EntryId last;
  // The highest in each stream; zero: none was written there yet.
  std::vector<events::EntryId> streams;

  friend bool operator==(const Marker&, const Marker&) = default;
};

// Field names and values, as HSET takes them. Of the streams only those named in `streams`.
std::vector<std::pair<std::string, std::string>> EncodeMarker(const Marker& marker,
                                                              absl::Span<const int> streams);

// `fields`: alternating names and values. DATA_LOSS when they make no marker.
absl::StatusOr<Marker> DecodeMarker(absl::Span<const std::string> fields, int partitions);

}  // namespace selfology::relay
