// Making the tasks of a template's run, and planning the next.
//
// Errors: the transaction's; TASK_LIMIT_REACHED; INVALID_ARGUMENT when the template's list is gone.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/task/v1/template_service.pb.h"

namespace selfology::task {

struct MadeRun {
  int64_t run_id = 0;
  std::vector<v1::Task> tasks = {};  // Of the nodes, in their order.
};
// Callers hold store::LockOwner of the template's owner. Publishes task.created of each task and
// task.dependency.added of each dependency.
absl::StatusOr<MadeRun> MakeRun(postgres::Transaction& tx, const v1::TaskTemplate& tmpl,
                                absl::CivilDay day, absl::Time now);

// Makes the runs that are due, each in a transaction of its own, and plans those behind. For a timer;
// several may run at once. A run that cannot be made is tried again the next time; the others do not
// wait for it.
absl::Status MakeDueRuns(const Call& call, postgres::Database& database, absl::Time now);

}  // namespace selfology::task
