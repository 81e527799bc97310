// So many requests a minute, per key, counted by this process alone: for limits that only keep one
// caller from crowding out the others, and must cost no round trip.
//
// Counts this minute and the one before; what counts at a time is this minute's and, of the one
// before, the part that is less than a minute ago (as if it had been spread evenly). Beyond kMaxKeys
// keys in two minutes it counts no new ones.
// Time is passed in. Thread-safe.
#pragma once

#include <string>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"

namespace selfology::api_gateway {

class LocalWindow {
 public:
  static constexpr size_t kMaxKeys = 100'000;

  explicit LocalWindow(int limit) : limit_(limit) {}

  struct Decision {
    bool allowed = true;
    int remaining = 0;
    absl::Duration retry_after = absl::ZeroDuration();  // When refused.
  };
  // times: so many times the limit, 1 or more.
  Decision Allow(std::string_view key, absl::Time now, int times = 1);

 private:
  using Counts = absl::flat_hash_map<std::string, int>;

  const int limit_;
  absl::Mutex mutex_;
  int64_t minute_ ABSL_GUARDED_BY(mutex_) = 0;  // Since 1970, of `now_`.
  Counts now_ ABSL_GUARDED_BY(mutex_);
  Counts before_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::api_gateway
