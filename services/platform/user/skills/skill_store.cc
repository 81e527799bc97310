#include "services/platform/user/skills/skill_store.h"

#include <map>
#include <tuple>
#include <utility>

#include "common/status/status_macros.h"

namespace selfology::user::store {
namespace {

using postgres::Transaction;

struct TreeRow {
  int64_t tree_id = 0;
  std::string title;
  int64_t points = 0;
  absl::Time created_at;
};

struct NodeRow {
  int64_t tree_id = 0;
  std::string node_id;
  std::string title;
  int64_t cost = 0;
  std::vector<std::string> prerequisites;
  std::optional<absl::Time> unlocked_at;
};

absl::StatusOr<std::vector<KnownTree>> WithNodes(Transaction& tx, std::vector<TreeRow> rows) {
  std::vector<KnownTree> trees;
  std::vector<int64_t> ids;
  std::map<int64_t, size_t> places;
  for (TreeRow& row : rows) {
    places[row.tree_id] = trees.size();
    ids.push_back(row.tree_id);
    trees.push_back({row.tree_id, std::move(row.title), row.created_at, {.points = row.points}});
  }
  if (ids.empty()) return trees;
  ASSIGN_OR_RETURN(std::vector<NodeRow> nodes,
                   tx.Query<NodeRow>("SELECT tree_id, node_id, title, cost, prerequisites,"
                                     " unlocked_at FROM user_skill_nodes WHERE tree_id = ANY($1)",
                                     ids));
  for (NodeRow& row : nodes) {
    trees[places.at(row.tree_id)].tree.nodes[row.node_id] = {
        std::move(row.title), static_cast<int32_t>(row.cost), std::move(row.prerequisites),
        row.unlocked_at};
  }
  return trees;
}

}  // namespace

absl::StatusOr<int64_t> InsertTree(Transaction& tx, int64_t user_id, const KnownTree& tree) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("INSERT INTO user_skill_trees (user_id, title, points,"
                                        " created_at) VALUES ($1, $2, $3, $4) RETURNING tree_id",
                                        user_id, tree.title, tree.tree.points, tree.created_at));
  const int64_t tree_id = std::get<0>(row.value());
  SaveTree(tx, tree_id, {.points = tree.tree.points}, tree.tree);
  return tree_id;
}

absl::StatusOr<int> CountTrees(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM user_skill_trees WHERE user_id = $1", user_id));
  return static_cast<int>(std::get<0>(row.value()));
}

absl::StatusOr<std::optional<KnownTree>> ReadTree(Transaction& tx, int64_t user_id,
                                                  int64_t tree_id) {
  ASSIGN_OR_RETURN(std::vector<TreeRow> rows,
                   tx.Query<TreeRow>("SELECT tree_id, title, points, created_at"
                                     " FROM user_skill_trees WHERE user_id = $1 AND tree_id = $2",
                                     user_id, tree_id));
  ASSIGN_OR_RETURN(std::vector<KnownTree> trees, WithNodes(tx, std::move(rows)));
  if (trees.empty()) return std::nullopt;
  return std::move(trees.front());
}

absl::StatusOr<std::vector<KnownTree>> ListTrees(Transaction& tx, int64_t user_id, int64_t after_id,
                                                 int limit) {
  ASSIGN_OR_RETURN(std::vector<TreeRow> rows,
                   tx.Query<TreeRow>("SELECT tree_id, title, points, created_at"
                                     " FROM user_skill_trees WHERE user_id = $1 AND tree_id > $2"
                                     " ORDER BY tree_id LIMIT $3",
                                     user_id, after_id, limit));
  return WithNodes(tx, std::move(rows));
}

void SaveTree(Transaction& tx, int64_t tree_id, const Tree& before, const Tree& after) {
  if (before.points != after.points) {
    tx.Queue("UPDATE user_skill_trees SET points = $2 WHERE tree_id = $1", tree_id, after.points);
  }
  for (const auto& [id, node] : before.nodes) {
    if (!after.nodes.contains(id)) {
      tx.Queue("DELETE FROM user_skill_nodes WHERE tree_id = $1 AND node_id = $2", tree_id, id);
    }
  }
  for (const auto& [id, node] : after.nodes) {
    const auto known = before.nodes.find(id);
    if (known != before.nodes.end() && known->second == node) continue;
    tx.Queue(
        "INSERT INTO user_skill_nodes (tree_id, node_id, title, cost, prerequisites, unlocked_at)"
        " VALUES ($1, $2, $3, $4, $5, $6) ON CONFLICT (tree_id, node_id) DO UPDATE SET"
        " title = EXCLUDED.title, cost = EXCLUDED.cost, prerequisites = EXCLUDED.prerequisites,"
        " unlocked_at = EXCLUDED.unlocked_at",
        tree_id, id, node.title, node.cost, node.prerequisites, node.unlocked_at);
  }
}

absl::StatusOr<bool> DeleteTree(Transaction& tx, int64_t user_id, int64_t tree_id) {
  ASSIGN_OR_RETURN(const int64_t deleted,
                   tx.Execute("DELETE FROM user_skill_trees WHERE user_id = $1 AND tree_id = $2",
                              user_id, tree_id));
  return deleted == 1;
}

absl::StatusOr<int64_t> DeleteSkills(Transaction& tx, int64_t user_id) {
  LockSkills(tx, user_id);
  ASSIGN_OR_RETURN(const int64_t nodes,
                   tx.Execute("DELETE FROM user_skill_nodes WHERE tree_id IN"
                              " (SELECT tree_id FROM user_skill_trees WHERE user_id = $1)",
                              user_id));
  ASSIGN_OR_RETURN(const int64_t trees,
                   tx.Execute("DELETE FROM user_skill_trees WHERE user_id = $1", user_id));
  return nodes + trees;
}

}  // namespace selfology::user::store
