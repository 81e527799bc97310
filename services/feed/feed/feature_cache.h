// Features of posts in memory, so that ranking a thousand posts reads a few numbers of each from the
// database and not their features.
//
//   ASSIGN_OR_RETURN(std::vector<Candidate> candidates, cache.Fill(tx, rows));
//
// A post's features are known by its revision, which the rows tell: what is given is always what the
// transaction sees. Errors: the transaction's. Threads: may be used from any.
#pragma once

#include <cstdint>
#include <list>
#include <memory>
#include <unordered_map>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/postgres/transaction.h"
#include "services/feed/feed/model/ranking.h"
#include "services/feed/feed/store/post_store.h"

namespace selfology::feed {

class FeatureCache {
 public:
  // At most so many posts; about half a kilobyte each. The least recently used are dropped.
  explicit FeatureCache(size_t capacity) : capacity_(capacity) {}

  // In the order of the rows; posts that are gone meanwhile are left out.
  absl::StatusOr<std::vector<Candidate>> Fill(postgres::Transaction& tx,
                                              const std::vector<store::CandidateRow>& rows);

 private:
  using Shared = std::shared_ptr<const Features>;
  struct Entry {
    int64_t post_id;
    int64_t revision;
    Shared features;
  };

  Shared Find(int64_t post_id, int64_t revision) ABSL_LOCKS_EXCLUDED(mutex_);
  void Keep(Entry entry) ABSL_LOCKS_EXCLUDED(mutex_);

  const size_t capacity_;
  absl::Mutex mutex_;
  std::list<Entry> entries_ ABSL_GUARDED_BY(mutex_);  // The last used first.
  std::unordered_map<int64_t, std::list<Entry>::iterator> by_id_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::feed
