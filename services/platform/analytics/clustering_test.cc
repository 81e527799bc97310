#include "services/platform/analytics/clustering.h"

#include <algorithm>
#include <map>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analytics {
namespace {

using ::testing::HasSubstr;

// Of two partitions of the same points; 1: the same, about 0: chance (Hubert and Arabie, 1985).
double AdjustedRand(const std::vector<int>& a, const std::vector<int>& b) {
  std::map<std::pair<int, int>, double> both;
  std::map<int, double> left, right;
  for (size_t i = 0; i < a.size(); ++i) {
    ++both[{a[i], b[i]}];
    ++left[a[i]];
    ++right[b[i]];
  }
  const auto pairs = [](double n) { return n * (n - 1) / 2; };
  double index = 0, of_left = 0, of_right = 0;
  for (const auto& cell : both) index += pairs(cell.second);
  for (const auto& cell : left) of_left += pairs(cell.second);
  for (const auto& cell : right) of_right += pairs(cell.second);
  const double expected = of_left * of_right / pairs(static_cast<double>(a.size()));
  return (index - expected) / ((of_left + of_right) / 2 - expected);
}

// Groups of people whose habits differ by orders of magnitude. No habit is so rare in all of them that having it once
// or never would be a group of its own.
Points Planted(int groups, size_t people, std::vector<int>& truth, absl::BitGenRef random) {
  const std::vector<std::vector<double>> kinds = {
      {100, 5, 30, 4}, {5, 80, 30, 60}, {5, 5, 300, 4}, {60, 60, 60, 60}};
  Points points;
  truth.clear();
  for (size_t i = 0; i < people; ++i) {
    const auto kind = i % static_cast<size_t>(groups);
    truth.push_back(static_cast<int>(kind));
    std::vector<double>& point = points.emplace_back();
    for (const double mean : kinds[kind]) {
      point.push_back(static_cast<double>(absl::Poisson<int>(random, mean)));
    }
  }
  return points;
}

TEST(ClusteringTest, FindsThePlantedGroupsAndTheirNumber) {
  absl::BitGen random;
  for (const int groups : {2, 3, 4}) {
    std::vector<int> truth;
    const Points points = Planted(groups, 600, truth, random);
    const Clustering clustering = Cluster(points, {}, random);
    EXPECT_EQ(clustering.clusters, groups) << clustering.reason;
    EXPECT_GT(AdjustedRand(clustering.cluster_of, truth), 0.9);
    EXPECT_GT(clustering.silhouette, 0.5);
  }
}

TEST(ClusteringTest, StaysTheSameWhenOneOfAHundredChanges) {
  absl::BitGen random;
  std::vector<int> truth;
  Points points = Planted(4, 1000, truth, random);
  const Clustering before = Cluster(points, {}, random);
  for (int i = 0; i < 10; ++i) std::swap(points[static_cast<size_t>(i)], points[500 + i]);
  const Clustering after = Cluster(points, {}, random);
  EXPECT_GT(AdjustedRand(before.cluster_of, after.cluster_of), 0.9);
}

TEST(ClusteringTest, MakesAsManyGroupsAsAskedFor) {
  absl::BitGen random;
  std::vector<int> truth;
  const Clustering clustering = Cluster(Planted(3, 300, truth, random), {.clusters = 5}, random);
  EXPECT_EQ(clustering.clusters, 5);
  EXPECT_EQ(*std::max_element(clustering.cluster_of.begin(), clustering.cluster_of.end()), 4);
}

TEST(ClusteringTest, SaysWhenPeopleCannotBeToldApart) {
  absl::BitGen random;
  const Clustering few = Cluster(Points(19, {1, 2}), {}, random);
  EXPECT_EQ(few.clusters, 0);
  EXPECT_THAT(few.reason, HasSubstr("19 people"));
  const Clustering same = Cluster(Points(50, {1, 2}), {}, random);
  EXPECT_EQ(same.clusters, 0);
  EXPECT_THAT(same.reason, HasSubstr("the same"));
  EXPECT_EQ(Cluster({}, {}, random).clusters, 0);
}

}  // namespace
}  // namespace selfology::analytics
