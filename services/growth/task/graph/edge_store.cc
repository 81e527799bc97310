#include "services/growth/task/graph/edge_store.h"

#include <algorithm>
#include <set>
#include <string>
#include <tuple>

#include "absl/strings/str_join.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/growth/task/tasks/task_store.h"

namespace selfology::task::store {
namespace {

using postgres::Transaction;

// A rank that was never dealt out is the task's id, which is unique as well: ranks are only ever
// exchanged among an owner's tasks.
#define RANK(t) "coalesce(nullif(" t ".rank, 0), " t ".task_id)"

absl::StatusOr<std::vector<Edge>> EdgesAmong(Transaction& tx, const std::vector<int64_t>& tasks) {
  return tx.Query<Edge>(
      "SELECT before_task_id, after_task_id FROM task_edges"
      " WHERE before_task_id = ANY($1) AND after_task_id = ANY($1)",
      tasks);
}

absl::Status Cycle(const std::vector<int64_t>& path) {
  return status::Error(mesh::v1::ERROR_CODE_TASK_CYCLE,
                       "what is to come first waits for the other already",
                       {{"path", absl::StrJoin(path, ",")}});
}

// What waits for `edge.after`, directly or not, of ranks up to `high`; likewise the other way.
absl::StatusOr<Region> ReadRegion(Transaction& tx, const Edge& edge, int64_t low, int64_t high) {
  auto down = tx.Ask<Ranked>(
      "WITH RECURSIVE down AS (SELECT $1::bigint AS task_id, $2::bigint AS rank UNION"
      " SELECT t.task_id, " RANK("t") " FROM down JOIN task_edges e ON e.before_task_id ="
      " down.task_id JOIN tasks t ON t.task_id = e.after_task_id WHERE " RANK("t") " <= $3)"
      " SELECT task_id, rank FROM down",
      edge.after, low, high);
  auto up = tx.Ask<Ranked>(
      "WITH RECURSIVE up AS (SELECT $1::bigint AS task_id, $2::bigint AS rank UNION"
      " SELECT t.task_id, " RANK("t") " FROM up JOIN task_edges e ON e.after_task_id ="
      " up.task_id JOIN tasks t ON t.task_id = e.before_task_id WHERE " RANK("t") " >= $3)"
      " SELECT task_id, rank FROM up",
      edge.before, high, low);
  Region region;
  ASSIGN_OR_RETURN(region.downstream, down.All());
  ASSIGN_OR_RETURN(region.upstream, up.All());
  return region;
}

}  // namespace

absl::StatusOr<bool> AddEdge(Transaction& tx, int64_t owner, const Edge& edge) {
  ASSIGN_OR_RETURN(const auto row,
                   (tx.QueryOne<int64_t, int64_t, bool>(
                       "SELECT " RANK("b") ", " RANK(
                           "a") ", EXISTS (SELECT FROM task_edges e WHERE"
                                " e.after_task_id = a.task_id AND e.before_task_id = b.task_id)"
                                " FROM tasks b, tasks a WHERE b.task_id = $1 AND a.task_id = $2 "
                                "AND b.user_id = $3"
                                " AND a.user_id = $3",
                       edge.before, edge.after, owner)));
  if (!row.has_value()) return NotFound();
  if (edge.before == edge.after) return Cycle({edge.before, edge.after});
  const auto [high, low, is_known] = *row;
  if (is_known) return false;
  const auto insert = [&] {
    tx.Queue("INSERT INTO task_edges (user_id, before_task_id, after_task_id) VALUES ($1, $2, $3)",
             owner, edge.before, edge.after);
    return true;
  };
  if (high < low) return insert();

  ASSIGN_OR_RETURN(Region region, ReadRegion(tx, edge, low, high));
  std::set<int64_t> upstream;
  for (const Ranked& ranked : region.upstream) upstream.insert(ranked.task_id);
  std::vector<int64_t> reached;
  for (const Ranked& ranked : region.downstream) reached.push_back(ranked.task_id);
  if (std::any_of(reached.begin(), reached.end(),
                  [&](int64_t id) { return upstream.contains(id); })) {
    ASSIGN_OR_RETURN(const std::vector<Edge> edges, EdgesAmong(tx, reached));
    return Cycle(FindPath(edges, edge.after, edge.before));
  }
  std::vector<int64_t> tasks, new_ranks;
  for (const Ranked& changed : Reorder(std::move(region))) {
    tasks.push_back(changed.task_id);
    new_ranks.push_back(changed.rank);
  }
  tx.Queue(
      "UPDATE tasks SET rank = n.rank FROM unnest($1::bigint[], $2::bigint[]) AS n(task_id, rank)"
      " WHERE tasks.task_id = n.task_id",
      tasks, new_ranks);
  return insert();
}

absl::StatusOr<bool> RemoveEdge(Transaction& tx, int64_t owner, const Edge& edge) {
  ASSIGN_OR_RETURN(const int64_t removed,
                   tx.Execute("DELETE FROM task_edges WHERE user_id = $1 AND before_task_id = $2"
                              " AND after_task_id = $3",
                              owner, edge.before, edge.after));
  return removed == 1;
}

absl::StatusOr<std::vector<Edge>> ListEdges(Transaction& tx, int64_t owner, int64_t task_id,
                                            const Edge& after, int64_t limit) {
  return tx.Query<Edge>(
      "SELECT before_task_id, after_task_id FROM task_edges WHERE user_id = $1"
      " AND ($2 = 0 OR before_task_id = $2 OR after_task_id = $2)"
      " AND (before_task_id, after_task_id) > ($3, $4) ORDER BY 1, 2 LIMIT $5",
      owner, task_id, after.before, after.after, limit);
}

absl::StatusOr<std::vector<Edge>> EdgesAround(Transaction& tx, absl::Span<const int64_t> task_ids) {
  return tx.Query<Edge>(
      "SELECT before_task_id, after_task_id FROM task_edges WHERE before_task_id = ANY($1)"
      " UNION SELECT before_task_id, after_task_id FROM task_edges WHERE after_task_id = ANY($1)"
      " ORDER BY 1, 2",
      task_ids);
}

absl::StatusOr<std::vector<Edge>> OpenEdgesTo(Transaction& tx, int64_t owner, int64_t task_id) {
  if (task_id == 0) {
    return tx.Query<Edge>(
        "SELECT e.before_task_id, e.after_task_id FROM task_edges e"
        " JOIN tasks b ON b.task_id = e.before_task_id AND b.status = 'OPEN'"
        " JOIN tasks a ON a.task_id = e.after_task_id AND a.status = 'OPEN'"
        " WHERE e.user_id = $1 ORDER BY 1, 2",
        owner);
  }
  return tx.Query<Edge>(
      "WITH RECURSIVE up AS (SELECT e.before_task_id, e.after_task_id FROM task_edges e"
      " JOIN tasks b ON b.task_id = e.before_task_id AND b.status = 'OPEN'"
      " WHERE e.after_task_id = $1 UNION SELECT e.before_task_id, e.after_task_id FROM up"
      " JOIN task_edges e ON e.after_task_id = up.before_task_id"
      " JOIN tasks b ON b.task_id = e.before_task_id AND b.status = 'OPEN')"
      " SELECT before_task_id, after_task_id FROM up ORDER BY 1, 2",
      task_id);
}

absl::StatusOr<std::vector<Waiting>> WaitingFor(Transaction& tx, int64_t task_id) {
  return tx.Query<Waiting>(
      "SELECT e.after_task_id, (SELECT count(*) FROM task_edges o JOIN tasks b"
      "  ON b.task_id = o.before_task_id AND b.status = 'OPEN'"
      "  WHERE o.after_task_id = e.after_task_id AND o.before_task_id <> $1)"
      " FROM task_edges e JOIN tasks a ON a.task_id = e.after_task_id AND a.status = 'OPEN'"
      " WHERE e.before_task_id = $1 ORDER BY 1",
      task_id);
}

absl::StatusOr<int64_t> CountDownstream(Transaction& tx, int64_t task_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>(
          "WITH RECURSIVE down AS (SELECT e.after_task_id AS id FROM task_edges e JOIN tasks a"
          " ON a.task_id = e.after_task_id AND a.status = 'OPEN' WHERE e.before_task_id = $1"
          " UNION SELECT e.after_task_id FROM down JOIN task_edges e ON e.before_task_id = down.id"
          " JOIN tasks a ON a.task_id = e.after_task_id AND a.status = 'OPEN')"
          " SELECT count(*) FROM down",
          task_id));
  return std::get<0>(row.value());
}

#undef RANK

}  // namespace selfology::task::store
