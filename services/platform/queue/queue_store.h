// SQL of queues and workers for those who look after them; see migrations/. Functions that return
// nothing are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/queue/v1/queue_admin_service.pb.h"

namespace selfology::queue::store {

// By name, behind `after`.
absl::StatusOr<std::vector<v1::QueueState>> ListQueues(postgres::Transaction& tx,
                                                       std::string_view after, int64_t limit);
void SaveLimits(postgres::Transaction& tx, std::string_view queue, const v1::QueueLimits& limits);
void SetPaused(postgres::Transaction& tx, std::string_view queue, bool paused);

// A worker's question.
struct WorkerSeen {
  std::string queue;
  std::vector<std::string> kinds;  // Empty: all.
  absl::Time asked_at;
  bool Works(std::string_view its_queue, std::string_view kind) const;
};
absl::StatusOr<std::vector<WorkerSeen>> ListWorkers(postgres::Transaction& tx);

// Makes jobs ready whose time has come, at most 1,000 of each queue; the queues that have some.
absl::StatusOr<std::vector<std::string>> ReadyAllDue(postgres::Transaction& tx, absl::Time now);

// How many jobs are ready, counted to one more than the alert's threshold.
struct Backlog {
  std::string queue;
  int64_t threshold = 0;
  int64_t ready = 0;
  bool alerted = false;
};
// Locks the queues against another look at the same time.
absl::StatusOr<std::vector<Backlog>> LookAtBacklogs(postgres::Transaction& tx);
// Since when the backlog is too large; nullopt: it is not any more. Gives since when the oldest
// ready job waits.
absl::StatusOr<std::optional<absl::Time>> NoteBacklog(postgres::Transaction& tx,
                                                      std::string_view queue,
                                                      std::optional<absl::Time> since);

// Unfinished jobs by queue and state.
struct Count {
  std::string queue;
  int64_t state = 0;
  int64_t jobs = 0;
};
absl::StatusOr<std::vector<Count>> CountJobs(postgres::Transaction& tx);

}  // namespace selfology::queue::store
