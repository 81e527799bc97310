// The relay's side of Redis: appending to the partition streams and knowing what they hold.
//
//   Streams streams(redis, 16);
//   ASSIGN_OR_RETURN(Holding holding, streams.Look(call));        // also guards the next Append
//   ASSIGN_OR_RETURN(Appended appended,
//                    streams.Append(call, entries, *holding.marker, next_marker));
//
// An append is one MULTI/EXEC: entries and marker go in together or not at all, and not if anything
// has touched the marker (another relay, FLUSHALL) since this relay last saw it (WATCH). Redis must
// be one primary, not a cluster, whose transactions cannot span streams. Threads: one at a time,
// except Interrupt.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/redis/client.h"
#include "common/relay/marker.h"

namespace selfology::relay {

// What Redis holds.
struct Holding {
  std::optional<Marker> marker;         // Absent: never written, lost or unreadable.
  std::vector<events::EntryId> newest;  // Each stream's last-generated-id; zero: no such stream.
};

struct Entry {
  int partition = 0;
  events::EntryId id;
  const events::Envelope* event = nullptr;
};

enum class Appended {
  kAll,
  // The marker was touched: nothing was appended. Look again.
  kNothing,
  // A stream refused an id as not higher than its last, or was gone: what Redis holds is not what
  // the relay believed. Others of the entries may be in. Look again.
  kSurprised,
};

class Streams {
 public:
  Streams(redis::Client& redis, int partitions);

  absl::StatusOr<Holding> Look(const Call& call);

  // After a Look or an Append that succeeded. `before`: the marker as it is; `next`: as it is to
  // be. After an error it is unknown whether all or nothing was appended: Look again.
  absl::StatusOr<Appended> Append(const Call& call, absl::Span<const Entry> entries,
                                  const Marker& before, const Marker& next);

  // The same without entries: writes all of the marker.
  absl::StatusOr<Appended> Claim(const Call& call, const Marker& marker);

  // Whether Redis answers at all. Look again before the next Append.
  bool Reachable(const Call& call);

  // Ends what waits now.
  void Interrupt() { connection_->Interrupt(); }

 private:
  absl::StatusOr<Appended> Run(const Call& call, absl::Span<const Entry> entries,
                               absl::Span<const int> marked, const Marker& before,
                               const Marker& next);

  const int partitions_;
  std::vector<std::string> names_;
  std::unique_ptr<redis::Connection> connection_;  // Its WATCH is the guard.
  bool guarded_ = false;
  redis::Batch batch_;
};

// Each stream's last-generated-id; zero: no such stream.
absl::StatusOr<std::vector<events::EntryId>> NewestIds(const Call& call, redis::Client& redis,
                                                       int partitions);

// How far a consumer group has come in one stream.
struct GroupPosition {
  std::string group;
  int partition = 0;
  events::EntryId delivered;
  std::optional<int64_t> lag;  // Entries; absent when Redis does not know.
};
absl::StatusOr<std::vector<GroupPosition>> GroupPositions(const Call& call, redis::Client& redis,
                                                          int partitions);

}  // namespace selfology::relay
