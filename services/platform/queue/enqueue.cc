#include "services/platform/queue/enqueue.h"

#include <algorithm>
#include <map>
#include <optional>
#include <set>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/queue/endings.h"
#include "services/platform/queue/job_rules.h"
#include "services/platform/queue/job_store.h"
#include "services/platform/queue/keys.h"

namespace selfology::queue {
namespace {

using postgres::Transaction;
using store::QueueKey;

store::Asking AskingFor(absl::Span<const v1::NewJob> jobs, const EnqueueOptions& options) {
  store::Asking asking;
  asking.request_key = options.request_key;
  asking.request_lock = RequestLock(options.request_key);
  asking.jobs = static_cast<int64_t>(jobs.size());
  std::set<int64_t> predecessors;
  std::set<int64_t> locks;
  std::set<QueueKey> unique;
  std::set<QueueKey> ordering;
  for (const v1::NewJob& job : jobs) {
    predecessors.insert(job.after_job_ids().begin(), job.after_job_ids().end());
    if (!job.unique_key().empty()) {
      locks.insert(UniqueLock(job.queue(), job.unique_key()));
      unique.insert({job.queue(), job.unique_key()});
    }
    if (!job.ordering_key().empty()) {
      locks.insert(OrderLock(job.queue(), job.ordering_key()));
      ordering.insert({job.queue(), job.ordering_key()});
    }
  }
  asking.predecessors.assign(predecessors.begin(), predecessors.end());
  asking.locks.assign(locks.begin(), locks.end());
  asking.unique.assign(unique.begin(), unique.end());
  asking.ordering.assign(ordering.begin(), ordering.end());
  return asking;
}

// Works out what is to be inserted, from what is there.
class Plan {
 public:
  Plan(absl::Span<const v1::NewJob> jobs, const store::Before& before, absl::Time now)
      : jobs_(jobs),
        now_(now),
        ids_(before.ids),
        unfinished_(before.unfinished.begin(), before.unfinished.end()),
        completed_(before.completed.begin(), before.completed.end()),
        cancelled_(before.cancelled.begin(), before.cancelled.end()),
        unique_(before.unique.begin(), before.unique.end()),
        busy_(before.busy.begin(), before.busy.end()) {}

  absl::Status Make() {
    for (size_t i = 0; i < jobs_.size(); ++i) RETURN_IF_ERROR(Add(jobs_[i], ids_[i]));
    for (store::NewRow& row : rows) row.has_dependents = followed_.contains(row.id);
    return absl::OkStatus();
  }

  std::vector<store::NewRow> rows;
  std::vector<store::Dependency> dependencies;
  std::vector<int64_t> doomed;  // They follow what was cancelled.
  std::set<std::string> queues, keyed, ready;
  Enqueued enqueued;

 private:
  absl::Status Add(const v1::NewJob& job, int64_t id) {
    if (!job.unique_key().empty()) {
      const auto [there, is_new] = unique_.emplace(QueueKey{job.queue(), job.unique_key()}, id);
      if (!is_new) {
        enqueued.job_ids.push_back(there->second);
        enqueued.made.push_back(false);
        return absl::OkStatus();
      }
    }
    store::NewRow row{.id = id, .job = &job};
    row.run_at = job.has_run_at() ? timestamps::FromProto(job.run_at()) : now_;
    ASSIGN_OR_RETURN(const bool waits, Follow(job, id));
    const bool behind =
        !job.ordering_key().empty() && !busy_.insert({job.queue(), job.ordering_key()}).second;
    row.status = StatusOf({waits, behind, row.run_at}, now_);
    rows.push_back(row);
    queues.insert(job.queue());
    if (!job.concurrency_key().empty()) keyed.insert(job.queue());
    if (row.status == v1::JOB_STATUS_READY) ready.insert(job.queue());
    enqueued.job_ids.push_back(id);
    enqueued.made.push_back(true);
    return absl::OkStatus();
  }

  // Whether it has to wait for others.
  absl::StatusOr<bool> Follow(const v1::NewJob& job, int64_t id) {
    bool waits = false;
    std::set<int64_t> after(job.after_job_ids().begin(), job.after_job_ids().end());
    for (const int32_t position : job.after_positions()) {
      const int64_t other = enqueued.job_ids[static_cast<size_t>(position)];
      after.insert(other);
      // One of a unique key that was there before is unfinished: only such are found.
      unfinished_.insert(other);
      followed_.insert(other);
      if (!enqueued.made[static_cast<size_t>(position)]) others_.insert(other);
    }
    for (const int64_t other : after) {
      if (unfinished_.contains(other)) {
        dependencies.push_back({id, other});
        waits = true;
      } else if (cancelled_.contains(other)) {
        doomed.push_back(id);
      } else if (!completed_.contains(other)) {
        return status::Error(mesh::v1::ERROR_CODE_JOB_NOT_FOUND, "no such job to follow",
                             {{"job_id", absl::StrCat(other)}});
      }
    }
    return waits;
  }

  const absl::Span<const v1::NewJob> jobs_;
  const absl::Time now_;
  const std::vector<int64_t>& ids_;
  absl::flat_hash_set<int64_t> unfinished_;
  const absl::flat_hash_set<int64_t> completed_, cancelled_;
  absl::flat_hash_set<int64_t> followed_;
  std::map<QueueKey, int64_t> unique_;
  std::set<QueueKey> busy_;

 public:
  // Jobs of unique keys that were there before and have new followers.
  std::set<int64_t> others_;
};

}  // namespace

absl::StatusOr<Enqueued> Enqueue(Transaction& tx, absl::Span<const v1::NewJob> jobs,
                                 const EnqueueOptions& options, ReadySignal& signal) {
  ASSIGN_OR_RETURN(store::Before before, store::ReadBefore(tx, AskingFor(jobs, options)));
  if (!before.remembered.empty()) {
    Enqueued known;
    known.job_ids = std::move(before.remembered);
    known.made.assign(known.job_ids.size(), false);
    known.is_new = false;
    return known;
  }
  Plan plan(jobs, before, options.now);
  RETURN_IF_ERROR(plan.Make());
  RETURN_IF_ERROR(
      store::MarkFollowed(tx, std::vector<int64_t>(plan.others_.begin(), plan.others_.end())));
  store::InsertQueues(tx, {plan.queues.begin(), plan.queues.end()},
                      {plan.keyed.begin(), plan.keyed.end()});
  store::InsertJobs(tx, plan.rows, options.schedule, options.now);
  store::InsertDependencies(tx, plan.dependencies);
  if (!options.request_key.empty()) {
    store::Remember(tx, options.request_key, plan.enqueued.job_ids, options.now);
  }
  if (!plan.doomed.empty()) {
    RETURN_IF_ERROR(CancelWaiting(tx, plan.doomed, options.now, signal));
  }
  NotifyAfterCommit(tx, {plan.ready.begin(), plan.ready.end()}, signal);
  return std::move(plan.enqueued);
}

}  // namespace selfology::queue
