#include "services/growth/task/tasks/next_occurrence.h"

#include <map>
#include <utility>
#include <vector>

#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/task.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/graph/edge_store.h"
#include "services/growth/task/tasks/recurrence.h"
#include "services/growth/task/tasks/task_changes.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task {
namespace {

using postgres::Transaction;

// Which task of the next occurrence stands for which of the one before.
using Successors = std::map<int64_t, int64_t>;

absl::Status CopyParts(Transaction& tx, const Actor& actor, const v1::Task& task, absl::Time due,
                       Successors& successors) {
  ASSIGN_OR_RETURN(const std::vector<store::Part> parts, store::Parts(tx, task.task_id()));
  std::vector<int64_t> ids;
  for (const store::Part& part : parts) ids.push_back(part.task_id);
  if (ids.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<store::KnownTask> known,
                   store::ReadTasks(tx, task.user_id(), ids));
  std::map<int64_t, const v1::Task*> by_id;
  for (const store::KnownTask& one : known) by_id[one.task.task_id()] = &one.task;
  const absl::TimeZone zone = ZoneOf(task.time_zone());
  const absl::CivilSecond from = absl::ToCivilSecond(timestamps::FromProto(task.due_at()), zone);
  const absl::CivilSecond to = absl::ToCivilSecond(due, zone);
  // Upper ones come first, so that a part's parent has its successor.
  for (const store::Part& part : parts) {
    v1::Task copy = *by_id.at(part.task_id);
    // What recurs by itself is not made anew.
    if (copy.series_id() != 0) continue;
    const auto parent = successors.find(part.parent_task_id);
    if (parent == successors.end()) continue;
    copy.set_parent_task_id(parent->second);
    copy.clear_run_id();
    copy.clear_column();
    copy.set_active(false);
    if (copy.has_due_at()) {
      const absl::CivilSecond at =
          absl::ToCivilSecond(timestamps::FromProto(copy.due_at()), zone) + (to - from);
      MoveDue(ToTime({at, zone}), copy);
    }
    ASSIGN_OR_RETURN(const v1::Task added, AddTask(tx, actor, std::move(copy)));
    successors[part.task_id] = added.task_id();
  }
  return absl::OkStatus();
}

// The successor of a task outside: that of its own series, if it is there by now.
absl::Status FindSuccessors(Transaction& tx, int64_t owner, const std::vector<int64_t>& others,
                            Successors& successors) {
  if (others.empty()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<store::KnownTask> known, store::ReadTasks(tx, owner, others));
  for (const store::KnownTask& one : known) {
    if (one.task.series_id() == 0) continue;
    ASSIGN_OR_RETURN(
        const std::optional<store::KnownTask> next,
        store::ReadOccurrence(tx, owner, one.task.series_id(), one.task.occurrence() + 1));
    if (next.has_value()) successors[one.task.task_id()] = next->task.task_id();
  }
  return absl::OkStatus();
}

absl::Status CopyDependencies(Transaction& tx, int64_t owner, Successors successors) {
  std::vector<int64_t> ids, others;
  for (const auto& [id, successor] : successors) ids.push_back(id);
  ASSIGN_OR_RETURN(const std::vector<Edge> edges, store::EdgesAround(tx, ids));
  for (const Edge& edge : edges) {
    for (const int64_t end : {edge.before, edge.after}) {
      if (!successors.contains(end)) others.push_back(end);
    }
  }
  RETURN_IF_ERROR(FindSuccessors(tx, owner, others, successors));
  for (const Edge& edge : edges) {
    const auto before = successors.find(edge.before), after = successors.find(edge.after);
    if (before == successors.end() || after == successors.end()) continue;
    const absl::StatusOr<bool> added = store::AddEdge(tx, owner, {before->second, after->second});
    if (!added.ok()) {
      // Somebody made the new ones wait for each other the other way round: theirs stays.
      if (status::ErrorCodeOf(added.status()) == mesh::v1::ERROR_CODE_TASK_CYCLE) continue;
      return added.status();
    }
    if (!*added) continue;
    events::v1::TaskDependencyAdded event;
    event.set_user_id(owner);
    event.set_before_task_id(before->second);
    event.set_after_task_id(after->second);
    RETURN_IF_ERROR(events::Publish(tx, event));
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::optional<v1::Task>> AddNextOccurrence(Transaction& tx, const Actor& actor,
                                                          const v1::Task& task) {
  if (!task.has_recurrence() || !task.has_due_at()) return std::nullopt;
  ASSIGN_OR_RETURN(
      const std::optional<store::KnownTask> there,
      store::ReadOccurrence(tx, task.user_id(), task.series_id(), task.occurrence() + 1));
  if (there.has_value()) return std::nullopt;
  const absl::TimeZone zone = ZoneOf(task.time_zone());
  ASSIGN_OR_RETURN(const std::optional<absl::Time> due,
                   NextDue(task.recurrence(), timestamps::FromProto(task.due_at()),
                           timestamps::FromProto(task.closed_at()), zone));
  if (!due.has_value()) return std::nullopt;
  v1::Task next = task;
  MoveDue(*due, next);
  next.set_occurrence(task.occurrence() + 1);
  next.clear_column();
  ASSIGN_OR_RETURN(const v1::Task added, AddTask(tx, actor, std::move(next)));
  store::CopyOfTheClock(tx, task.task_id(), added.task_id());
  Successors successors = {{task.task_id(), added.task_id()}};
  RETURN_IF_ERROR(CopyParts(tx, actor, task, *due, successors));
  RETURN_IF_ERROR(CopyDependencies(tx, task.user_id(), std::move(successors)));
  return added;
}

}  // namespace selfology::task
