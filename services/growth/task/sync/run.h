// One run of a sync; see syncing.h. What it reads and merges: run_pull.cc, what it writes: run_push.cc.
//
//   Run run(call, parts, row);
//   const absl::Status done = run.Go();
//
// Errors: those of the repository (repository.h) and of the database; ABORTED when another run has
// begun. Threads: used by one at a time.
#pragma once

#include <cstdint>
#include <optional>
#include <set>
#include <string_view>
#include <utility>

#include "absl/functional/function_ref.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/transaction.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/growth/task/sync/issues.h"
#include "services/growth/task/sync/merge.h"
#include "services/growth/task/sync/repository.h"
#include "services/growth/task/sync/sync_store.h"
#include "services/growth/task/sync/syncing.h"
#include "services/growth/task/tasks/task_changes.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {

// What is left of a call's time for its end.
inline constexpr absl::Duration kReserve = absl::Seconds(5);

// By its reason, see repository.h.
inline bool IsReason(const absl::Status& error, std::string_view reason) {
  return status::Reason(error) == reason;
}

class Run {
 public:
  Run(const Call& call, const SyncParts& parts, store::SyncRun run)
      : call_(call),
        parts_(parts),
        run_(std::move(run)),
        repository_(
            parts.integration,
            {.owner = run_.owner, .connection_id = run_.connection_id, .name = run_.repository}) {}

  absl::Status Go() {
    RETURN_IF_ERROR(Pull());
    return Push();
  }
  SyncCounts counts() const {
    SyncCounts counts = counts_;
    counts.conflicts = static_cast<int>(conflicts_.size());
    return counts;
  }
  // It ended before all was done, for want of time.
  bool is_more() const { return is_more_; }

 private:
  // The task and its issue as they stand.
  struct Pair {
    store::KnownTask known = {};
    store::Link link = {};
  };

  bool IsLate() {
    is_more_ = is_more_ || call_.Remaining() < kReserve;
    return is_more_;
  }
  Actor Owner() const { return {.user_id = run_.owner, .now = parts_.clock()}; }

  absl::Status Pull();
  // Those that there was no room for: which they are, and whether there is any now.
  absl::StatusOr<bool> ReadRefused();
  absl::Status TakeRefused();
  absl::Status Push();
  absl::Status PushTask(int64_t task_id);
  absl::Status Make(int64_t task_id);
  absl::Status Change(const store::Link& link);
  absl::Status CloseIssueOf(const store::Link& link);

  // Merges; nullopt: there is nothing to keep equal with it, or no room for the task that it would
  // make, which is noted for the person.
  absl::StatusOr<std::optional<Pair>> Take(const Issue& issue);
  absl::StatusOr<std::optional<Pair>> Reconcile(postgres::Transaction& tx, const Issue& issue);
  absl::StatusOr<std::optional<store::Link>> LinkOf(postgres::Transaction& tx, const Issue& issue);
  absl::Status AddTaskOf(postgres::Transaction& tx, const Issue& issue);
  absl::StatusOr<std::optional<store::KnownTask>> TaskInList(postgres::Transaction& tx,
                                                             int64_t task_id);
  absl::Status SetTask(postgres::Transaction& tx, const Issue& issue, const SyncFields& wanted,
                       store::KnownTask& known);
  // Changes what is kept of a link, unless another run has begun.
  absl::Status Keep(int64_t task_id,
                    absl::FunctionRef<void(postgres::Transaction&, store::Link&)> change);
  absl::Status Part(int64_t task_id) {
    return Keep(task_id, [](postgres::Transaction&, store::Link& link) { link.parted = true; });
  }

  const Call& call_;
  const SyncParts& parts_;
  const store::SyncRun run_;
  const Repository repository_;
  SyncCounts counts_ = {.ran = true};
  // Of issues and fields: what holds here is seen again before it is written there.
  std::set<std::pair<int64_t, std::string_view>> conflicts_;
  std::set<int64_t> refused_;  // Issues that there was no room for.
  bool is_more_ = false;
};

}  // namespace selfology::task
