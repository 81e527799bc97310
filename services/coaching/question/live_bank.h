// The bank as it is now, for whoever chooses from it or shows it. Kept in Redis for a day (spec
// 001: "Question metadata (TTL: 24 hours)"), so that a choice costs no look at the table; forgotten
// with every change.
//
//   ASSIGN_OR_RETURN(const Bank bank, live_bank.Read(call));
//
// This process's own copy is up to a second old, and never older than its last Forget.
//
// Errors: the database's. Without Redis every read goes to the table. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "common/resilience/cache.h"
#include "selfology/question/v1/question_service.pb.h"
#include "services/coaching/question/bank.h"

namespace selfology::question {

class LiveBank {
 public:
  // All must outlive it.
  LiveBank(postgres::Database& database, redis::Client& redis, observe::Metrics& metrics);

  absl::StatusOr<Bank> Read(const Call& call);

  // After a change has committed. On failure the old bank may be seen for up to a day: repeat the
  // change.
  absl::Status Forget(const Call& call);

 private:
  postgres::Database& database_;
  resilience::Cache<v1::ListQuestionsResponse> cache_;

  absl::Mutex mutex_;
  std::optional<Bank> copy_ ABSL_GUARDED_BY(mutex_);
  absl::Time copied_at_ ABSL_GUARDED_BY(mutex_);
  int64_t changes_ ABSL_GUARDED_BY(mutex_) = 0;
};

}  // namespace selfology::question
