// The next occurrence of a recurring task: the task with its parts, and the dependencies among them.
// A task of the series waits for a task of another series as the occurrences before did, so that a
// recurring task that waits for a recurring task is neither blocked for good nor never.
//
// Callers hold store::LockOwner. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <optional>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "selfology/task/v1/task.pb.h"

namespace selfology::task {

struct Actor;

// After `task` was completed; publishes task.created. nullopt: it does not recur, its rule has
// ended, or the next occurrence is there already.
absl::StatusOr<std::optional<v1::Task>> AddNextOccurrence(postgres::Transaction& tx,
                                                          const Actor& actor, const v1::Task& task);

}  // namespace selfology::task
