// The live rules, as this process knows them: read when they change, not for each event.
//
//   live->Forget();                                       // When told of a change.
//   ASSIGN_OR_RETURN(const auto rules, live->Get(tx));
//
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/postgres/transaction.h"
#include "selfology/gamification/v1/rule.pb.h"

namespace selfology::gamification {

class LiveRules {
 public:
  using Rules = std::shared_ptr<const std::vector<v1::Rule>>;

  // Forgets them; the next Get reads them again.
  void Forget();
  // Reads them in the transaction where they are not known.
  absl::StatusOr<Rules> Get(postgres::Transaction& tx);

 private:
  absl::Mutex mutex_;
  Rules rules_ ABSL_GUARDED_BY(mutex_);
  int64_t forgotten_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::gamification
