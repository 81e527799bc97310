#include "services/growth/task/tasks/reminders.h"

#include <map>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/notification.pb.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {
namespace {

constexpr int64_t kBatch = 200;
constexpr absl::Duration kUseful = absl::Hours(12);

events::v1::NotificationRequested Reminder(int64_t person, const v1::Task& task, absl::Time at) {
  events::v1::NotificationRequested event;
  event.set_user_id(person);
  event.set_kind("task.reminder");
  auto& parameters = *event.mutable_parameters();
  parameters["title"] = task.title();
  parameters["task_id"] = absl::StrCat(task.task_id());
  if (task.has_due_at()) {
    const absl::TimeZone zone = ZoneOf(task.time_zone());
    const absl::Time due = timestamps::FromProto(task.due_at());
    parameters["due_at"] =
        absl::FormatTime(task.due_all_day() ? "%Y-%m-%d" : absl::RFC3339_sec, due, zone);
  }
  parameters["time_zone"] = task.time_zone();
  event.set_deduplication_key(
      absl::StrCat("task.reminder/", task.task_id(), "/", absl::ToUnixMicros(at)));
  event.set_topic("tasks");
  event.set_link(absl::StrCat("/tasks/", task.task_id()));
  *event.mutable_expires_at() = timestamps::ToProto(at + kUseful);
  return event;
}

}  // namespace

absl::Status SendReminders(const Call& call, postgres::Database& database, absl::Time now) {
  bool is_more = true;
  while (is_more) {
    RETURN_IF_ERROR(database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const std::vector<store::DueReminder> due,
                       store::TakeReminders(tx, now, kBatch));
      is_more = static_cast<int64_t>(due.size()) == kBatch;
      if (due.empty()) return absl::OkStatus();
      std::vector<int64_t> ids;
      for (const store::DueReminder& one : due) ids.push_back(one.task_id);
      ASSIGN_OR_RETURN(const auto tasks, store::ReadAnyTasks(tx, ids));
      for (const store::DueReminder& one : due) {
        const auto task = tasks.find(one.task_id);
        if (task == tasks.end() || task->second.status() != v1::TASK_STATUS_OPEN) continue;
        RETURN_IF_ERROR(
            events::Publish(tx, Reminder(task->second.user_id(), task->second, one.at)));
        for (const int64_t assignee : task->second.assignee_user_ids()) {
          RETURN_IF_ERROR(events::Publish(tx, Reminder(assignee, task->second, one.at)));
        }
      }
      return absl::OkStatus();
    }));
  }
  return absl::OkStatus();
}

}  // namespace selfology::task
