#include "services/platform/user/skills/skill_tree.h"

#include <algorithm>
#include <functional>
#include <random>
#include <set>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::user {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'800'000'000);

Node Of(int32_t cost, std::vector<std::string> prerequisites = {}) {
  std::sort(prerequisites.begin(), prerequisites.end());
  return {.title = "A skill", .cost = cost, .prerequisites = std::move(prerequisites)};
}

std::string Reason(const absl::Status& status) { return status::Reason(status); }

Tree Scales() {
  Tree tree;
  EXPECT_TRUE(SetNode(tree, "notes", Of(1)).ok());
  EXPECT_TRUE(SetNode(tree, "scales", Of(2, {"notes"})).ok());
  return tree;
}

TEST(SkillTreeTest, UnlockingTakesPointsAndPrerequisites) {
  Tree tree = Scales();
  EXPECT_EQ(Reason(Unlock(tree, "notes", kNow).status()), "SKILL_LOCKED") << "no points";
  ASSERT_TRUE(GrantPoints(tree, 2).ok());
  EXPECT_EQ(Reason(Unlock(tree, "scales", kNow).status()), "SKILL_LOCKED") << "no notes";
  EXPECT_TRUE(Unlock(tree, "notes", kNow).value());
  EXPECT_FALSE(Unlock(tree, "notes", kNow).value()) << "again: nothing new, and no points";
  EXPECT_EQ(tree.points, 1);
  EXPECT_EQ(Reason(Unlock(tree, "scales", kNow).status()), "SKILL_LOCKED")
      << "one point is missing";
  EXPECT_EQ(Reason(Unlock(tree, "chords", kNow).status()), "SKILL_NOT_FOUND");
}

TEST(SkillTreeTest, RefusesCyclesAndWhatIsNotThere) {
  Tree tree = Scales();
  const Tree before = tree;
  EXPECT_EQ(Reason(SetNode(tree, "notes", Of(1, {"scales"}))), "INVALID_ARGUMENT");
  EXPECT_EQ(Reason(SetNode(tree, "notes", Of(1, {"notes"}))), "INVALID_ARGUMENT");
  EXPECT_EQ(Reason(SetNode(tree, "chords", Of(1, {"unknown"}))), "INVALID_ARGUMENT");
  EXPECT_EQ(Reason(RemoveNode(tree, "notes")), "INVALID_ARGUMENT");
  EXPECT_EQ(Reason(RemoveNode(tree, "unknown")), "SKILL_NOT_FOUND");
  EXPECT_EQ(tree, before);
  EXPECT_TRUE(RemoveNode(tree, "scales").ok());
  EXPECT_TRUE(RemoveNode(tree, "notes").ok());
}

TEST(SkillTreeTest, AnUnlockedNodeGetsNoLockedPrerequisite) {
  Tree tree = Scales();
  ASSERT_TRUE(GrantPoints(tree, 3).ok());
  ASSERT_TRUE(Unlock(tree, "notes", kNow).ok());
  ASSERT_TRUE(SetNode(tree, "clefs", Of(1)).ok());
  EXPECT_EQ(Reason(SetNode(tree, "notes", Of(1, {"clefs"}))), "INVALID_ARGUMENT");
  ASSERT_TRUE(SetNode(tree, "notes", Of(7)).ok());
  EXPECT_TRUE(tree.nodes.at("notes").unlocked_at.has_value()) << "it stays unlocked";
}

TEST(SkillTreeTest, NamesWhatIsWrongWithANode) {
  status::FieldViolations bad;
  CheckNode("Two Words", {.title = "", .cost = -1}, "node", bad);
  EXPECT_EQ(status::Violations(bad.ToStatus()).size(), 3u);
}

// By depth first, where the code goes by Kahn.
bool IsSound(const Tree& tree) {
  std::set<std::string> done, under_way;
  const std::function<bool(const std::string&)> visit = [&](const std::string& id) {
    if (done.contains(id)) return true;
    if (!under_way.insert(id).second || !tree.nodes.contains(id)) return false;
    const Node& node = tree.nodes.at(id);
    for (const std::string& before : node.prerequisites) {
      if (!visit(before)) return false;
      if (node.unlocked_at.has_value() && !tree.nodes.at(before).unlocked_at.has_value())
        return false;
    }
    done.insert(id);
    return true;
  };
  for (const auto& [id, node] : tree.nodes) {
    if (!visit(id)) return false;
  }
  return tree.points >= 0;
}

TEST(SkillTreeTest, AThousandRandomTreesStaySound) {
  int unlocked = 0, cycles_refused = 0;
  for (int seed = 0; seed < 1'000; ++seed) {
    std::mt19937 random(static_cast<unsigned>(seed));
    const int size = static_cast<int>(random() % 30 + 1);
    const auto any = [&] { return absl::StrCat("n", random() % static_cast<unsigned>(size)); };
    Tree tree;
    int64_t granted = 0, spent = 0;
    for (int deed = 0; deed < 120; ++deed) {
      const Tree before = tree;
      absl::Status status;
      switch (random() % 5) {
        case 0:
        case 1: {
          std::set<std::string> prerequisites;
          for (unsigned i = random() % 4; i > 0; --i) prerequisites.insert(any());
          status = SetNode(tree, any(),
                           Of(static_cast<int32_t>(random() % 20),
                              {prerequisites.begin(), prerequisites.end()}));
          cycles_refused += absl::StrContains(
              status::Violations(status).empty() ? "" : status::Violations(status)[0].rule,
              "cycle");
          break;
        }
        case 2:
          status = RemoveNode(tree, any());
          break;
        case 3: {
          const int64_t points = static_cast<int64_t>(random() % 30);
          status = GrantPoints(tree, points);
          if (status.ok()) granted += points;
          break;
        }
        case 4: {
          const std::string id = any();
          const absl::StatusOr<bool> is_new = Unlock(tree, id, kNow);
          status = is_new.status();
          if (is_new.ok() && *is_new) {
            spent += before.nodes.at(id).cost;
            ++unlocked;
          }
          break;
        }
      }
      ASSERT_TRUE(IsSound(tree)) << "tree " << seed << ", deed " << deed;
      ASSERT_TRUE(Check(tree).ok());
      ASSERT_EQ(tree.points, granted - spent);
      if (!status.ok()) ASSERT_EQ(tree, before);
    }
  }
  EXPECT_GT(unlocked, 2'000) << "too little happened to prove anything";
  EXPECT_GT(cycles_refused, 500);
}

}  // namespace
}  // namespace selfology::user
