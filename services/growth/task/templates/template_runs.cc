#include "services/growth/task/templates/template_runs.h"

#include <map>
#include <optional>
#include <string>
#include <utility>

#include "common/events/outbox.h"
#include "common/observe/log.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/task.pb.h"
#include "services/growth/task/graph/edge_store.h"
#include "services/growth/task/tasks/list_store.h"
#include "services/growth/task/tasks/task_changes.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/task_store.h"
#include "services/growth/task/templates/template_rules.h"
#include "services/growth/task/templates/template_store.h"

namespace selfology::task {
namespace {

using postgres::Transaction;

absl::Status Link(Transaction& tx, int64_t owner, const Edge& edge) {
  ASSIGN_OR_RETURN(const bool added, store::AddEdge(tx, owner, edge));
  if (!added) return absl::OkStatus();
  events::v1::TaskDependencyAdded event;
  event.set_user_id(owner);
  event.set_before_task_id(edge.before);
  event.set_after_task_id(edge.after);
  return events::Publish(tx, event);
}

// What each first task of the run waits for: the last run's task of its node.
absl::Status LinkToLastRun(Transaction& tx, const v1::TaskTemplate& tmpl,
                           const std::vector<v1::Task>& tasks) {
  if (!tmpl.runs_in_sequence() || tmpl.last_run_id() == 0) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::optional<store::Run> last, store::ReadRun(tx, tmpl.last_run_id()));
  if (!last.has_value() || last->task_ids.size() != tasks.size()) return absl::OkStatus();
  ASSIGN_OR_RETURN(const std::vector<store::KnownTask> there,
                   store::ReadTasks(tx, tmpl.user_id(), last->task_ids));
  std::map<int64_t, bool> known;
  for (const store::KnownTask& one : there) known[one.task.task_id()] = true;
  for (int i = 0; i < tmpl.nodes_size(); ++i) {
    if (!tmpl.nodes(i).after_node_ids().empty() || !known.contains(last->task_ids[i])) continue;
    RETURN_IF_ERROR(Link(tx, tmpl.user_id(), {last->task_ids[i], tasks[i].task_id()}));
  }
  return absl::OkStatus();
}

absl::Status MakeDueRun(Transaction& tx, const store::DueTemplate& due, absl::Time now) {
  store::LockOwner(tx, due.owner);
  // Another replica may have been here: what holds is what is read under the lock.
  ASSIGN_OR_RETURN(const std::optional<v1::TaskTemplate> tmpl,
                   store::ReadTemplate(tx, due.owner, due.template_id));
  if (!tmpl.has_value()) return absl::OkStatus();
  const absl::TimeZone zone = ZoneOf(tmpl->time_zone());
  if (!tmpl->has_next_run_at()) {
    ASSIGN_OR_RETURN(const bool waits, store::Waits(tx, due.template_id));
    ASSIGN_OR_RETURN(const std::optional<store::Run> last, store::ReadRun(tx, tmpl->last_run_id()));
    ASSIGN_OR_RETURN(const std::optional<absl::Time> closed,
                     store::RunClosedAt(tx, tmpl->last_run_id(), now));
    if (!waits || !closed.has_value() || !last.has_value()) return absl::OkStatus();
    ASSIGN_OR_RETURN(const std::optional<absl::CivilDay> next,
                     NextRunDay(*tmpl, absl::ToCivilDay(last->day, zone), *closed));
    std::optional<absl::Time> at;
    if (next.has_value()) at = absl::FromCivil(*next, zone);
    store::Plan(tx, due.template_id, at, false);
    return absl::OkStatus();
  }
  const absl::Time at = timestamps::FromProto(tmpl->next_run_at());
  if (at > now) return absl::OkStatus();
  const absl::CivilDay day = absl::ToCivilDay(at, zone);
  RETURN_IF_ERROR(MakeRun(tx, *tmpl, day, now).status());
  if (tmpl->recurrence().mode() == v1::RECURRENCE_MODE_AFTER_COMPLETION) {
    store::Plan(tx, due.template_id, std::nullopt, true);
    return absl::OkStatus();
  }
  // Days that passed while nothing ran are left out.
  absl::CivilDay from = day;
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  if (from < today) from = today;
  ASSIGN_OR_RETURN(const std::optional<absl::CivilDay> next, NextRunDay(*tmpl, from, now));
  std::optional<absl::Time> next_at;
  if (next.has_value()) next_at = absl::FromCivil(*next, zone);
  store::Plan(tx, due.template_id, next_at, false);
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<MadeRun> MakeRun(Transaction& tx, const v1::TaskTemplate& tmpl, absl::CivilDay day,
                                absl::Time now) {
  MadeRun made;
  const absl::Time of_day = absl::FromCivil(day, ZoneOf(tmpl.time_zone()));
  ASSIGN_OR_RETURN(made.run_id, store::InsertRun(tx, tmpl, of_day));
  made.tasks.resize(static_cast<size_t>(tmpl.nodes_size()));
  std::map<std::string, int64_t> ids;
  // A list that is gone must not hold up the runs.
  int64_t list_id = tmpl.list_id();
  if (list_id != 0) {
    ASSIGN_OR_RETURN(const std::optional<v1::TaskList> list,
                     store::ReadList(tx, tmpl.user_id(), list_id));
    if (!list.has_value()) list_id = 0;
  }
  for (const int place : NodeOrder(tmpl)) {
    const v1::TemplateNode& node = tmpl.nodes(place);
    v1::Task task = TaskOf(tmpl, node, day);
    task.set_run_id(made.run_id);
    task.set_list_id(list_id);
    if (!node.parent_node_id().empty()) task.set_parent_task_id(ids.at(node.parent_node_id()));
    ASSIGN_OR_RETURN(made.tasks[place],
                     AddTask(tx, {.user_id = tmpl.user_id(), .now = now}, std::move(task)));
    ids[node.node_id()] = made.tasks[place].task_id();
  }
  std::vector<int64_t> task_ids;
  for (int i = 0; i < tmpl.nodes_size(); ++i) {
    task_ids.push_back(made.tasks[i].task_id());
    for (const std::string& before : tmpl.nodes(i).after_node_ids()) {
      RETURN_IF_ERROR(Link(tx, tmpl.user_id(), {ids.at(before), made.tasks[i].task_id()}));
    }
  }
  RETURN_IF_ERROR(LinkToLastRun(tx, tmpl, made.tasks));
  store::SetRunTasks(tx, tmpl.template_id(), made.run_id, task_ids);
  return made;
}

absl::Status MakeDueRuns(const Call& call, postgres::Database& database, absl::Time now) {
  ASSIGN_OR_RETURN(
      const std::vector<store::DueTemplate> due,
      database.Read(call, [&](Transaction& tx) { return store::DueTemplates(tx, now); },
                    {.newest = true}));
  for (const store::DueTemplate& one : due) {
    const absl::Status status = database.Write(
        call, [&](Transaction& tx) -> absl::Status { return MakeDueRun(tx, one, now); });
    if (status.ok()) continue;
    if (status::IsRetryable(status)) return status;
    observe::Warning("run of a template not made",
                     {{"template_id", one.template_id}, {"status", status}});
  }
  return absl::OkStatus();
}

}  // namespace selfology::task
