#include "services/growth/task/tasks/task_changes.h"

#include <algorithm>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/task.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/graph/edge_store.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/next_occurrence.h"
#include "services/growth/task/tasks/task_rules.h"

namespace selfology::task {
namespace {

using postgres::Transaction;

constexpr size_t kMaxUnblockedInEvent = 1000;

absl::Status CheckList(Transaction& tx, const v1::Task& task) {
  if (task.list_id() == 0) {
    const bool is_default = task.column().empty() || task.column() == "To do" ||
                            task.column() == "Doing" || task.column() == "Done";
    return is_default ? absl::OkStatus()
                      : status::InvalidField("task.column", "must be a column of the list");
  }
  ASSIGN_OR_RETURN(const std::optional<v1::TaskList> list,
                   store::ReadList(tx, task.user_id(), task.list_id()));
  if (!list.has_value()) {
    return status::InvalidField("task.list_id", "must be a list of the owner");
  }
  if (!task.column().empty() && std::find(list->columns().begin(), list->columns().end(),
                                          task.column()) == list->columns().end()) {
    return status::InvalidField("task.column", "must be a column of the list");
  }
  return absl::OkStatus();
}

absl::Status CheckParent(Transaction& tx, const v1::Task& task) {
  if (task.parent_task_id() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<int64_t> above,
                   store::Ancestors(tx, task.user_id(), task.parent_task_id()));
  if (above.empty()) {
    return status::InvalidField("task.parent_task_id", "must be a task of the owner");
  }
  int64_t below = 0;
  if (task.task_id() != 0) {
    if (std::find(above.begin(), above.end(), task.task_id()) != above.end()) {
      return status::InvalidField("task.parent_task_id", "must not be the task or a part of it");
    }
    ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::Parts(tx, task.task_id()));
    if (!parts.empty()) below = parts.back().level;
  }
  if (static_cast<int64_t>(above.size()) + 1 + below > kMaxLevels) {
    return status::InvalidField("task.parent_task_id", "must leave no more than 8 levels");
  }
  return absl::OkStatus();
}

absl::Status TellAssignees(Transaction& tx, const v1::Task& before, const v1::Task& after) {
  const std::set<int64_t> known(before.assignee_user_ids().begin(),
                                before.assignee_user_ids().end());
  for (const int64_t assignee : after.assignee_user_ids()) {
    if (known.contains(assignee)) continue;
    events::v1::TaskAssigned event;
    event.set_user_id(assignee);
    event.set_task_id(after.task_id());
    event.set_owner_user_id(after.user_id());
    RETURN_IF_ERROR(events::Publish(tx, event));
  }
  return absl::OkStatus();
}

absl::Status TellCreated(Transaction& tx, const v1::Task& task) {
  events::v1::TaskCreated event;
  event.set_user_id(task.user_id());
  event.set_task_id(task.task_id());
  event.set_list_id(task.list_id());
  event.set_priority(task.priority());
  if (task.has_due_at()) *event.mutable_due_at() = task.due_at();
  event.set_due_all_day(task.due_all_day());
  event.set_series_id(task.series_id());
  event.set_occurrence(task.occurrence());
  event.set_parent_task_id(task.parent_task_id());
  *event.mutable_assignee_user_ids() = task.assignee_user_ids();
  return events::Publish(tx, event);
}

absl::Status TellDeleted(Transaction& tx, int64_t owner, int64_t task_id, bool was_completed) {
  events::v1::TaskDeleted event;
  event.set_user_id(owner);
  event.set_task_id(task_id);
  event.set_was_completed(was_completed);
  return events::Publish(tx, event);
}

events::v1::TaskCompleted CompletedEvent(const Actor& actor, const store::KnownTask& known) {
  const v1::Task& task = known.task;
  events::v1::TaskCompleted event;
  event.set_user_id(task.user_id());
  event.set_task_id(task.task_id());
  event.set_actor_user_id(actor.user_id);
  *event.mutable_completed_at() = task.closed_at();
  event.set_list_id(task.list_id());
  event.set_priority(task.priority());
  if (task.has_due_at()) *event.mutable_due_at() = task.due_at();
  event.set_due_all_day(task.due_all_day());
  event.set_late(timestamps::FromProto(task.closed_at()) >= OverdueFrom(task));
  event.set_series_id(task.series_id());
  event.set_occurrence(task.occurrence());
  event.set_estimate_minutes(task.estimate_minutes());
  event.set_parent_task_id(task.parent_task_id());
  event.set_time_zone(task.time_zone());
  event.set_completion_number(known.completions);
  *event.mutable_created_at() = task.created_at();
  return event;
}

}  // namespace

absl::StatusOr<v1::Task> AddTask(Transaction& tx, const Actor& actor, v1::Task task) {
  ASSIGN_OR_RETURN(const bool has_room, store::HasRoomFor(tx, task.user_id(), 1));
  if (!has_room) {
    return status::Error(mesh::v1::ERROR_CODE_TASK_LIMIT_REACHED, "at most 100000 tasks are kept");
  }
  RETURN_IF_ERROR(CheckList(tx, task));
  RETURN_IF_ERROR(CheckParent(tx, task));
  task.set_status(v1::TASK_STATUS_OPEN);
  task.clear_closed_at();
  *task.mutable_created_at() = timestamps::ToProto(actor.now);
  *task.mutable_updated_at() = task.created_at();
  RETURN_IF_ERROR(store::Insert(tx, actor.user_id, actor.now, task));
  RETURN_IF_ERROR(TellCreated(tx, task));
  RETURN_IF_ERROR(TellAssignees(tx, v1::Task(), task));
  return task;
}

absl::Status ChangeTask(Transaction& tx, const Actor& actor, std::string_view change,
                        v1::Task after, store::KnownTask& known) {
  const std::vector<std::string> changed = ChangedFields(known.task, after);
  if (changed.empty()) return absl::OkStatus();
  if (after.list_id() != known.task.list_id() || after.column() != known.task.column()) {
    RETURN_IF_ERROR(CheckList(tx, after));
  }
  if (after.parent_task_id() != known.task.parent_task_id()) {
    RETURN_IF_ERROR(CheckParent(tx, after));
  }
  if (after.has_recurrence() && after.series_id() == 0) {
    after.set_series_id(after.task_id());
    after.set_occurrence(1);
  }
  if (after.status() == v1::TASK_STATUS_OPEN) {
    after.clear_closed_at();
  } else if (known.task.status() == v1::TASK_STATUS_OPEN) {
    *after.mutable_closed_at() = timestamps::ToProto(actor.now);
  }
  after.set_version(known.task.version() + 1);
  *after.mutable_updated_at() = timestamps::ToProto(actor.now);
  const v1::Task before = std::exchange(known.task, std::move(after));
  store::Save(tx, actor.user_id, change, actor.now, known);
  events::v1::TaskUpdated event;
  event.set_user_id(known.task.user_id());
  event.set_task_id(known.task.task_id());
  event.set_version(known.task.version());
  event.set_actor_user_id(actor.user_id);
  event.mutable_changed_fields()->Assign(changed.begin(), changed.end());
  if (known.task.has_due_at()) *event.mutable_due_at() = known.task.due_at();
  RETURN_IF_ERROR(events::Publish(tx, event));
  return TellAssignees(tx, before, known.task);
}

absl::StatusOr<Completion> Complete(Transaction& tx, const Actor& actor, absl::Time completed_at,
                                    store::KnownTask& known) {
  Completion completion;
  v1::Task& task = known.task;
  ASSIGN_OR_RETURN(const std::vector<store::Waiting> waiting,
                   store::WaitingFor(tx, task.task_id()));
  for (const store::Waiting& one : waiting) {
    if (one.others == 0) completion.unblocked.push_back(one.task_id);
  }
  // Only from an open one: a dropped one blocked nothing.
  if (task.status() != v1::TASK_STATUS_OPEN) completion.unblocked.clear();
  const size_t unblocked_count = completion.unblocked.size();
  if (unblocked_count > kMaxUnblockedInEvent) completion.unblocked.resize(kMaxUnblockedInEvent);

  task.set_status(v1::TASK_STATUS_COMPLETED);
  task.set_active(false);
  *task.mutable_closed_at() = timestamps::ToProto(completed_at);
  *task.mutable_updated_at() = timestamps::ToProto(actor.now);
  task.set_version(task.version() + 1);
  ++known.completions;
  known.completed_by = actor.user_id;
  store::Save(tx, actor.user_id, "complete", actor.now, known);

  ASSIGN_OR_RETURN(completion.next, AddNextOccurrence(tx, actor, known.task));
  events::v1::TaskCompleted event = CompletedEvent(actor, known);
  event.set_unblocked_count(static_cast<int32_t>(unblocked_count));
  event.mutable_unblocked_task_ids()->Assign(completion.unblocked.begin(),
                                             completion.unblocked.end());
  if (completion.next.has_value()) event.set_next_task_id(completion.next->task_id());
  RETURN_IF_ERROR(events::Publish(tx, event));
  return completion;
}

absl::Status Reopen(Transaction& tx, const Actor& actor, store::KnownTask& known) {
  v1::Task& task = known.task;
  const bool was_completed = task.status() == v1::TASK_STATUS_COMPLETED;
  const int64_t completed_by = std::exchange(known.completed_by, 0);
  task.set_status(v1::TASK_STATUS_OPEN);
  task.clear_closed_at();
  *task.mutable_updated_at() = timestamps::ToProto(actor.now);
  task.set_version(task.version() + 1);
  store::Save(tx, actor.user_id, "reopen", actor.now, known);
  events::v1::TaskReopened event;
  event.set_user_id(task.user_id());
  event.set_task_id(task.task_id());
  event.set_actor_user_id(actor.user_id);
  event.set_was_completed(was_completed);
  if (was_completed) {
    event.set_completed_by_user_id(completed_by);
    event.set_completion_number(known.completions);
  }
  RETURN_IF_ERROR(events::Publish(tx, event));
  if (!was_completed || task.series_id() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(
      const std::optional<store::KnownTask> next,
      store::ReadOccurrence(tx, task.user_id(), task.series_id(), task.occurrence() + 1));
  if (!next.has_value() || next->task.version() != 1) return absl::OkStatus();
  return RemoveTask(tx, next->task).status();
}

absl::StatusOr<int64_t> RemoveTask(Transaction& tx, const v1::Task& task) {
  ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::Parts(tx, task.task_id()));
  std::vector<int64_t> ids = {task.task_id()};
  for (const store::Part& part : parts) ids.push_back(part.task_id);
  ASSIGN_OR_RETURN(const int64_t deleted, store::Delete(tx, ids));
  for (const store::Part& part : parts) {
    RETURN_IF_ERROR(TellDeleted(tx, task.user_id(), part.task_id, part.completed));
  }
  RETURN_IF_ERROR(
      TellDeleted(tx, task.user_id(), task.task_id(), task.status() == v1::TASK_STATUS_COMPLETED));
  return deleted;
}

}  // namespace selfology::task
