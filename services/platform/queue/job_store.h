// SQL of jobs as those see them who enqueue them; see migrations/. Functions that return nothing
// are queued: they cost no round trip of their own. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/postgres/transaction.h"
#include "selfology/queue/v1/job.pb.h"

namespace selfology::queue::store {

// A queue and one of its keys.
struct QueueKey {
  std::string queue;
  std::string key;
  friend auto operator<=>(const QueueKey&, const QueueKey&) = default;
};

// Makes transactions about these keys run one after the other; `locks` are ascending hashes.
void LockKeys(postgres::Transaction& tx, absl::Span<const int64_t> locks);

// What has to be known before jobs can be inserted. Reading it also makes the unfinished
// predecessors wait with their end until this transaction has ended, and takes `locks` after that.
struct Before {
  // The jobs that the request with this key has made; empty: it is new.
  std::vector<int64_t> remembered;
  std::vector<int64_t> unfinished;  // Of the predecessors.
  std::vector<int64_t> completed;
  std::vector<int64_t> cancelled;
  std::vector<std::pair<QueueKey, int64_t>> unique;  // Unfinished jobs of the unique keys.
  std::vector<QueueKey> busy;                        // Ordering keys with unfinished jobs.
  std::vector<int64_t> ids;                          // For the new jobs, ascending.
};
struct Asking {
  std::string request_key;  // Empty: none.
  int64_t request_lock = 0;
  std::vector<int64_t> predecessors;
  std::vector<int64_t> locks;
  std::vector<QueueKey> unique;
  std::vector<QueueKey> ordering;
  int64_t jobs = 0;
};
absl::StatusOr<Before> ReadBefore(postgres::Transaction& tx, const Asking& asking);

struct NewRow {
  int64_t id = 0;
  const v1::NewJob* job = nullptr;  // Completed (job_rules.h).
  v1::JobStatus status = v1::JOB_STATUS_READY;
  absl::Time run_at = {};
  bool has_dependents = false;
};
void InsertJobs(postgres::Transaction& tx, absl::Span<const NewRow> rows, std::string_view schedule,
                absl::Time now);
struct Dependency {
  int64_t job_id = 0;
  int64_t after_job_id = 0;
};
void InsertDependencies(postgres::Transaction& tx, absl::Span<const Dependency> dependencies);
// Makes queues that are new. `keyed`: those of them that have jobs with concurrency keys.
void InsertQueues(postgres::Transaction& tx, const std::vector<std::string>& queues,
                  const std::vector<std::string>& keyed);
// Makes these jobs wait with their end, too. ABORTED when one of them has ended already.
absl::Status MarkFollowed(postgres::Transaction& tx, const std::vector<int64_t>& job_ids);
void Remember(postgres::Transaction& tx, std::string_view request_key,
              const std::vector<int64_t>& job_ids, absl::Time now);

// user_id 0: whoever it is about.
absl::StatusOr<std::optional<v1::Job>> ReadJob(postgres::Transaction& tx, int64_t job_id,
                                               int64_t user_id = 0);

// Newest first, of lower ids than before_id. status 0: all.
struct Filter {
  int64_t user_id = 0;     // 0: of anybody.
  std::string queue = {};  // Empty: of all.
  std::string kind = {};   // Empty: all.
  int64_t status = 0;
};
absl::StatusOr<std::vector<v1::Job>> ListJobs(postgres::Transaction& tx, const Filter& filter,
                                              int64_t before_id, int64_t limit);

// Forgets finished jobs and requests that are older, at most `limit` of each; the higher number of
// the two.
absl::StatusOr<int64_t> ForgetFinished(postgres::Transaction& tx, absl::Time before, int64_t limit);
// Workers that have not asked since.
absl::StatusOr<int64_t> ForgetWorkers(postgres::Transaction& tx, absl::Time before);

}  // namespace selfology::queue::store
