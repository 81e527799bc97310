// Making, changing and completing tasks within a transaction: the rules that need what is stored,
// and the events. Used by the RPCs, by templates and by whatever else makes tasks.
//
//   store::LockOwner(tx, owner);
//   ASSIGN_OR_RETURN(const v1::Task task, AddTask(tx, {.user_id = owner, .now = now}, content));
//
// Callers hold store::LockOwner, and have checked the content (task_rules.h). Errors: INVALID_ARGUMENT
// for a list, parent or column that there is not; TASK_LIMIT_REACHED; the transaction's. Threads: as
// the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/task/v1/task.pb.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {

struct Actor {
  int64_t user_id = 0;
  absl::Time now = {};
};

// An open task of content.user_id(). Publishes task.created and task.assigned.
absl::StatusOr<v1::Task> AddTask(postgres::Transaction& tx, const Actor& actor, v1::Task content);

// Saves `after` as the next version and publishes task.updated and task.assigned, unless it is equal
// to what is known; `known` is as kept afterwards. `change`: as in TaskVersion.
absl::Status ChangeTask(postgres::Transaction& tx, const Actor& actor, std::string_view change,
                        v1::Task after, store::KnownTask& known);

struct Completion {
  std::optional<v1::Task> next = {};    // The next occurrence.
  std::vector<int64_t> unblocked = {};  // At most 1,000.
};
// Completes a task that is not completed; publishes task.completed.
absl::StatusOr<Completion> Complete(postgres::Transaction& tx, const Actor& actor,
                                    absl::Time completed_at, store::KnownTask& known);

// Opens a task that is closed; publishes task.reopened, and task.deleted of the next occurrence if
// that was not touched.
absl::Status Reopen(postgres::Transaction& tx, const Actor& actor, store::KnownTask& known);

// Removes a task and its parts; publishes task.deleted of each. How many.
absl::StatusOr<int64_t> RemoveTask(postgres::Transaction& tx, const v1::Task& task);

}  // namespace selfology::task
