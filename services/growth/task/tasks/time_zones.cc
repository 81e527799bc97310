#include "services/growth/task/tasks/time_zones.h"

#include <string>
#include <utility>
#include <vector>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/task_changes.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {

absl::Status TimeZones::Adopt(const events::v1::PreferencesChanged& event,
                              events::Handling& handling) {
  const std::string& zone = event.preferences().time_zone();
  if (zone.empty()) return absl::OkStatus();
  postgres::Transaction& tx = handling.tx();
  const int64_t person = event.user_id();
  store::LockOwner(tx, person);
  ASSIGN_OR_RETURN(const std::vector<int64_t> ids, store::TakeOfTheClock(tx, person));
  if (ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(std::vector<store::KnownTask> tasks, store::ReadTasks(tx, person, ids));
  const Actor actor = {.user_id = person, .now = timestamps::WholeMicroseconds(clock_())};
  for (store::KnownTask& known : tasks) {
    // One that is closed, or has been given a zone meanwhile, is right as it is.
    if (known.task.status() != v1::TASK_STATUS_OPEN || !known.task.time_zone().empty()) continue;
    v1::Task after = known.task;
    MoveToZone(zone, after);
    RETURN_IF_ERROR(ChangeTask(tx, actor, "time_zone", std::move(after), known));
  }
  return absl::OkStatus();
}

}  // namespace selfology::task
