#include "services/growth/growth_dialog/growth_dialog_store.h"

#include <optional>
#include <tuple>

#include "common/status/status_macros.h"

namespace selfology::growth_dialog::store {

using postgres::Transaction;

absl::StatusOr<std::string> ReadLanguage(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<std::string>("SELECT language FROM growth_people WHERE user_id = $1", user_id));
  return row.has_value() ? std::get<0>(*row) : std::string();
}

void SaveLanguage(Transaction& tx, int64_t user_id, std::string_view language) {
  tx.Queue(
      "INSERT INTO growth_people (user_id, language) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET language = EXCLUDED.language"
      " WHERE growth_people.language <> EXCLUDED.language",
      user_id, language);
}

absl::StatusOr<PlanStep> ReadAnsweredStep(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<PlanStep>("SELECT plan_id, plan_step FROM growth_people"
                                         " WHERE user_id = $1",
                                         user_id));
  return row.value_or(PlanStep());
}

void SaveAnsweredStep(Transaction& tx, int64_t user_id, const PlanStep& step) {
  tx.Queue(
      "UPDATE growth_people SET plan_id = $2, plan_step = $3"
      " WHERE user_id = $1 AND (plan_id, plan_step) < ($2, $3)",
      user_id, step.plan_id, static_cast<int32_t>(step.step));
}

void AddNotice(Transaction& tx, std::string_view event_id, int64_t user_id, const Notice& notice) {
  tx.Queue(
      "INSERT INTO growth_notices (event_id, user_id, kind, number, word, created_at)"
      " SELECT $1, $2, $3, $4, $5, $6 FROM growth_people WHERE user_id = $2"
      " ON CONFLICT (event_id) DO NOTHING",
      event_id, user_id, notice.kind, notice.number, notice.word, notice.created_at);
}

absl::StatusOr<std::vector<Waiting>> ListWaiting(Transaction& tx, absl::Time before,
                                                 absl::Time now) {
  return tx.Query<Waiting>(
      "SELECT n.user_id, min(n.created_at) FROM growth_notices n"
      " JOIN growth_people p ON p.user_id = n.user_id AND p.wait_until <= $2"
      " GROUP BY n.user_id HAVING min(n.created_at) <= $1 ORDER BY 2 LIMIT 200",
      before, now);
}

void SetWait(Transaction& tx, int64_t user_id, absl::Time until) {
  tx.Queue("UPDATE growth_people SET wait_until = $2 WHERE user_id = $1", user_id, until);
}

absl::StatusOr<std::vector<Notice>> TakeNotices(Transaction& tx, int64_t user_id) {
  return tx.Query<Notice>(
      "WITH taken AS (DELETE FROM growth_notices WHERE user_id = $1"
      " RETURNING kind, number, word, created_at) SELECT * FROM taken ORDER BY created_at",
      user_id);
}

absl::StatusOr<std::vector<absl::Time>> ReadTold(Transaction& tx, int64_t user_id,
                                                 absl::Time since) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<absl::Time>("SELECT told_at FROM growth_told WHERE user_id = $1"
                                        " AND told_at >= $2",
                                        user_id, since));
  std::vector<absl::Time> times;
  for (const auto& [time] : rows) times.push_back(time);
  return times;
}

void AddTold(Transaction& tx, int64_t user_id, absl::Time at) {
  tx.Queue("INSERT INTO growth_told (user_id, told_at) VALUES ($1, $2)", user_id, at);
}

absl::StatusOr<int64_t> ForgetOld(Transaction& tx, absl::Time before) {
  ASSIGN_OR_RETURN(const int64_t told,
                   tx.Execute("DELETE FROM growth_told WHERE told_at < $1", before));
  ASSIGN_OR_RETURN(const int64_t notices,
                   tx.Execute("DELETE FROM growth_notices WHERE created_at < $1", before));
  return told + notices;
}

absl::StatusOr<int64_t> DeleteUser(Transaction& tx, int64_t user_id) {
  LockPerson(tx, user_id);
  int64_t deleted = 0;
  for (const std::string_view sql : {"DELETE FROM growth_notices WHERE user_id = $1",
                                     "DELETE FROM growth_told WHERE user_id = $1",
                                     "DELETE FROM growth_people WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::growth_dialog::store
