#include "services/growth/task/graph/dependency_graph.h"

#include <map>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::task {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(DependencyGraphTest, FindsAShortestWay) {
  const std::vector<Edge> edges = {{1, 2}, {2, 3}, {3, 4}, {1, 5}, {5, 4}};
  EXPECT_THAT(FindPath(edges, 1, 4), ElementsAre(1, 5, 4));
  EXPECT_THAT(FindPath(edges, 4, 1), IsEmpty());
  EXPECT_THAT(FindPath(edges, 3, 3), ElementsAre(3));
}

TEST(DependencyGraphTest, CriticalPathIsTheLongest) {
  // 1 (10) -> 2 (20) -> 4 (5);  1 -> 3 (30) -> 4;  5 (15) alone.
  const std::map<int64_t, int64_t> minutes = {{1, 10}, {2, 20}, {3, 30}, {4, 5}, {5, 15}};
  const CriticalPath found =
      FindCriticalPath(minutes, std::vector<Edge>{{1, 2}, {2, 4}, {1, 3}, {3, 4}});
  EXPECT_EQ(found.minutes, 45);
  EXPECT_THAT(found.path, ElementsAre(1, 3, 4));
  std::map<int64_t, int64_t> slack, start;
  for (const Planned& task : found.tasks) {
    slack[task.task_id] = task.slack;
    start[task.task_id] = task.earliest_start;
  }
  EXPECT_EQ(slack, (std::map<int64_t, int64_t>{{1, 0}, {2, 10}, {3, 0}, {4, 0}, {5, 30}}));
  EXPECT_EQ(start, (std::map<int64_t, int64_t>{{1, 0}, {2, 10}, {3, 10}, {4, 40}, {5, 0}}));
}

TEST(DependencyGraphTest, AGraphWithACycleHasNoCriticalPath) {
  EXPECT_THAT(FindCriticalPath({{1, 1}, {2, 1}}, std::vector<Edge>{{1, 2}, {2, 1}}).path,
              IsEmpty());
  EXPECT_THAT(FindCriticalPath({}, {}).path, IsEmpty());
}

// A graph kept by Reorder alone, as the store keeps it, against one that is searched as a whole.
class Model {
 public:
  explicit Model(int tasks) {
    for (int id = 1; id <= tasks; ++id) rank_[id] = id;
  }
  // False: it would close a cycle.
  bool Add(const Edge& edge) {
    if (rank_[edge.before] > rank_[edge.after]) {
      Region region;
      Reach(edge.after, rank_[edge.before], true, region.downstream);
      Reach(edge.before, rank_[edge.after], false, region.upstream);
      std::set<int64_t> seen;
      for (const Ranked& one : region.downstream) seen.insert(one.task_id);
      for (const Ranked& one : region.upstream) {
        if (seen.contains(one.task_id)) return false;
      }
      for (const Ranked& one : Reorder(region)) rank_[one.task_id] = one.rank;
    }
    edges_.insert(edge);
    return true;
  }
  bool IsOrdered() const {
    std::set<int64_t> ranks;
    for (const auto& [id, rank] : rank_) ranks.insert(rank);
    if (ranks.size() != rank_.size()) return false;
    for (const Edge& edge : edges_) {
      if (rank_.at(edge.before) >= rank_.at(edge.after)) return false;
    }
    return true;
  }
  std::vector<Edge> edges() const { return {edges_.begin(), edges_.end()}; }

 private:
  void Reach(int64_t from, int64_t limit, bool down, std::vector<Ranked>& found) {
    std::set<int64_t> seen = {from};
    std::vector<int64_t> open = {from};
    while (!open.empty()) {
      const int64_t at = open.back();
      open.pop_back();
      found.push_back({at, rank_[at]});
      for (const Edge& edge : edges_) {
        if ((down ? edge.before : edge.after) != at) continue;
        const int64_t next = down ? edge.after : edge.before;
        if ((down ? rank_[next] <= limit : rank_[next] >= limit) && seen.insert(next).second) {
          open.push_back(next);
        }
      }
    }
  }
  std::map<int64_t, int64_t> rank_;
  std::set<Edge> edges_;
};

TEST(DependencyGraphTest, RandomEdgesKeepTheOrderAndRefuseExactlyTheCycles) {
  for (uint32_t seed = 1; seed <= 20; ++seed) {
    std::mt19937 random(seed);
    Model model(30);
    for (int i = 0; i < 150; ++i) {
      const Edge edge = {static_cast<int64_t>(random() % 30 + 1),
                         static_cast<int64_t>(random() % 30 + 1)};
      if (edge.before == edge.after) continue;
      const bool closes = !FindPath(model.edges(), edge.after, edge.before).empty();
      EXPECT_EQ(model.Add(edge), !closes);
      ASSERT_TRUE(model.IsOrdered()) << "seed " << seed << ", edge " << i;
    }
  }
}

}  // namespace
}  // namespace selfology::task
