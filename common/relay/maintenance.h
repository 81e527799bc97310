// What a leading relay does beside publishing, on a thread and connections of its own, so that none
// of it delays an event: counts what is pending, trims the streams, makes and drops partitions.
#pragma once

#include <deque>
#include <thread>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/redis/client.h"
#include "common/relay/marker.h"
#include "common/relay/outbox_reader.h"
#include "common/relay/relay.h"
#include "common/relay/shared.h"
#include "common/relay/streams.h"

namespace selfology::relay {

// What the streams held at one time.
struct Held {
  absl::Time at;
  Marker marker;
};

// Up to where each stream may be trimmed: what was there at `held` and every group has passed;
// zero: not at all. A stream that no group reads keeps everything. Pure.
struct TrimPlan {
  std::vector<events::EntryId> bounds;
  bool all_passed = true;  // Every group has passed all that was there.
};
TrimPlan PlanTrim(const Marker& held, absl::Span<const GroupPosition> positions,
                  absl::Span<const std::string> known_groups);

class Maintenance {
 public:
  Maintenance(const Options& options, redis::Client& redis, RelayShared& shared);
  ~Maintenance();  // Stops.

 private:
  void Run();
  absl::Status CountPending();
  absl::Status Trim();
  absl::Status Partitions();
  absl::Status WithOutbox(absl::FunctionRef<absl::Status(OutboxReader&)> work);

  const Options& options_;
  redis::Client& redis_;
  RelayShared& shared_;
  std::unique_ptr<OutboxReader> outbox_;
  std::deque<Held> held_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::atomic<bool> stopped_ = false;
  std::thread thread_;
};

}  // namespace selfology::relay
