// All SQL of dependencies. As task_store.h; changes need LockOwner.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "common/postgres/transaction.h"
#include "services/growth/task/graph/dependency_graph.h"

namespace selfology::task::store {

// Makes `edge.after` wait for `edge.before`. False: it does so already. TASK_NOT_FOUND: they are not
// both tasks of the owner. TASK_CYCLE with the metadatum "path": it cannot; the transaction is as
// before.
absl::StatusOr<bool> AddEdge(postgres::Transaction& tx, int64_t owner, const Edge& edge);
absl::StatusOr<bool> RemoveEdge(postgres::Transaction& tx, int64_t owner, const Edge& edge);

// Edges behind `after`, in order; of one task or, if that is 0, of all.
absl::StatusOr<std::vector<Edge>> ListEdges(postgres::Transaction& tx, int64_t owner,
                                            int64_t task_id, const Edge& after, int64_t limit);
// Edges from or to any of the tasks.
absl::StatusOr<std::vector<Edge>> EdgesAround(postgres::Transaction& tx,
                                              absl::Span<const int64_t> task_ids);
// Edges between open tasks that lead to `task_id`, directly or not; if that is 0, all.
absl::StatusOr<std::vector<Edge>> OpenEdgesTo(postgres::Transaction& tx, int64_t owner,
                                              int64_t task_id);

// Which open tasks wait for `task_id`, and for how many other open ones.
struct Waiting {
  int64_t task_id = 0;
  int64_t others = 0;
};
absl::StatusOr<std::vector<Waiting>> WaitingFor(postgres::Transaction& tx, int64_t task_id);
// How many open tasks wait for it, directly or not.
absl::StatusOr<int64_t> CountDownstream(postgres::Transaction& tx, int64_t task_id);

}  // namespace selfology::task::store
