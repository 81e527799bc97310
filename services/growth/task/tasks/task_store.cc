#include "services/growth/task/tasks/task_store.h"

#include <string>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/postgres/types.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/tasks/task_rules.h"
#include "services/growth/task/tasks/urgency.h"

namespace selfology::task::store {
namespace {

using postgres::Transaction;

#define TASK_COLUMNS                                                          \
  "t.task_id, t.user_id, t.series_id, t.occurrence, t.run_id, t.completions," \
  " t.completed_by, t.version, t.data"

struct TaskRow {
  int64_t task_id = 0;
  int64_t user_id = 0;
  int64_t series_id = 0;
  int32_t occurrence = 0;
  int64_t run_id = 0;
  int32_t completions = 0;
  int64_t completed_by = 0;
  int64_t version = 0;
  postgres::Bytes data;
};

absl::StatusOr<KnownTask> ToKnown(const TaskRow& row) {
  KnownTask known = {.completions = row.completions, .completed_by = row.completed_by};
  if (!known.task.ParseFromString(row.data.value)) {
    return absl::InternalError("a stored task does not parse");
  }
  known.task.set_task_id(row.task_id);
  known.task.set_user_id(row.user_id);
  known.task.set_series_id(row.series_id);
  known.task.set_occurrence(row.occurrence);
  known.task.set_run_id(row.run_id);
  known.task.set_version(row.version);
  return known;
}

template <typename Rows>
absl::StatusOr<std::vector<KnownTask>> ToKnownTasks(const Rows& rows) {
  std::vector<KnownTask> tasks;
  tasks.reserve(rows.size());
  for (const TaskRow& row : rows) {
    ASSIGN_OR_RETURN(KnownTask known, ToKnown(row));
    tasks.push_back(std::move(known));
  }
  return tasks;
}

std::optional<absl::Time> TimeOf(bool is_set, const google::protobuf::Timestamp& time) {
  if (!is_set) return std::nullopt;
  return timestamps::FromProto(time);
}

void SaveVersion(Transaction& tx, int64_t actor, std::string_view change, absl::Time now,
                 const v1::Task& task, std::string_view data) {
  tx.Queue(
      "INSERT INTO task_versions (task_id, version, actor_user_id, change, at, data)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      task.task_id(), task.version(), actor, change, now, postgres::BytesView{data});
}

void SaveAround(Transaction& tx, absl::Time now, const v1::Task& task) {
  const std::vector<int64_t> assignees(task.assignee_user_ids().begin(),
                                       task.assignee_user_ids().end());
  if (task.version() > 1) {
    tx.Queue("DELETE FROM task_assignees WHERE task_id = $1 AND user_id <> ALL($2)", task.task_id(),
             assignees);
    tx.Queue("DELETE FROM task_reminders WHERE task_id = $1", task.task_id());
  }
  if (!assignees.empty()) {
    tx.Queue(
        "INSERT INTO task_assignees (task_id, user_id) SELECT $1, unnest($2::bigint[])"
        " ON CONFLICT DO NOTHING",
        task.task_id(), assignees);
  }
  // Those of the last minute may not have been sent yet; who was told already is not told twice.
  const std::vector<absl::Time> reminders = ReminderTimes(task, now - absl::Minutes(1));
  if (!reminders.empty()) {
    tx.Queue("INSERT INTO task_reminders (task_id, at) SELECT $1, unnest($2::timestamptz[])",
             task.task_id(), reminders);
  }
}

}  // namespace

absl::Status NotFound() {
  return status::Error(mesh::v1::ERROR_CODE_TASK_NOT_FOUND, "no such task of the person");
}

absl::StatusOr<KnownTask> ReadTask(Transaction& tx, int64_t person, int64_t task_id, For whom) {
  ASSIGN_OR_RETURN(const std::optional<TaskRow> row,
                   tx.QueryOne<TaskRow>("SELECT " TASK_COLUMNS
                                        " FROM tasks t WHERE t.task_id = $1 AND (t.user_id = $2 OR"
                                        " ($3 AND EXISTS (SELECT FROM task_assignees a"
                                        " WHERE a.task_id = t.task_id AND a.user_id = $2)))",
                                        task_id, person, whom == For::kAssignee));
  if (!row.has_value()) return NotFound();
  return ToKnown(*row);
}

absl::StatusOr<KnownTask> LockTask(Transaction& tx, int64_t person, int64_t task_id, For whom) {
  if (whom == For::kOwner) {
    LockOwner(tx, person);
    return ReadTask(tx, person, task_id, whom);
  }
  // A task never changes its owner.
  ASSIGN_OR_RETURN(const auto owner,
                   tx.QueryOne<int64_t>("SELECT user_id FROM tasks WHERE task_id = $1", task_id));
  if (!owner.has_value()) return NotFound();
  LockOwner(tx, std::get<0>(*owner));
  return ReadTask(tx, person, task_id, whom);
}

absl::StatusOr<std::vector<KnownTask>> ReadTasks(Transaction& tx, int64_t owner,
                                                 absl::Span<const int64_t> task_ids) {
  ASSIGN_OR_RETURN(const std::vector<TaskRow> rows,
                   tx.Query<TaskRow>("SELECT " TASK_COLUMNS
                                     " FROM tasks t WHERE t.user_id = $1 AND t.task_id = ANY($2)"
                                     " ORDER BY t.task_id",
                                     owner, task_ids));
  return ToKnownTasks(rows);
}

absl::StatusOr<std::vector<v1::Task>> Select(Transaction& tx, const Selection& selection) {
  ASSIGN_OR_RETURN(
      const std::vector<TaskRow> rows,
      tx.Query<TaskRow>(
          "SELECT " TASK_COLUMNS
          " FROM tasks t WHERE (t.user_id = $1 OR ($6 AND t.task_id IN (SELECT a.task_id FROM"
          " task_assignees a WHERE a.user_id = $1)))"
          " AND ((t.status = 'OPEN' AND $2) OR (t.status <> 'OPEN' AND $3 AND"
          "       coalesce(t.closed_at, '-infinity') >= $4))"
          " AND ($6 OR t.list_id = $5)",
          selection.person, selection.open, selection.closed, selection.closed_since,
          selection.list_id.value_or(0), !selection.list_id.has_value()));
  std::vector<v1::Task> tasks;
  tasks.reserve(rows.size());
  for (const TaskRow& row : rows) {
    ASSIGN_OR_RETURN(KnownTask known, ToKnown(row));
    tasks.push_back(std::move(known.task));
  }
  return tasks;
}

absl::Status Compute(Transaction& tx, absl::Time now, absl::Span<v1::Task> tasks) {
  if (tasks.empty()) return absl::OkStatus();
  std::map<int64_t, v1::Task*> by_id;
  std::vector<int64_t> ids;
  for (v1::Task& task : tasks) {
    by_id[task.task_id()] = &task;
    ids.push_back(task.task_id());
  }
  auto blockers = tx.Ask<int64_t, int64_t>(
      "SELECT e.after_task_id, e.before_task_id FROM task_edges e JOIN tasks b"
      " ON b.task_id = e.before_task_id AND b.status = 'OPEN' WHERE e.after_task_id = ANY($1)"
      " ORDER BY 1, 2",
      ids);
  auto blocking = tx.Ask<int64_t, int64_t>(
      "SELECT e.before_task_id, count(*) FROM task_edges e JOIN tasks a"
      " ON a.task_id = e.after_task_id AND a.status = 'OPEN' WHERE e.before_task_id = ANY($1)"
      " GROUP BY 1",
      ids);
  auto comments = tx.Ask<int64_t, int64_t>(
      "SELECT task_id, count(*) FROM task_comments WHERE task_id = ANY($1) GROUP BY 1", ids);
  auto parts = tx.Ask<int64_t, int64_t, int64_t>(
      "SELECT parent_task_id, count(*), count(*) FILTER (WHERE status <> 'OPEN') FROM tasks"
      " WHERE parent_task_id <> 0 AND parent_task_id = ANY($1) GROUP BY 1",
      ids);
  ASSIGN_OR_RETURN(const auto blocker_rows, blockers.All());
  ASSIGN_OR_RETURN(const auto blocking_rows, blocking.All());
  ASSIGN_OR_RETURN(const auto comment_rows, comments.All());
  ASSIGN_OR_RETURN(const auto part_rows, parts.All());
  for (const auto& [after, before] : blocker_rows) by_id.at(after)->add_blocked_by_task_ids(before);
  for (const auto& [before, count] : blocking_rows) {
    by_id.at(before)->set_blocking_count(static_cast<int32_t>(count));
  }
  for (const auto& [id, count] : comment_rows) {
    by_id.at(id)->set_comment_count(static_cast<int32_t>(count));
  }
  for (const auto& [id, count, closed] : part_rows) {
    by_id.at(id)->set_subtask_count(static_cast<int32_t>(count));
    by_id.at(id)->set_closed_subtask_count(static_cast<int32_t>(closed));
  }
  for (v1::Task& task : tasks) {
    const bool is_open = task.status() == v1::TASK_STATUS_OPEN;
    if (!is_open) task.clear_blocked_by_task_ids();
    const std::vector<v1::UrgencyReason> reasons =
        UrgencyReasons(task,
                       {.blocked = task.blocked_by_task_ids_size() > 0,
                        .blocking = is_open && task.blocking_count() > 0},
                       now);
    task.mutable_urgency_reasons()->Assign(reasons.begin(), reasons.end());
    task.set_urgency(UrgencyOf(reasons));
  }
  return absl::OkStatus();
}

absl::StatusOr<bool> HasRoomFor(Transaction& tx, int64_t owner, int64_t tasks) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT count(*) FROM (SELECT FROM tasks WHERE user_id = $1"
                                        " LIMIT $2) AS counted",
                                        owner, kMaxTasks));
  return std::get<0>(row.value()) + tasks <= kMaxTasks;
}

absl::Status Insert(Transaction& tx, int64_t actor, absl::Time now, v1::Task& task) {
  task.set_version(1);
  const std::string data = Kept(task).SerializeAsString();
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "INSERT INTO tasks (user_id, status, list_id, parent_task_id, series_id, occurrence,"
          " run_id, due_at, closed_at, version, data)"
          " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, 1, $10) RETURNING task_id",
          task.user_id(), enums::Word(task.status()), task.list_id(), task.parent_task_id(),
          task.series_id(), task.occurrence(), task.run_id(),
          TimeOf(task.has_due_at(), task.due_at()), TimeOf(task.has_closed_at(), task.closed_at()),
          postgres::BytesView{data}));
  task.set_task_id(std::get<0>(row.value()));
  if (task.has_recurrence() && task.series_id() == 0) {
    task.set_series_id(task.task_id());
    task.set_occurrence(1);
    tx.Queue("UPDATE tasks SET series_id = task_id, occurrence = 1 WHERE task_id = $1",
             task.task_id());
  }
  SaveVersion(tx, actor, "create", now, task, data);
  SaveAround(tx, now, task);
  return absl::OkStatus();
}

void Save(Transaction& tx, int64_t actor, std::string_view change, absl::Time now,
          const KnownTask& known) {
  const v1::Task& task = known.task;
  const std::string data = Kept(task).SerializeAsString();
  tx.Queue(
      "UPDATE tasks SET status = $2, list_id = $3, parent_task_id = $4, series_id = $5,"
      " occurrence = $6, due_at = $7, closed_at = $8, completions = $9, completed_by = $10,"
      " version = $11, data = $12 WHERE task_id = $1",
      task.task_id(), enums::Word(task.status()), task.list_id(), task.parent_task_id(),
      task.series_id(), task.occurrence(), TimeOf(task.has_due_at(), task.due_at()),
      TimeOf(task.has_closed_at(), task.closed_at()), known.completions, known.completed_by,
      task.version(), postgres::BytesView{data});
  SaveVersion(tx, actor, change, now, task, data);
  SaveAround(tx, now, task);
}

absl::StatusOr<int64_t> Delete(Transaction& tx, absl::Span<const int64_t> task_ids) {
  return tx.Execute("DELETE FROM tasks WHERE task_id = ANY($1)", task_ids);
}

absl::StatusOr<std::vector<int64_t>> Ancestors(Transaction& tx, int64_t owner, int64_t task_id) {
  ASSIGN_OR_RETURN(
      const auto rows,
      tx.Query<int64_t>(
          "WITH RECURSIVE up AS (SELECT task_id, parent_task_id, 1 AS level FROM tasks"
          " WHERE task_id = $1 AND user_id = $2 UNION ALL SELECT t.task_id, t.parent_task_id,"
          " up.level + 1 FROM up JOIN tasks t ON t.task_id = up.parent_task_id"
          " WHERE up.level < 20) SELECT task_id FROM up ORDER BY level",
          task_id, owner));
  std::vector<int64_t> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

absl::StatusOr<std::vector<Part>> Parts(Transaction& tx, int64_t task_id) {
  return tx.Query<Part>(
      "WITH RECURSIVE down AS (SELECT task_id, parent_task_id, 1::bigint AS level, status FROM"
      " tasks WHERE parent_task_id = $1 AND parent_task_id <> 0 UNION ALL SELECT t.task_id,"
      " t.parent_task_id, down.level + 1, t.status FROM down JOIN tasks t ON"
      " t.parent_task_id = down.task_id AND t.parent_task_id <> 0 WHERE down.level < 20)"
      " SELECT task_id, parent_task_id, level, status = 'COMPLETED' FROM down"
      " ORDER BY level, task_id",
      task_id);
}

absl::StatusOr<std::optional<KnownTask>> ReadOccurrence(Transaction& tx, int64_t owner,
                                                        int64_t series_id, int32_t occurrence) {
  ASSIGN_OR_RETURN(const std::vector<TaskRow> rows,
                   tx.Query<TaskRow>("SELECT " TASK_COLUMNS
                                     " FROM tasks t WHERE t.series_id = $1 AND t.series_id <> 0"
                                     " AND t.occurrence = $2 AND t.user_id = $3"
                                     " ORDER BY t.task_id LIMIT 1",
                                     series_id, occurrence, owner));
  if (rows.empty()) return std::nullopt;
  return ToKnown(rows.front());
}

namespace {

struct VersionRow {
  int64_t version = 0;
  int64_t actor = 0;
  std::string change;
  absl::Time at;
  postgres::Bytes data;
};

absl::StatusOr<v1::TaskVersion> ToVersion(const v1::Task& task, const VersionRow& row) {
  v1::TaskVersion version;
  version.set_version(row.version);
  version.set_actor_user_id(row.actor);
  version.set_change(row.change);
  *version.mutable_at() = timestamps::ToProto(row.at);
  if (!version.mutable_task()->ParseFromString(row.data.value)) {
    return absl::InternalError("a stored version does not parse");
  }
  version.mutable_task()->set_task_id(task.task_id());
  version.mutable_task()->set_user_id(task.user_id());
  return version;
}

}  // namespace

absl::StatusOr<std::vector<v1::TaskVersion>> ListVersions(Transaction& tx, const v1::Task& task,
                                                          int64_t before, int64_t limit) {
  ASSIGN_OR_RETURN(const std::vector<VersionRow> rows,
                   tx.Query<VersionRow>("SELECT version, actor_user_id, change, at, data FROM"
                                        " task_versions WHERE task_id = $1 AND version < $2"
                                        " ORDER BY version DESC LIMIT $3",
                                        task.task_id(), before, limit));
  std::vector<v1::TaskVersion> versions;
  for (const VersionRow& row : rows) {
    ASSIGN_OR_RETURN(v1::TaskVersion version, ToVersion(task, row));
    versions.push_back(std::move(version));
  }
  return versions;
}

absl::StatusOr<v1::TaskVersion> ReadVersion(Transaction& tx, const v1::Task& task,
                                            int64_t version) {
  ASSIGN_OR_RETURN(
      const std::optional<VersionRow> row,
      tx.QueryOne<VersionRow>("SELECT version, actor_user_id, change, at, data FROM task_versions"
                              " WHERE task_id = $1 AND version = $2",
                              task.task_id(), version));
  if (!row.has_value()) {
    return status::Error(mesh::v1::ERROR_CODE_TASK_NOT_FOUND, "no such version of the task");
  }
  return ToVersion(task, *row);
}

absl::StatusOr<std::vector<DueReminder>> TakeReminders(Transaction& tx, absl::Time now,
                                                       int64_t limit) {
  return tx.Query<DueReminder>(
      "DELETE FROM task_reminders r USING (SELECT task_id, at FROM task_reminders WHERE at <= $1"
      " ORDER BY at LIMIT $2 FOR UPDATE SKIP LOCKED) AS due WHERE r.task_id = due.task_id AND"
      " r.at = due.at RETURNING r.task_id, r.at",
      now, limit);
}

absl::StatusOr<std::map<int64_t, v1::Task>> ReadAnyTasks(Transaction& tx,
                                                         absl::Span<const int64_t> task_ids) {
  ASSIGN_OR_RETURN(const std::vector<TaskRow> rows,
                   tx.Query<TaskRow>(
                       "SELECT " TASK_COLUMNS " FROM tasks t WHERE t.task_id = ANY($1)", task_ids));
  ASSIGN_OR_RETURN(std::vector<KnownTask> known, ToKnownTasks(rows));
  std::map<int64_t, v1::Task> tasks;
  for (KnownTask& one : known) {
    const int64_t id = one.task.task_id();
    tasks[id] = std::move(one.task);
  }
  return tasks;
}

#undef TASK_COLUMNS

}  // namespace selfology::task::store
