// The part of task_store.h about persons who are erased.
#include <algorithm>
#include <string>
#include <tuple>
#include <vector>

#include "common/postgres/types.h"
#include "common/status/status_macros.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task::store {
namespace {

using postgres::Transaction;

// Tasks of others that name the person $1.
#define NAMING_TASKS                                                            \
  " FROM tasks t WHERE t.user_id <> $1 AND t.task_id IN (SELECT a.task_id FROM" \
  " task_assignees a WHERE a.user_id = $1 UNION SELECT v.task_id FROM"          \
  " task_versions v WHERE v.actor_user_id = $1)"

// The bytes without the assignee.
absl::StatusOr<std::string> Without(int64_t person, const postgres::Bytes& data) {
  v1::Task task;
  if (!task.ParseFromString(data.value)) {
    return absl::InternalError("a stored task does not parse");
  }
  auto& assignees = *task.mutable_assignee_user_ids();
  assignees.erase(std::remove(assignees.begin(), assignees.end(), person), assignees.end());
  return task.SerializeAsString();
}

absl::Status ForgetInVersions(Transaction& tx, int64_t person, int64_t task_id) {
  struct Row {
    int64_t version;
    postgres::Bytes data;
  };
  ASSIGN_OR_RETURN(
      const std::vector<Row> rows,
      tx.Query<Row>("SELECT version, data FROM task_versions WHERE task_id = $1", task_id));
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(const std::string data, Without(person, row.data));
    if (data == row.data.value) continue;
    tx.Queue("UPDATE task_versions SET data = $3 WHERE task_id = $1 AND version = $2", task_id,
             row.version, postgres::BytesView{data});
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status ForgetPerson(Transaction& tx, int64_t person) {
  ASSIGN_OR_RETURN(
      const auto owners,
      tx.Query<int64_t>("SELECT DISTINCT t.user_id" NAMING_TASKS " ORDER BY 1", person));
  // What an owner changes meanwhile would bring the person back.
  for (const auto& [owner] : owners) LockOwner(tx, owner);
  struct Row {
    int64_t task_id;
    postgres::Bytes data;
  };
  ASSIGN_OR_RETURN(const std::vector<Row> rows,
                   tx.Query<Row>("SELECT t.task_id, t.data" NAMING_TASKS, person));
  for (const Row& row : rows) {
    ASSIGN_OR_RETURN(const std::string data, Without(person, row.data));
    tx.Queue(
        "UPDATE tasks SET data = $2, completed_by = CASE WHEN completed_by = $3 THEN 0 ELSE"
        " completed_by END WHERE task_id = $1",
        row.task_id, postgres::BytesView{data}, person);
    RETURN_IF_ERROR(ForgetInVersions(tx, person, row.task_id));
  }
  tx.Queue("UPDATE task_versions SET actor_user_id = 0 WHERE actor_user_id = $1", person);
  return absl::OkStatus();
}

#undef NAMING_TASKS

}  // namespace selfology::task::store
