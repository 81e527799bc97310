// Runs of syncs: what changed there is read and merged, what changed here is written.
//
//   ASSIGN_OR_RETURN(const SyncCounts counts, RunSync(call, parts, owner, sync_id));
//
// Each issue is taken in a transaction of its own, in which the task, its events and what is agreed on
// commit together; what is sent is sent outside of any. An issue is made with a mark in its body that
// is stored before: when the answer is lost, the mark tells whether it was made, and it is not made
// again within a minute. What both sides have is compared, so that what we wrote is no change when it
// is read back. An issue that would be a task too many is noted with the sync and taken when there is
// room; the others go on. A run that is given up, or whose process ends, is followed by another two minutes later, and may
// not write any more.
//
// Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/rpc/channel.h"

namespace selfology::task {

struct SyncParts {
  postgres::Database& database;
  std::shared_ptr<rpc::Channel> integration;
  std::function<absl::Time()> clock;
};

struct SyncCounts {
  bool ran = false;  // False: it runs already, or there is none.
  int tasks_changed = 0;
  int issues_changed = 0;
  int conflicts = 0;
};

// What goes wrong there is kept with the sync; errors are those of the database.
absl::StatusOr<SyncCounts> RunSync(const Call& call, const SyncParts& parts, int64_t owner,
                                   int64_t sync_id);

// All that are due. For a timer; several may run at once.
absl::Status RunDueSyncs(const Call& call, const SyncParts& parts);

}  // namespace selfology::task
