// What transactions about the same request or key lock, so that one sees what the other did. All
// replicas must agree on these numbers. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "common/events/event_type.h"

namespace selfology::queue {

inline int64_t RequestLock(std::string_view key) { return events::HashedKey("queue.request", key); }
inline int64_t UniqueLock(std::string_view queue, std::string_view key) {
  return events::HashedKey("queue.unique", absl::StrCat(queue, "/", key));
}
inline int64_t OrderLock(std::string_view queue, std::string_view key) {
  return events::HashedKey("queue.order", absl::StrCat(queue, "/", key));
}

}  // namespace selfology::queue
