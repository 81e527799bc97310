#include "services/growth/task/sync/syncing.h"

#include <algorithm>
#include <optional>
#include <vector>

#include "common/executor/worker_pool.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "services/growth/task/sync/repository.h"
#include "services/growth/task/sync/run.h"
#include "services/growth/task/sync/sync_store.h"
#include "services/growth/task/tasks/list_store.h"

namespace selfology::task {
namespace {

using postgres::Transaction;

constexpr absl::Duration kPeriod = absl::Minutes(1);
constexpr absl::Duration kLongestPause = absl::Hours(1);
constexpr absl::Duration kGivenUpAfter = absl::Minutes(2);
constexpr int64_t kDueAtOnce = 50;
constexpr int kThreads = 4;

absl::Duration PauseAfter(const absl::Status& error, int32_t failures_before) {
  switch (FailureOf(error)) {
    case v1::TASK_SYNC_FAILURE_BUSY:
      return std::max(status::RetryAfter(error).value_or(kPeriod), absl::Seconds(1));
    case v1::TASK_SYNC_FAILURE_DISCONNECTED:
    case v1::TASK_SYNC_FAILURE_REFUSED:
    case v1::TASK_SYNC_FAILURE_GONE:
      return kLongestPause;
    default:
      return std::min(kPeriod * (1 << std::min(failures_before, 6)), kLongestPause);
  }
}

}  // namespace

absl::StatusOr<SyncCounts> RunSync(const Call& call, const SyncParts& parts, int64_t owner,
                                   int64_t sync_id) {
  const absl::Time begun = parts.clock();
  ASSIGN_OR_RETURN(
      const std::optional<store::SyncRun> row,
      parts.database.Write(
          call, [&](Transaction& tx) -> absl::StatusOr<std::optional<store::SyncRun>> {
            ASSIGN_OR_RETURN(std::optional<store::SyncRun> run,
                             store::BeginRun(tx, owner, sync_id, begun, begun + kGivenUpAfter));
            if (!run.has_value()) return std::nullopt;
            ASSIGN_OR_RETURN(const auto list, store::ReadList(tx, owner, run->list_id));
            if (list.has_value()) return run;
            // The list is gone, and with it what was to be kept equal.
            RETURN_IF_ERROR(store::DeleteSync(tx, owner, sync_id).status());
            return std::nullopt;
          }));
  if (!row.has_value()) return SyncCounts();
  Run run(call, parts, *row);
  const absl::Status done = run.Go();
  const absl::Time now = parts.clock();
  absl::Time next = run.is_more() ? now : now + kPeriod;
  v1::TaskSyncFailure failure = v1::TASK_SYNC_FAILURE_UNSPECIFIED;
  if (!done.ok()) {
    failure = FailureOf(done);
    next = now + PauseAfter(done, row->failures);
    observe::Info(
        "a sync of tasks was not finished",
        {{"sync_id", sync_id}, {"failure", v1::TaskSyncFailure_Name(failure)}, {"status", done}});
  }
  RETURN_IF_ERROR(parts.database.Write(call, [&](Transaction& tx) {
    store::EndRun(tx, *row, failure, next, now);
    return absl::OkStatus();
  }));
  return run.counts();
}

absl::Status RunDueSyncs(const Call& call, const SyncParts& parts) {
  ASSIGN_OR_RETURN(
      const std::vector<store::DueSync> due,
      parts.database.Read(
          call, [&](Transaction& tx) { return store::DueSyncs(tx, parts.clock(), kDueAtOnce); },
          {.newest = true}));
  executor::WorkerPool pool(kThreads);
  for (const store::DueSync& one : due) {
    pool.Submit([&, one] {
      // The others come with the next turn.
      if (call.Remaining() < 2 * kReserve) return;
      const absl::Status ran = RunSync(call, parts, one.owner, one.sync_id).status();
      if (!ran.ok()) {
        observe::Warning("a sync of tasks did not run",
                         {{"sync_id", one.sync_id}, {"status", ran}});
      }
    });
  }
  pool.Drain();
  return absl::OkStatus();
}

}  // namespace selfology::task
