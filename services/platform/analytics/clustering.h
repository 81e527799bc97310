// Groups of people who do much the same: k-means, with k from 2 to 10 by the silhouette.
//
//   absl::BitGen random;
//   const Clustering groups = Cluster(points, {.clusters = 0}, random);
//   groups.cluster_of[i]                       // Of the i-th point, from 0.
//
// Points are compared after the logarithm of 1 + x, each dimension with the same variance, since what
// people do is counted over several orders of magnitude. Each k is tried from five starts
// (k-means++); the silhouette is that of at most 1,000 points.
//
// Threads: pure functions; randomness is the caller's.
// Sources: D. Arthur, S. Vassilvitskii, k-means++ (2007); P. Rousseeuw, Silhouettes (1987).
#pragma once

#include <string>
#include <vector>

#include "absl/random/bit_gen_ref.h"

namespace selfology::analytics {

using Points = std::vector<std::vector<double>>;  // All of one length, 0 or more.

inline constexpr size_t kLeastPeople = 20;

struct ClusteringOptions {
  int clusters = 0;  // 2 to 10; 0: by the silhouette.
};

struct Clustering {
  int clusters = 0;             // 0: they cannot be told apart.
  std::vector<int> cluster_of;  // Of each point.
  double silhouette = 0;
  std::string reason;
};

Clustering Cluster(const Points& points, const ClusteringOptions& options, absl::BitGenRef random);

}  // namespace selfology::analytics
