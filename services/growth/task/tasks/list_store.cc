#include "services/growth/task/tasks/list_store.h"

#include <tuple>
#include <utility>

#include "common/enums/word.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task::store {
namespace {

using postgres::Transaction;

struct ListRow {
  int64_t list_id = 0;
  int64_t user_id = 0;
  std::string name;
  std::string kind;
  std::vector<std::string> columns;
  bool archived = false;
  absl::Time created_at;
  int64_t open_count = 0;
};

#define LIST_COLUMNS                                                              \
  "l.list_id, l.user_id, l.name, l.kind, l.columns, l.archived, l.created_at,"    \
  " (SELECT count(*) FROM tasks t WHERE t.list_id = l.list_id AND t.list_id <> 0" \
  "  AND t.status = 'OPEN')"

v1::TaskList ToProto(ListRow row) {
  v1::TaskList list;
  list.set_list_id(row.list_id);
  list.set_user_id(row.user_id);
  list.set_name(std::move(row.name));
  list.set_kind(enums::FromWord<v1::TaskListKind>(row.kind));
  list.mutable_columns()->Assign(row.columns.begin(), row.columns.end());
  list.set_archived(row.archived);
  *list.mutable_created_at() = timestamps::ToProto(row.created_at);
  list.set_open_count(static_cast<int32_t>(row.open_count));
  return list;
}

struct CommentRow {
  int64_t comment_id = 0;
  int64_t task_id = 0;
  int64_t user_id = 0;
  std::string text;
  absl::Time created_at;
};

std::vector<v1::TaskComment> ToProto(std::vector<CommentRow> rows) {
  std::vector<v1::TaskComment> comments;
  for (CommentRow& row : rows) {
    v1::TaskComment& comment = comments.emplace_back();
    comment.set_comment_id(row.comment_id);
    comment.set_task_id(row.task_id);
    comment.set_user_id(row.user_id);
    comment.set_text(std::move(row.text));
    *comment.mutable_created_at() = timestamps::ToProto(row.created_at);
  }
  return comments;
}

}  // namespace

absl::StatusOr<int64_t> CountLists(Transaction& tx, int64_t owner) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM task_lists WHERE user_id = $1", owner));
  return std::get<0>(row.value());
}

absl::StatusOr<std::optional<v1::TaskList>> InsertList(Transaction& tx, const v1::TaskList& list,
                                                       absl::Time now) {
  const std::vector<std::string> columns(list.columns().begin(), list.columns().end());
  ASSIGN_OR_RETURN(
      std::optional<ListRow> row,
      tx.QueryOne<ListRow>("INSERT INTO task_lists AS l (user_id, name, kind, columns, archived,"
                           " created_at) VALUES ($1, $2, $3, $4, $5, $6)"
                           " ON CONFLICT (user_id, name) DO NOTHING RETURNING " LIST_COLUMNS,
                           list.user_id(), list.name(), enums::Word(list.kind()), columns,
                           list.archived(), now));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*std::move(row));
}

absl::StatusOr<std::optional<v1::TaskList>> ReadList(Transaction& tx, int64_t owner,
                                                     int64_t list_id) {
  ASSIGN_OR_RETURN(
      std::optional<ListRow> row,
      tx.QueryOne<ListRow>("SELECT " LIST_COLUMNS
                           " FROM task_lists l WHERE l.list_id = $1 AND l.user_id = $2",
                           list_id, owner));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*std::move(row));
}

absl::StatusOr<std::vector<v1::TaskList>> ListLists(Transaction& tx, int64_t owner,
                                                    bool without_archived, int64_t after,
                                                    int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<ListRow> rows,
                   tx.Query<ListRow>("SELECT " LIST_COLUMNS
                                     " FROM task_lists l WHERE l.user_id = $1 AND l.list_id > $2"
                                     " AND NOT ($3 AND l.archived) ORDER BY l.list_id LIMIT $4",
                                     owner, after, without_archived, limit));
  std::vector<v1::TaskList> lists;
  for (ListRow& row : rows) lists.push_back(ToProto(std::move(row)));
  return lists;
}

absl::StatusOr<std::map<int64_t, std::string>> ListNames(Transaction& tx, int64_t owner) {
  ASSIGN_OR_RETURN(auto rows,
                   (tx.Query<int64_t, std::string>(
                       "SELECT list_id, name FROM task_lists WHERE user_id = $1", owner)));
  std::map<int64_t, std::string> names;
  for (auto& [id, name] : rows) names[id] = std::move(name);
  return names;
}

absl::StatusOr<bool> UpdateList(Transaction& tx, const v1::TaskList& list) {
  const std::vector<std::string> columns(list.columns().begin(), list.columns().end());
  ASSIGN_OR_RETURN(
      const int64_t changed,
      tx.Execute("UPDATE task_lists SET name = $3, kind = $4, columns = $5, archived = $6"
                 " WHERE list_id = $1 AND user_id = $2 AND NOT EXISTS (SELECT FROM task_lists o"
                 " WHERE o.user_id = $2 AND o.name = $3 AND o.list_id <> $1)",
                 list.list_id(), list.user_id(), list.name(), enums::Word(list.kind()), columns,
                 list.archived()));
  return changed == 1;
}

absl::StatusOr<bool> DeleteList(Transaction& tx, int64_t owner, int64_t list_id) {
  ASSIGN_OR_RETURN(
      const int64_t deleted,
      tx.Execute("DELETE FROM task_lists WHERE list_id = $1 AND user_id = $2", list_id, owner));
  return deleted == 1;
}

absl::StatusOr<std::vector<int64_t>> TasksOfList(Transaction& tx, int64_t owner, int64_t list_id) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<int64_t>("SELECT task_id FROM tasks WHERE list_id = $1 AND list_id <> 0"
                                     " AND user_id = $2 ORDER BY task_id",
                                     list_id, owner));
  std::vector<int64_t> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

absl::StatusOr<int64_t> InsertComment(Transaction& tx, int64_t task_id, int64_t author,
                                      std::string_view text, absl::Time now) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("INSERT INTO task_comments (task_id, user_id, text,"
                                        " created_at) VALUES ($1, $2, $3, $4) RETURNING comment_id",
                                        task_id, author, text, now));
  return std::get<0>(row.value());
}

absl::StatusOr<std::vector<v1::TaskComment>> ListComments(Transaction& tx, int64_t task_id,
                                                          int64_t after, int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<CommentRow> rows,
                   tx.Query<CommentRow>("SELECT comment_id, task_id, user_id, text, created_at FROM"
                                        " task_comments WHERE task_id = $1 AND comment_id > $2"
                                        " ORDER BY comment_id LIMIT $3",
                                        task_id, after, limit));
  return ToProto(std::move(rows));
}

absl::StatusOr<std::vector<v1::TaskComment>> ListCommentsOf(Transaction& tx, int64_t author,
                                                            int64_t before, int64_t limit) {
  ASSIGN_OR_RETURN(std::vector<CommentRow> rows,
                   tx.Query<CommentRow>("SELECT comment_id, task_id, user_id, text, created_at FROM"
                                        " task_comments WHERE user_id = $1 AND comment_id < $2"
                                        " ORDER BY comment_id DESC LIMIT $3",
                                        author, before, limit));
  return ToProto(std::move(rows));
}

absl::StatusOr<bool> DeleteComment(Transaction& tx, int64_t task_id, int64_t author,
                                   int64_t comment_id) {
  ASSIGN_OR_RETURN(const int64_t deleted,
                   tx.Execute("DELETE FROM task_comments WHERE comment_id = $1 AND task_id = $2"
                              " AND user_id = $3",
                              comment_id, task_id, author));
  return deleted == 1;
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  LockOwner(tx, user_id);
  RETURN_IF_ERROR(ForgetPerson(tx, user_id));
  int64_t deleted = 0;
  // What hangs on tasks goes with them. Of tasks of others the person's words and name go.
  for (const std::string_view sql :
       {"DELETE FROM task_sync_links WHERE sync_id IN"
        " (SELECT sync_id FROM task_syncs WHERE user_id = $1)",
        "DELETE FROM task_syncs WHERE user_id = $1", "DELETE FROM task_edges WHERE user_id = $1",
        "DELETE FROM task_comments WHERE user_id = $1 OR task_id IN"
        " (SELECT task_id FROM tasks WHERE user_id = $1)",
        "DELETE FROM task_versions WHERE task_id IN (SELECT task_id FROM tasks WHERE user_id = $1)",
        "DELETE FROM task_assignees WHERE user_id = $1 OR task_id IN"
        " (SELECT task_id FROM tasks WHERE user_id = $1)",
        "DELETE FROM task_reminders WHERE task_id IN (SELECT task_id FROM tasks WHERE user_id = "
        "$1)",
        "DELETE FROM tasks WHERE user_id = $1", "DELETE FROM task_lists WHERE user_id = $1",
        "DELETE FROM task_runs WHERE user_id = $1",
        "DELETE FROM task_templates WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
    deleted += rows;
  }
  return deleted;
}

#undef LIST_COLUMNS

}  // namespace selfology::task::store
