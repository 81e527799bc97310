#include "services/platform/user/skills/skill_tree.h"

#include <algorithm>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::user {
namespace {

constexpr size_t kMaxIdLength = 32;
constexpr int kMaxTitleLength = 100;

absl::Status NotFound() {
  return status::Error(mesh::v1::ERROR_CODE_SKILL_NOT_FOUND, "no such node in the tree");
}

bool IsUnlocked(const Tree& tree, std::string_view node_id) {
  const auto found = tree.nodes.find(node_id);
  return found != tree.nodes.end() && found->second.unlocked_at.has_value();
}

bool IsIdLetter(char letter) {
  return (letter >= 'a' && letter <= 'z') || (letter >= '0' && letter <= '9') || letter == '_' ||
         letter == '-';
}

// Kahn: takes out, again and again, nodes whose prerequisites are all out. What cannot be taken out
// lies on a cycle or behind one.
bool HasCycle(const Tree& tree) {
  std::map<std::string_view, int> waiting_for;
  std::map<std::string_view, std::vector<std::string_view>> next;
  std::vector<std::string_view> ready;
  for (const auto& [id, node] : tree.nodes) {
    waiting_for[id] = static_cast<int>(node.prerequisites.size());
    if (node.prerequisites.empty()) ready.push_back(id);
    for (const std::string& prerequisite : node.prerequisites) next[prerequisite].push_back(id);
  }
  size_t out = 0;
  while (!ready.empty()) {
    const std::string_view id = ready.back();
    ready.pop_back();
    ++out;
    for (const std::string_view after : next[id]) {
      if (--waiting_for[after] == 0) ready.push_back(after);
    }
  }
  return out != tree.nodes.size();
}

}  // namespace

absl::Status Check(const Tree& tree) {
  if (tree.points < 0) return status::InvalidField("points", "must not be below 0");
  if (tree.nodes.size() > kMaxNodes) {
    return status::InvalidField("nodes", absl::StrCat("must be at most ", kMaxNodes));
  }
  for (const auto& [id, node] : tree.nodes) {
    for (const std::string& prerequisite : node.prerequisites) {
      if (!tree.nodes.contains(prerequisite)) {
        return status::InvalidField("prerequisite_ids", "must be nodes of the tree");
      }
      if (node.unlocked_at.has_value() && !IsUnlocked(tree, prerequisite)) {
        return status::InvalidField("prerequisite_ids", "must be unlocked, as the node itself is");
      }
    }
  }
  if (HasCycle(tree)) return status::InvalidField("prerequisite_ids", "must not make a cycle");
  return absl::OkStatus();
}

void CheckNode(std::string_view node_id, const Node& node, std::string_view field,
               status::FieldViolations& bad) {
  if (node_id.empty() || node_id.size() > kMaxIdLength ||
      !std::all_of(node_id.begin(), node_id.end(), IsIdLetter)) {
    bad.Add(absl::StrCat(field, ".node_id"), "must be 1 to 32 of [a-z0-9_-]");
  }
  const int length = text::Characters(node.title);
  if (length < 1 || length > kMaxTitleLength || !text::IsStorable(node.title)) {
    bad.Add(absl::StrCat(field, ".title"), "must be 1 to 100 characters");
  }
  if (node.cost < 0 || node.cost > kMaxCost) {
    bad.Add(absl::StrCat(field, ".cost"), "must be 0 to 1000000");
  }
}

absl::Status SetNode(Tree& tree, const std::string& node_id, Node node) {
  Tree changed = tree;
  Node& place = changed.nodes[node_id];
  node.unlocked_at = place.unlocked_at;
  place = std::move(node);
  RETURN_IF_ERROR(Check(changed));
  tree = std::move(changed);
  return absl::OkStatus();
}

absl::Status RemoveNode(Tree& tree, std::string_view node_id) {
  const auto found = tree.nodes.find(node_id);
  if (found == tree.nodes.end()) return NotFound();
  for (const auto& [id, node] : tree.nodes) {
    if (std::binary_search(node.prerequisites.begin(), node.prerequisites.end(), node_id)) {
      return status::InvalidField("node_id", "must not be a prerequisite of another node");
    }
  }
  tree.nodes.erase(found);
  return absl::OkStatus();
}

absl::Status GrantPoints(Tree& tree, int64_t points) {
  if (points < 1 || points > kMaxCost) {
    return status::InvalidField("points", "must be 1 to 1000000");
  }
  tree.points = std::min(tree.points + points, kMaxPoints);
  return absl::OkStatus();
}

absl::StatusOr<bool> Unlock(Tree& tree, std::string_view node_id, absl::Time now) {
  const auto found = tree.nodes.find(node_id);
  if (found == tree.nodes.end()) return NotFound();
  Node& node = found->second;
  if (node.unlocked_at.has_value()) return false;
  for (const std::string& prerequisite : node.prerequisites) {
    if (!IsUnlocked(tree, prerequisite)) {
      return status::Error(mesh::v1::ERROR_CODE_SKILL_LOCKED, "a prerequisite is locked",
                           {{"prerequisite_id", prerequisite}});
    }
  }
  if (tree.points < node.cost) {
    return status::Error(mesh::v1::ERROR_CODE_SKILL_LOCKED, "there are too few points",
                         {{"missing_points", absl::StrCat(node.cost - tree.points)}});
  }
  tree.points -= node.cost;
  node.unlocked_at = now;
  return true;
}

}  // namespace selfology::user
