// Values in memory by id and version, the least recently used of which are dropped.
//
//   RecentlyUsed<Features> cache(50'000);
//   cache.Keep(post_id, revision, features);
//   cache.Find(post_id, revision)             // nullptr: not known, or of another version
//
// Threads: may be used from any.
#pragma once

#include <cstddef>
#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/synchronization/mutex.h"

namespace selfology::feed {

template <typename Value>
class RecentlyUsed {
 public:
  using Shared = std::shared_ptr<const Value>;

  explicit RecentlyUsed(size_t capacity) : capacity_(capacity) {}

  Shared Find(int64_t id, int64_t version) ABSL_LOCKS_EXCLUDED(mutex_) {
    const absl::MutexLock lock(&mutex_);
    const auto found = by_id_.find(id);
    if (found == by_id_.end() || found->second->version != version) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->value;
  }

  void Keep(int64_t id, int64_t version, Shared value) ABSL_LOCKS_EXCLUDED(mutex_) {
    const absl::MutexLock lock(&mutex_);
    if (const auto found = by_id_.find(id); found != by_id_.end()) {
      entries_.erase(found->second);
      by_id_.erase(found);
    }
    entries_.push_front({id, version, std::move(value)});
    by_id_[id] = entries_.begin();
    if (entries_.size() > capacity_) {
      by_id_.erase(entries_.back().id);
      entries_.pop_back();
    }
  }

 private:
  struct Entry {
    int64_t id;
    int64_t version;
    Shared value;
  };

  const size_t capacity_;
  absl::Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // The last used first.
  std::unordered_map<int64_t, typename std::list<Entry>::iterator> by_id_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::feed
