// Telling people of what is due: each reminder once, to the owner and to those it is assigned to.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"

namespace selfology::task {

// Publishes notification.requested (kind "task.reminder"; parameters "title", "task_id", "due_at",
// RFC 3339, and "time_zone") of each reminder that has come. A reminder and its event commit
// together. For a timer; several may run at once.
absl::Status SendReminders(const Call& call, postgres::Database& database, absl::Time now);

}  // namespace selfology::task
