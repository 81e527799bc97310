// Enqueuing: all of a request's jobs, or none, in the caller's transaction.
//
//   ASSIGN_OR_RETURN(const Enqueued enqueued,
//                    Enqueue(tx, jobs, {.request_key = key, .now = clock()}, signal));
//
// Jobs are completed and checked before (job_rules.h). Where one of a unique key is there already,
// its id stands for the new one. Workers that wait are woken after the commit.
//
// Errors: JOB_NOT_FOUND for a predecessor that is not known; the transaction's.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/postgres/transaction.h"
#include "selfology/queue/v1/job.pb.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue {

struct Enqueued {
  std::vector<int64_t> job_ids;  // In the order of the jobs.
  std::vector<bool> made;        // Which of them are new.
  bool is_new = true;            // False: the request was known.
};

struct EnqueueOptions {
  std::string request_key = {};  // Empty: the caller knows that it is new.
  std::string schedule = {};     // Which made them; empty: none.
  absl::Time now;
};

absl::StatusOr<Enqueued> Enqueue(postgres::Transaction& tx, absl::Span<const v1::NewJob> jobs,
                                 const EnqueueOptions& options, ReadySignal& signal);

}  // namespace selfology::queue
