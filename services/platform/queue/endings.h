// How jobs end, and what follows: the next of their ordering keys and those that waited for them go
// on, what was announced is published, workers are woken after the commit.
//
//   ASSIGN_OR_RETURN(const std::vector<int64_t> lost, CompleteJobs(tx, completions, now, signal));
//
// Each function is for one transaction, the caller's. Errors: the transaction's.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/postgres/transaction.h"
#include "selfology/queue/v1/worker_service.pb.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

void NotifyAfterCommit(postgres::Transaction& tx, std::vector<std::string> queues,
                       ReadySignal& signal);

// Gives the jobs whose leases were lost.
absl::StatusOr<std::vector<int64_t>> CompleteJobs(
    postgres::Transaction& tx,
    const google::protobuf::RepeatedPtrField<v1::Completion>& completions, absl::Time now,
    ReadySignal& signal);

struct FailedJobs {
  std::vector<int64_t> lost;
  std::vector<int64_t> dead;
};
absl::StatusOr<FailedJobs> FailJobs(postgres::Transaction& tx,
                                    const google::protobuf::RepeatedPtrField<v1::Failure>& failures,
                                    absl::Time now, absl::BitGenRef random, ReadySignal& signal);

// Attempts whose leases have ended have failed. How many there were.
absl::StatusOr<int64_t> FailExpired(postgres::Transaction& tx, absl::Time now,
                                    absl::BitGenRef random, ReadySignal& signal);

// Cancels these jobs and all that were to follow them, but those that workers have.
absl::Status CancelWaiting(postgres::Transaction& tx, std::vector<int64_t> job_ids, absl::Time now,
                           ReadySignal& signal);

// Erases a person's jobs and schedules; the number of rows. Jobs of others that were to follow
// theirs are cancelled.
absl::StatusOr<int64_t> EraseUser(postgres::Transaction& tx, int64_t user_id, absl::Time now,
                                  ReadySignal& signal);

}  // namespace selfology::queue
