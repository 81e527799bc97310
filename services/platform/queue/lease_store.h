// SQL of leases: what workers take, extend and complete; see migrations/. Functions that return
// nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/postgres/types.h"
#include "selfology/queue/v1/worker_service.pb.h"
#include "services/platform/queue/queue_limits.h"
#include "services/platform/queue/ready_signal.h"

namespace selfology::queue::store {

struct Wanted {
  std::string queue;
  std::vector<std::string> kinds = {};  // Empty: all.
  std::string worker = {};
  int64_t max_jobs = 1;
  absl::Duration lease_time = absl::Seconds(30);
};

// What a queue allows.
struct Gate {
  bool paused = false;
  bool keyed = false;
  Limits limits = {};
  RateState rate = {};
};

// Makes at most 1,000 jobs ready whose time has come.
void ReadyDue(postgres::Transaction& tx, std::string_view queue, absl::Time now);

// Leases jobs without concurrency keys, unless the queue is paused or limited, and tells what the
// queue allows; nullopt: there is no such queue.
struct Leased {
  std::vector<v1::LeasedJob> jobs;  // Those to begin with first.
  std::optional<Gate> gate;
};
absl::StatusOr<Leased> LeaseFreely(postgres::Transaction& tx, const Wanted& wanted, absl::Time now);

// For queues with limits or concurrency keys. Whoever has locked the gate is the only one to lease
// by limits there, until the transaction's end.
absl::StatusOr<Gate> LockGate(postgres::Transaction& tx, std::string_view queue);
void SaveRate(postgres::Transaction& tx, std::string_view queue, const RateState& rate);
absl::StatusOr<int64_t> CountRunning(postgres::Transaction& tx, std::string_view queue);
// By concurrency key.
absl::StatusOr<std::map<std::string, int64_t>> CountRunningByKey(postgres::Transaction& tx,
                                                                 std::string_view queue);
// Ready jobs in their order, but those of these keys.
absl::StatusOr<std::vector<Candidate>> ListCandidates(postgres::Transaction& tx,
                                                      const Wanted& wanted,
                                                      const std::vector<std::string>& full_keys,
                                                      int64_t limit);
absl::StatusOr<std::vector<v1::LeasedJob>> LeaseChosen(postgres::Transaction& tx,
                                                       const Wanted& wanted,
                                                       const std::vector<int64_t>& job_ids,
                                                       absl::Time now);

// Job ids and fencing tokens.
struct Leases {
  std::vector<int64_t> ids;
  std::vector<int64_t> fences;
};
// Those that are still held, and whether somebody asked to cancel the job.
absl::StatusOr<std::vector<std::pair<int64_t, bool>>> Extend(postgres::Transaction& tx,
                                                             const Leases& leases,
                                                             absl::Duration lease_time,
                                                             absl::Time now);
struct Progress {
  absl::Time lease_until;
  bool cancel_requested = false;
};
// nullopt: the lease is lost.
absl::StatusOr<std::optional<Progress>> SaveProgress(postgres::Transaction& tx,
                                                     const v1::ReportProgressRequest& request,
                                                     absl::Time now);

// Notes that a worker asked for these kinds.
void SeeWorker(postgres::Transaction& tx, const Wanted& wanted, absl::Time now);

absl::StatusOr<ReadySignal::Found> FindReady(postgres::Transaction& tx,
                                             const std::vector<std::string>& queues,
                                             absl::Time now);

}  // namespace selfology::queue::store
