// Looks on as events reach the streams. Reads for itself, so it slows nobody.
//
//   RETURN_IF_ERROR(Watch(call, redis, 16, {.user_id = 7},
//                         [&](const Watched& one) { return writer.Write(...); }));
//
// Returns when the call ends (CANCELLED, DEADLINE_EXCEEDED), when the callback has had enough (OK),
// with RESOURCE_EXHAUSTED when entries were trimmed that it had not come to, or with UNAVAILABLE
// when the streams cannot be read. Threads: any; each call reads on a connection of its own.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/events/envelope.h"
#include "common/redis/client.h"

namespace selfology::outbox_relay {

// Empty fields fit all.
struct WatchFilter {
  int64_t user_id = 0;
  std::vector<std::string> types = {};
  std::string trace_id = {};
  // Also what the streams still hold that occurred at this time or later.
  std::optional<absl::Time> start = std::nullopt;

  bool Fits(const events::Envelope& event) const;
};

struct Watched {
  events::Envelope event;
  std::string stream;
  events::EntryId id;
};

absl::Status Watch(const Call& call, redis::Client& redis, int partitions,
                   const WatchFilter& filter, const std::function<bool(const Watched&)>& seen);

}  // namespace selfology::outbox_relay
