// Where a profile changes, by an event or by a request: one way, with the events that tell of it;
// and the watchers of this process, woken by it.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/profile/v1/profile.pb.h"

namespace selfology::profile {

struct Cause {
  std::string trigger;    // In short words; may be empty.
  int64_t answer_id = 0;  // 0: none.
};

struct Changed {
  v1::Profile profile;
  std::vector<std::string> fields;  // Empty: nothing changed, nothing was published.
};

// Saves what `change` makes of the person's profile (an empty one when there is none) and publishes
// profile.created or profile.updated. The user must be locked (store::LockUser).
absl::StatusOr<Changed> ChangeProfile(
    postgres::Transaction& tx, int64_t user_id, absl::Time now, const Cause& cause,
    const std::function<absl::StatusOr<v1::Profile>(const v1::Profile& before, bool exists)>&
        change);

// Wakes those who watch a profile as soon as this process has changed it; other processes' changes
// are seen at the next look. Thread-safe.
class Watchers {
 public:
  void Wake(int64_t user_id);
  // Waits until the user is woken, or for `most`.
  void Await(int64_t user_id, absl::Duration most);

 private:
  struct Waiting {
    int watchers = 0;
    int64_t wakes = 0;
  };
  absl::Mutex mutex_;
  absl::flat_hash_map<int64_t, Waiting> waiting_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::profile
