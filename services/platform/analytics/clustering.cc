#include "services/platform/analytics/clustering.h"

#include <algorithm>
#include <cmath>
#include <cstddef>
#include <limits>
#include <numeric>
#include <utility>

#include "absl/random/distributions.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"

namespace selfology::analytics {
namespace {

constexpr int kMostClusters = 10;
constexpr int kStarts = 12;
constexpr int kRounds = 60;
constexpr size_t kSample = 1000;

double Distance2(const std::vector<double>& a, const std::vector<double>& b) {
  double sum = 0;
  for (size_t i = 0; i < a.size(); ++i) sum += (a[i] - b[i]) * (a[i] - b[i]);
  return sum;
}

// Logarithms, each dimension of variance 1; those that are the same for all are left out.
Points Scaled(const Points& points) {
  Points scaled(points.size());
  const auto n = static_cast<double>(points.size());
  for (size_t d = 0; d < points[0].size(); ++d) {
    double sum = 0, squares = 0;
    for (const auto& point : points) {
      const double x = std::log1p(std::max(point[d], 0.0));
      sum += x;
      squares += x * x;
    }
    const double deviation = std::sqrt(std::max(squares / n - sum / n * sum / n, 0.0));
    if (deviation < 1e-6) continue;  // Below what rounding makes of equal numbers.
    for (size_t i = 0; i < points.size(); ++i) {
      scaled[i].push_back((std::log1p(std::max(points[i][d], 0.0)) - sum / n) / deviation);
    }
  }
  return scaled;
}

// k-means++: each centre is a point, likely far from those before.
Points Seed(const Points& points, size_t k, absl::BitGenRef random) {
  Points centres = {points[absl::Uniform<size_t>(random, 0, points.size())]};
  std::vector<double> nearest(points.size(), std::numeric_limits<double>::infinity());
  while (centres.size() < k) {
    double sum = 0;
    for (size_t i = 0; i < points.size(); ++i) {
      nearest[i] = std::min(nearest[i], Distance2(points[i], centres.back()));
      sum += nearest[i];
    }
    double at = absl::Uniform(random, 0.0, 1.0) * sum;
    size_t chosen = 0;
    while (chosen + 1 < points.size() && (at -= nearest[chosen]) > 0) ++chosen;
    centres.push_back(points[chosen]);
  }
  return centres;
}

struct Partition {
  std::vector<int> cluster_of;
  double inertia = std::numeric_limits<double>::infinity();
};

Partition Lloyd(const Points& points, Points centres) {
  Partition partition;
  partition.cluster_of.assign(points.size(), -1);
  for (int round = 0; round < kRounds; ++round) {
    bool moved = false;
    partition.inertia = 0;
    Points sums(centres.size(), std::vector<double>(points[0].size(), 0));
    std::vector<double> sizes(centres.size(), 0);
    for (size_t i = 0; i < points.size(); ++i) {
      int best = 0;
      double least = std::numeric_limits<double>::infinity();
      for (size_t c = 0; c < centres.size(); ++c) {
        const double distance = Distance2(points[i], centres[c]);
        if (distance < least) {
          least = distance;
          best = static_cast<int>(c);
        }
      }
      moved |= partition.cluster_of[i] != best;
      partition.cluster_of[i] = best;
      partition.inertia += least;
      const auto c = static_cast<size_t>(best);
      ++sizes[c];
      for (size_t d = 0; d < points[i].size(); ++d) sums[c][d] += points[i][d];
    }
    if (!moved) break;
    for (size_t c = 0; c < centres.size(); ++c) {
      if (sizes[c] == 0) continue;  // A centre that lost its points stays where it was.
      for (size_t d = 0; d < centres[c].size(); ++d) centres[c][d] = sums[c][d] / sizes[c];
    }
  }
  return partition;
}

Partition Best(const Points& points, size_t k, absl::BitGenRef random) {
  Partition best;
  for (int i = 0; i < kStarts; ++i) {
    Partition one = Lloyd(points, Seed(points, k, random));
    if (one.inertia < best.inertia) best = std::move(one);
  }
  return best;
}

Points CentresOf(const Points& points, const std::vector<int>& cluster_of, size_t k) {
  Points centres(k, std::vector<double>(points[0].size(), 0));
  std::vector<double> sizes(k, 0);
  for (size_t i = 0; i < points.size(); ++i) {
    const auto c = static_cast<size_t>(cluster_of[i]);
    ++sizes[c];
    for (size_t d = 0; d < points[i].size(); ++d) centres[c][d] += points[i][d];
  }
  for (size_t c = 0; c < k; ++c) {
    for (double& x : centres[c]) x /= std::max(sizes[c], 1.0);
  }
  return centres;
}

double Silhouette(const Points& points, const std::vector<int>& cluster_of, size_t k,
                  const std::vector<size_t>& sample) {
  double sum = 0;
  for (const size_t i : sample) {
    std::vector<double> distances(k, 0), sizes(k, 0);
    for (const size_t j : sample) {
      if (i == j) continue;
      const auto c = static_cast<size_t>(cluster_of[j]);
      distances[c] += std::sqrt(Distance2(points[i], points[j]));
      ++sizes[c];
    }
    const auto own = static_cast<size_t>(cluster_of[i]);
    if (sizes[own] == 0) continue;  // Alone in its group: 0.
    const double a = distances[own] / sizes[own];
    double b = std::numeric_limits<double>::infinity();
    for (size_t c = 0; c < k; ++c) {
      if (c != own && sizes[c] > 0) b = std::min(b, distances[c] / sizes[c]);
    }
    if (b == std::numeric_limits<double>::infinity()) continue;
    const double larger = std::max(a, b);
    if (larger > 0) sum += (b - a) / larger;
  }
  return sum / static_cast<double>(sample.size());
}

}  // namespace

Clustering Cluster(const Points& points, const ClusteringOptions& options, absl::BitGenRef random) {
  Clustering best;
  if (points.size() < kLeastPeople) {
    best.reason =
        absl::StrCat("there are ", points.size(), " people, and ", kLeastPeople, " are needed");
    return best;
  }
  const Points scaled = Scaled(points);
  if (scaled[0].empty()) {
    best.reason = "all people do the same";
    return best;
  }
  std::vector<size_t> sample(points.size());
  std::iota(sample.begin(), sample.end(), size_t{0});
  for (size_t i = 0; i < std::min(kSample, sample.size()); ++i) {
    std::swap(sample[i], sample[absl::Uniform<size_t>(random, i, sample.size())]);
  }
  sample.resize(std::min(kSample, sample.size()));
  // Which k is best, and about where the centres are, is asked of the sample; all points are then parted once.
  Points few;
  for (const size_t i : sample) few.push_back(scaled[i]);
  std::vector<size_t> all_of_few(few.size());
  std::iota(all_of_few.begin(), all_of_few.end(), size_t{0});
  size_t k = static_cast<size_t>(std::max(options.clusters, 0));
  Partition of_few;
  if (k > 0) {
    of_few = Best(few, k, random);
  } else {
    double highest = -2;
    for (size_t candidate = 2; candidate <= kMostClusters; ++candidate) {
      Partition partition = Best(few, candidate, random);
      const double silhouette = Silhouette(few, partition.cluster_of, candidate, all_of_few);
      if (silhouette > highest + 1e-9) {
        highest = silhouette;
        k = candidate;
        of_few = std::move(partition);
      }
    }
  }
  best.clusters = static_cast<int>(k);
  best.cluster_of = Lloyd(scaled, CentresOf(few, of_few.cluster_of, k)).cluster_of;
  best.silhouette = Silhouette(scaled, best.cluster_of, k, sample);
  best.reason = options.clusters > 0
                    ? absl::StrFormat("%d groups were asked for; silhouette %.2f", best.clusters,
                                      best.silhouette)
                    : absl::StrFormat("of 2 to %d groups, %d have the highest silhouette, %.2f",
                                      kMostClusters, best.clusters, best.silhouette);
  return best;
}

}  // namespace selfology::analytics
