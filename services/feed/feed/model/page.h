// A page of the feed: the best posts, not too many of one channel in a row, and now and then one by
// chance, to learn what the model does not know. Each comes with the probability with which it was put
// into its place, so that rankings can be judged later by what was logged.
//
//   std::vector<Shown> page = ComposePage(order, candidates, {.size = 10, .exploration = 0.1}, random);
//
// In each place, given those before it, the post is the best remaining one with probability 1 -
// exploration, and otherwise any of the next kPool, all alike.
//
// Threads: pure functions; `random` gives numbers of [0, 1).
// Source: epsilon-greedy with logged propensities: Li, Chu, Langford, Wang, Unbiased Offline Evaluation
// of Contextual-bandit-based News Article Recommendation Algorithms, WSDM 2011.
#pragma once

#include <cstddef>
#include <functional>
#include <vector>

#include "absl/types/span.h"
#include "services/feed/feed/model/ranking.h"

namespace selfology::feed {

inline constexpr size_t kPool = 50;

struct Shown {
  Scored scored = {};
  double propensity = 1;        // 0 to 1.
  bool is_exploration = false;  // It is not the best that was left.
};

struct PageOptions {
  size_t size = 10;
  double exploration = 0.1;  // 0 to 1.
};

std::vector<Shown> ComposePage(absl::Span<const Scored> order,
                               absl::Span<const Candidate> candidates, const PageOptions& options,
                               const std::function<double()>& random);

}  // namespace selfology::feed
