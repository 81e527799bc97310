#include "services/feed/feed/model/page.h"

#include <algorithm>

namespace selfology::feed {
namespace {

// What a post loses for each of the last three of its channel.
constexpr double kSameChannel = 0.15;
constexpr size_t kLookBack = 3;

double Penalty(const std::vector<Shown>& page, absl::Span<const Candidate> candidates,
               size_t candidate) {
  double penalty = 0;
  for (size_t i = page.size() - std::min(page.size(), kLookBack); i < page.size(); ++i) {
    const Candidate& before = candidates[page[i].scored.candidate];
    if (before.channel_id == candidates[candidate].channel_id) penalty += kSameChannel;
  }
  return penalty;
}

}  // namespace

std::vector<Shown> ComposePage(absl::Span<const Scored> order,
                               absl::Span<const Candidate> candidates, const PageOptions& options,
                               const std::function<double()>& random) {
  std::vector<Scored> left(order.begin(), order.end());
  std::vector<Shown> page;
  while (page.size() < options.size && !left.empty()) {
    // Whoever loses by its channel was among the first: no need to look at all.
    const size_t pool = std::min(left.size(), kPool);
    size_t best = 0;
    double best_score = 0;
    for (size_t i = 0; i < pool; ++i) {
      const double score = left[i].score - Penalty(page, candidates, left[i].candidate);
      if (i == 0 || score > best_score) {
        best = i;
        best_score = score;
      }
    }
    size_t chosen = best;
    if (random() < options.exploration) {
      chosen = std::min(pool - 1, static_cast<size_t>(random() * static_cast<double>(pool)));
    }
    const double by_chance = options.exploration / static_cast<double>(pool);
    page.push_back({.scored = left[chosen],
                    .propensity = by_chance + (chosen == best ? 1 - options.exploration : 0),
                    .is_exploration = chosen != best});
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(chosen));
  }
  return page;
}

}  // namespace selfology::feed
