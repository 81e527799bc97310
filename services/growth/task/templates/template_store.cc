#include "services/growth/task/templates/template_store.h"

#include <tuple>
#include <utility>

#include "common/postgres/types.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::task::store {
namespace {

using postgres::Transaction;

struct TemplateRow {
  int64_t template_id = 0;
  int64_t user_id = 0;
  absl::Time created_at;
  std::optional<absl::Time> next_run_at;
  int64_t last_run_id = 0;
  postgres::Bytes data;
};

#define TEMPLATE_COLUMNS "template_id, user_id, created_at, next_run_at, last_run_id, data"

absl::StatusOr<v1::TaskTemplate> ToProto(const TemplateRow& row) {
  v1::TaskTemplate tmpl;
  if (!tmpl.ParseFromString(row.data.value)) {
    return absl::InternalError("a stored template does not parse");
  }
  tmpl.set_template_id(row.template_id);
  tmpl.set_user_id(row.user_id);
  *tmpl.mutable_created_at() = timestamps::ToProto(row.created_at);
  // The column says it; what is kept says what it was at first.
  tmpl.clear_next_run_at();
  if (row.next_run_at.has_value()) {
    *tmpl.mutable_next_run_at() = timestamps::ToProto(*row.next_run_at);
  }
  tmpl.set_last_run_id(row.last_run_id);
  return tmpl;
}

}  // namespace

absl::StatusOr<int64_t> CountTemplates(Transaction& tx, int64_t owner) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM task_templates WHERE user_id = $1", owner));
  return std::get<0>(row.value());
}

absl::StatusOr<int64_t> InsertTemplate(Transaction& tx, const v1::TaskTemplate& tmpl) {
  std::optional<absl::Time> next;
  if (tmpl.has_next_run_at()) next = timestamps::FromProto(tmpl.next_run_at());
  const std::string data = tmpl.SerializeAsString();
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("INSERT INTO task_templates (user_id, created_at,"
                                        " next_run_at, data) VALUES ($1, $2, $3, $4)"
                                        " RETURNING template_id",
                                        tmpl.user_id(), timestamps::FromProto(tmpl.created_at()),
                                        next, postgres::BytesView{data}));
  return std::get<0>(row.value());
}

absl::StatusOr<std::optional<v1::TaskTemplate>> ReadTemplate(Transaction& tx, int64_t owner,
                                                             int64_t template_id) {
  ASSIGN_OR_RETURN(const std::optional<TemplateRow> row,
                   tx.QueryOne<TemplateRow>("SELECT " TEMPLATE_COLUMNS
                                            " FROM task_templates WHERE template_id = $1"
                                            " AND user_id = $2",
                                            template_id, owner));
  if (!row.has_value()) return std::nullopt;
  return ToProto(*row);
}

absl::StatusOr<std::vector<v1::TaskTemplate>> ListTemplates(Transaction& tx, int64_t owner,
                                                            int64_t after, int64_t limit) {
  ASSIGN_OR_RETURN(
      const std::vector<TemplateRow> rows,
      tx.Query<TemplateRow>("SELECT " TEMPLATE_COLUMNS " FROM task_templates WHERE user_id = $1 AND"
                            " template_id > $2 ORDER BY template_id LIMIT $3",
                            owner, after, limit));
  std::vector<v1::TaskTemplate> templates;
  for (const TemplateRow& row : rows) {
    ASSIGN_OR_RETURN(v1::TaskTemplate tmpl, ToProto(row));
    templates.push_back(std::move(tmpl));
  }
  return templates;
}

absl::StatusOr<bool> DeleteTemplate(Transaction& tx, int64_t owner, int64_t template_id) {
  ASSIGN_OR_RETURN(const int64_t deleted,
                   tx.Execute("DELETE FROM task_templates WHERE template_id = $1 AND user_id = $2",
                              template_id, owner));
  return deleted == 1;
}

void Plan(Transaction& tx, int64_t template_id, std::optional<absl::Time> next_run, bool waits) {
  tx.Queue("UPDATE task_templates SET next_run_at = $2, waits = $3 WHERE template_id = $1",
           template_id, next_run, waits);
}

absl::StatusOr<int64_t> InsertRun(Transaction& tx, const v1::TaskTemplate& tmpl, absl::Time day) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>(
                                       "INSERT INTO task_runs (template_id, user_id, day, task_ids)"
                                       " VALUES ($1, $2, $3, '{}') RETURNING run_id",
                                       tmpl.template_id(), tmpl.user_id(), day));
  return std::get<0>(row.value());
}

void SetRunTasks(Transaction& tx, int64_t template_id, int64_t run_id,
                 absl::Span<const int64_t> task_ids) {
  tx.Queue("UPDATE task_runs SET task_ids = $2 WHERE run_id = $1", run_id, task_ids);
  tx.Queue("UPDATE task_templates SET last_run_id = $2 WHERE template_id = $1", template_id,
           run_id);
}

absl::StatusOr<std::optional<Run>> ReadRun(Transaction& tx, int64_t run_id) {
  return tx.QueryOne<Run>("SELECT day, task_ids FROM task_runs WHERE run_id = $1", run_id);
}

absl::StatusOr<std::vector<DueTemplate>> DueTemplates(Transaction& tx, absl::Time now) {
  return tx.Query<DueTemplate>(
      "SELECT template_id, user_id FROM task_templates WHERE next_run_at <= $1 UNION ALL"
      " SELECT t.template_id, t.user_id FROM task_templates t WHERE t.waits AND NOT EXISTS"
      " (SELECT FROM tasks k WHERE k.run_id = t.last_run_id AND k.run_id <> 0 AND"
      " k.status = 'OPEN') LIMIT 100",
      now);
}

absl::StatusOr<std::optional<absl::Time>> RunClosedAt(Transaction& tx, int64_t run_id,
                                                      absl::Time otherwise) {
  ASSIGN_OR_RETURN(const auto row,
                   (tx.QueryOne<int64_t, std::optional<absl::Time>>(
                       "SELECT count(*) FILTER (WHERE status = 'OPEN'), max(closed_at) FROM tasks"
                       " WHERE run_id = $1 AND run_id <> 0",
                       run_id)));
  const auto& [open, closed_at] = row.value();
  if (open > 0) return std::nullopt;
  return closed_at.value_or(otherwise);
}

absl::StatusOr<bool> Waits(Transaction& tx, int64_t template_id) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<bool>("SELECT waits FROM task_templates"
                                                     " WHERE template_id = $1",
                                                     template_id));
  return row.has_value() && std::get<0>(*row);
}

#undef TEMPLATE_COLUMNS

}  // namespace selfology::task::store
