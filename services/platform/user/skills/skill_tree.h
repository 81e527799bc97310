// Skill trees: nodes with prerequisites, points, and what may be unlocked.
//
//   Tree tree = ...;
//   RETURN_IF_ERROR(Unlock(tree, "scales", now));
//
// Of every tree that these functions leave: no cycle among prerequisites, all of which are in the tree;
// no unlocked node without its prerequisites unlocked; points never below 0. What is refused changes
// nothing. Errors: SKILL_NOT_FOUND, SKILL_LOCKED, INVALID_ARGUMENT. Threads: pure functions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/status/status.h"

namespace selfology::user {

inline constexpr int kMaxNodes = 500;
inline constexpr int kMaxCost = 1'000'000;
inline constexpr int64_t kMaxPoints = int64_t{1} << 53;

struct Node {
  std::string title = {};
  int32_t cost = 0;
  std::vector<std::string> prerequisites = {};  // Sorted, each once.
  std::optional<absl::Time> unlocked_at = std::nullopt;
  friend bool operator==(const Node&, const Node&) = default;
};

struct Tree {
  int64_t points = 0;
  std::map<std::string, Node, std::less<>> nodes = {};
  friend bool operator==(const Tree&, const Tree&) = default;
};

// Whether it is sound: what the top of this file says.
absl::Status Check(const Tree& tree);

// Of ids, titles and costs; `field`: the node's, such as "node".
void CheckNode(std::string_view node_id, const Node& node, std::string_view field,
               status::FieldViolations& bad);

// Adds a node or replaces it. What is unlocked stays so.
absl::Status SetNode(Tree& tree, const std::string& node_id, Node node);
absl::Status RemoveNode(Tree& tree, std::string_view node_id);
absl::Status GrantPoints(Tree& tree, int64_t points);
// True when that is new.
absl::StatusOr<bool> Unlock(Tree& tree, std::string_view node_id, absl::Time now);

}  // namespace selfology::user
