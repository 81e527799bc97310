// Precision of the first ten posts for ten simulated tastes: in the order of popularity, in ours without
// reactions, and in ours after 21 reactions; and how long ranking a thousand posts takes.
//
//   bazel run -c opt //services/feed/feed:taste_figures
#include <algorithm>
#include <chrono>
#include <cstdint>
#include <iostream>
#include <vector>

#include "absl/strings/str_format.h"
#include "services/feed/feed/figures/simulated_readers.h"
#include "services/feed/feed/model/learning.h"

namespace selfology::feed {
namespace {

constexpr uint64_t kWorlds = 20;

void PrintPrecision() {
  std::vector<World> worlds;
  for (uint64_t seed = 1; seed <= kWorlds; ++seed) worlds.push_back(MakeWorld(seed));
  std::cout << absl::StrFormat("%-38s %8s %8s %8s %7s\n", "taste (mean of 20 worlds)", "popular",
                               "before", "after", "ratio");
  for (const Reader& reader : Readers()) {
    Precision sum;
    for (uint64_t seed = 1; seed <= kWorlds; ++seed) {
      const Precision one = Measure(worlds[seed - 1], reader, seed);
      sum.popular += one.popular / kWorlds;
      sum.before += one.before / kWorlds;
      sum.after += one.after / kWorlds;
    }
    std::cout << absl::StrFormat("%-38s %8.3f %8.3f %8.3f %7.2f\n", reader.name, sum.popular,
                                 sum.before, sum.after, sum.after / std::max(sum.before, 0.01));
  }
}

void PrintTimes() {
  using Clock = std::chrono::steady_clock;
  const World world = MakeWorld(1);
  std::vector<Candidate> candidates;
  for (const auto* posts : {&world.old_posts, &world.new_posts}) {
    for (const SimulatedPost& post : *posts) candidates.push_back(post.candidate);
  }
  candidates.resize(1000);
  Taste taste;
  for (size_t i = 0; i < 100; ++i) {
    Apply({i % 3 == 0 ? v1::INTERACTION_TYPE_LIKE : v1::INTERACTION_TYPE_DISLIKE,
           *candidates[i].features},
          taste);
  }
  std::vector<double> milliseconds;
  size_t sum = 0;
  for (int round = 0; round < 200; ++round) {
    const auto begun = Clock::now();
    sum += Ranking(taste, {.now = world.now, .rated_count = 100}).Order(candidates)[0].candidate;
    milliseconds.push_back(std::chrono::duration<double, std::milli>(Clock::now() - begun).count());
  }
  std::sort(milliseconds.begin(), milliseconds.end());
  std::cout << absl::StrFormat("\nranking 1,000 posts: p50 %.3f ms, p99 %.3f ms (%d)\n",
                               milliseconds[100], milliseconds[198], sum % 10);
}

}  // namespace
}  // namespace selfology::feed

int main() {
  selfology::feed::PrintPrecision();
  selfology::feed::PrintTimes();
}
