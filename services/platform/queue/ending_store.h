// SQL of how jobs end, and of what that lets others do; see migrations/. Functions that return
// nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/postgres/types.h"
#include "services/platform/queue/job_store.h"
#include "services/platform/queue/lease_store.h"

namespace selfology::queue::store {

// A job that has ended.
struct Ended {
  int64_t id = 0;
  std::string queue;
  std::string kind;
  std::optional<std::string> ordering_key;
  std::optional<std::string> reference;
  bool has_dependents = false;
  bool announce = false;
  int64_t user_id = 0;
  int64_t attempt = 0;
  std::optional<absl::Time> started_at;
};

// Completes what these leases hold; results are encoded Structs, or nullopt. What is missing among
// the answers was not held.
absl::StatusOr<std::vector<Ended>> Complete(
    postgres::Transaction& tx, const Leases& leases,
    const std::vector<std::optional<postgres::BytesView>>& results, absl::Time now);
// Those of the leases by which their jobs were completed before.
absl::StatusOr<std::vector<int64_t>> CompletedBy(postgres::Transaction& tx, const Leases& leases);

// Ends unfinished jobs as cancelled; `running`: also those that workers have.
absl::StatusOr<std::vector<Ended>> Cancel(postgres::Transaction& tx,
                                          const std::vector<int64_t>& job_ids, bool running,
                                          std::string_view error, absl::Time now);

// Jobs that wait for these, in the order of their ids; they do so no more.
absl::StatusOr<std::vector<int64_t>> TakeDependents(postgres::Transaction& tx,
                                                    const std::vector<int64_t>& job_ids);
// What these jobs wait for is forgotten.
void DropDependencies(postgres::Transaction& tx, const std::vector<int64_t>& job_ids);
// Locks these jobs, and gives their ordering keys.
absl::StatusOr<std::vector<QueueKey>> LockDependents(postgres::Transaction& tx,
                                                     const std::vector<int64_t>& job_ids);
// Of jobs that are locked, and their keys, too: lets those go on that wait for no other; the queues
// of those that are ready now.
absl::StatusOr<std::vector<std::string>> Unblock(postgres::Transaction& tx,
                                                 const std::vector<int64_t>& job_ids,
                                                 absl::Time now);
// Lets the first job of each of these ordering keys go on. The keys must be locked.
absl::StatusOr<std::vector<std::string>> Advance(postgres::Transaction& tx,
                                                 const std::vector<QueueKey>& keys, absl::Time now);

// A job in a worker's hands, locked.
struct Running {
  int64_t id = 0;
  int64_t fence = 0;
  std::string queue;
  std::string kind;
  int64_t attempt = 0;
  int64_t max_attempts = 0;
  bool cancel_requested = false;
  bool announce = false;
  int64_t user_id = 0;
  std::optional<std::string> reference;
  std::optional<std::string> retry_delays;
};
absl::StatusOr<std::vector<Running>> LockRunning(postgres::Transaction& tx, const Leases& leases);
// At most 500 whose leases have ended; those that are locked are left out.
absl::StatusOr<std::vector<Running>> LockExpired(postgres::Transaction& tx, absl::Time now);

// To be tried again.
struct Retries {
  std::vector<int64_t> ids;
  std::vector<absl::Time> run_ats;
  std::vector<std::string> errors;
  std::vector<int64_t> attempts;  // As they count from now on.
};
void Retry(postgres::Transaction& tx, const Retries& retries, absl::Time now);
void Bury(postgres::Transaction& tx, const std::vector<int64_t>& ids,
          const std::vector<std::string>& errors, absl::Time now);

// Asks whoever has the job to stop; nothing if nobody has it.
void RequestCancel(postgres::Transaction& tx, int64_t job_id);
// Its state now, locked; nullopt: it has ended, or is about another person (user_id 0: anybody).
absl::StatusOr<std::optional<int64_t>> LockJob(postgres::Transaction& tx, int64_t job_id,
                                               int64_t user_id);

// Makes dead letters ready again; the queues of those that are. Payload: an encoded Struct, or
// nullopt to leave it.
absl::StatusOr<std::vector<std::string>> Replay(postgres::Transaction& tx,
                                                const std::vector<int64_t>& job_ids,
                                                std::optional<postgres::BytesView> payload,
                                                absl::Time now);
// The oldest dead letters of a queue; kind empty: of all.
absl::StatusOr<std::vector<int64_t>> OldestDead(postgres::Transaction& tx, std::string_view queue,
                                                std::string_view kind, int64_t limit);

// Unfinished jobs about a person.
absl::StatusOr<std::vector<int64_t>> UnfinishedOf(postgres::Transaction& tx, int64_t user_id);
// All that is finished, and the schedules; the number of rows.
absl::StatusOr<int64_t> DeleteFinishedOf(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::queue::store
