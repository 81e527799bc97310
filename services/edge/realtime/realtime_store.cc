#include "services/edge/realtime/realtime_store.h"

#include <tuple>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::realtime::store {
namespace {

// A row: its members are the query's columns, in their order.
struct Row {
  int64_t user_id;
  int64_t position;
  std::string type;
  postgres::Json payload;
  absl::Time occurred_at;
};

}  // namespace

void Append(postgres::Transaction& tx, int64_t user_id, std::string_view type,
            std::string_view payload, absl::Time occurred_at, absl::Time now) {
  tx.Queue(
      "WITH head AS (INSERT INTO realtime_heads AS h (user_id, last_position) VALUES ($1, $2)"
      " ON CONFLICT (user_id) DO UPDATE SET last_position = h.last_position + 1"
      " RETURNING last_position)"
      " INSERT INTO realtime_log (user_id, position, type, payload, occurred_at, recorded_at)"
      " SELECT $1, last_position, $3, $4, $5, $6 FROM head",
      user_id, absl::ToUnixMillis(now), type, postgres::JsonView{payload}, occurred_at, now);
}

absl::StatusOr<std::map<int64_t, int64_t>> ReadHeads(postgres::Transaction& tx,
                                                     const std::vector<int64_t>& users) {
  ASSIGN_OR_RETURN(
      const auto rows,
      (tx.Query<int64_t, int64_t>(
          "SELECT user_id, last_position FROM realtime_heads WHERE user_id = ANY ($1)", users)));
  std::map<int64_t, int64_t> heads;
  for (const auto& [user_id, last] : rows) heads[user_id] = last;
  return heads;
}

absl::StatusOr<std::vector<LogRow>> ReadAfter(postgres::Transaction& tx,
                                              const std::map<int64_t, int64_t>& after,
                                              int64_t limit) {
  std::vector<int64_t> users, positions;
  for (const auto& [user_id, position] : after) {
    users.push_back(user_id);
    positions.push_back(position);
  }
  ASSIGN_OR_RETURN(std::vector<Row> rows,
                   tx.Query<Row>("SELECT l.user_id, l.position, l.type, l.payload, l.occurred_at"
                                 " FROM unnest($1, $2) AS wanted (user_id, after)"
                                 " CROSS JOIN LATERAL (SELECT * FROM realtime_log"
                                 " WHERE user_id = wanted.user_id AND position > wanted.after"
                                 " ORDER BY position LIMIT $3) AS l"
                                 " ORDER BY l.user_id, l.position",
                                 users, positions, limit));
  std::vector<LogRow> log;
  log.reserve(rows.size());
  for (Row& row : rows) {
    log.push_back({row.user_id, row.position, std::move(row.type), std::move(row.payload.value),
                   row.occurred_at});
  }
  return log;
}

absl::StatusOr<int64_t> DeleteBefore(postgres::Transaction& tx, absl::Time before, int64_t limit) {
  return tx.Execute(
      "DELETE FROM realtime_log WHERE (user_id, position) IN"
      " (SELECT user_id, position FROM realtime_log WHERE recorded_at < $1 LIMIT $2)",
      before, limit);
}

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  // The head first: who appends waits for it, and finds the log as it is afterwards.
  ASSIGN_OR_RETURN(const int64_t heads,
                   tx.Execute("DELETE FROM realtime_heads WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t rows,
                   tx.Execute("DELETE FROM realtime_log WHERE user_id = $1", user_id));
  return heads + rows;
}

}  // namespace selfology::realtime::store
