// What the parts of one relay share. Not for others.
#pragma once

#include <atomic>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/metrics.h"
#include "common/relay/marker.h"
#include "common/relay/relay.h"
#include "common/relay/wakeup.h"

namespace selfology::relay {

struct ReplayJob {
  ReplayFilter filter;
  absl::Mutex mutex;
  std::optional<absl::StatusOr<int64_t>> result ABSL_GUARDED_BY(mutex);

  void Finish(absl::StatusOr<int64_t> outcome) {
    absl::MutexLock lock(&mutex);
    result = std::move(outcome);
  }
};

struct RelayShared {
  explicit RelayShared(observe::Metrics& metrics);

  // Work that nobody waits for: ends by itself, or when the relay stops.
  Call CallFor(absl::Duration timeout) const {
    return Call(absl::Now() + timeout, {}, [this] { return stopping.load(); });
  }
  void Failed(std::string_view part, const absl::Status& status);
  void SetMode(Mode mode);

  std::atomic<bool> stopping = false;
  Wakeup wake;  // Of the leading thread: stop, a replay, a source that was opened.

  const observe::Counter published;
  const observe::Counter republished;
  const observe::Counter failed;
  const observe::Gauge pending;
  const observe::Gauge retained_wal;
  const observe::Histogram lag;
  observe::Metrics& metrics;

  absl::Mutex mutex;
  RelayStatus status ABSL_GUARDED_BY(mutex);
  bool leads ABSL_GUARDED_BY(mutex) = false;
  Marker marker ABSL_GUARDED_BY(mutex);  // The leader's, as it is in Redis.
  // Events that are in the streams although marker.published does not see them yet.
  int64_t sent_unseen ABSL_GUARDED_BY(mutex) = 0;
  std::deque<std::shared_ptr<ReplayJob>> replays ABSL_GUARDED_BY(mutex);
};

}  // namespace selfology::relay
