#include "services/feed/feed/figures/simulated_readers.h"

#include <random>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/feed/model/learning.h"

namespace selfology::feed {
namespace {

constexpr uint64_t kWorlds = 5;

TEST(SimulatedReadersTest, AFewReactionsImproveTheFirstTenPostsForNearlyAllTastes) {
  std::vector<World> worlds;
  for (uint64_t seed = 1; seed <= kWorlds; ++seed) worlds.push_back(MakeWorld(seed));
  int improved = 0;
  double popular = 0, before = 0;
  for (const Reader& reader : Readers()) {
    Precision sum;
    for (uint64_t seed = 1; seed <= kWorlds; ++seed) {
      const Precision one = Measure(worlds[seed - 1], reader, seed);
      sum.popular += one.popular;
      sum.before += one.before;
      sum.after += one.after;
    }
    popular += sum.popular;
    before += sum.before;
    if (sum.after >= 1.5 * sum.before) ++improved;
  }
  EXPECT_GE(improved, 8) << "of ten";
  EXPECT_NEAR(before, popular, 0.02 * 10 * kWorlds)
      << "without reactions it is as good as popularity";
}

// A reason is one only if the post stands lower without it.
TEST(SimulatedReadersTest, TakingTheFirstReasonAwayLowersThePlace) {
  std::mt19937_64 random(9);
  int lowered = 0, cases = 0;
  for (uint64_t seed = 1; seed <= 5; ++seed) {
    const World world = MakeWorld(seed);
    std::vector<Candidate> candidates;
    for (const SimulatedPost& post : world.new_posts) candidates.push_back(post.candidate);
    Taste taste;
    const std::vector<Reader> readers = Readers();
    const Reader& reader = readers[seed];
    for (int i = 0; i < kTrainingReactions; ++i) {
      const SimulatedPost& post = world.old_posts[random() % world.old_posts.size()];
      Apply({reader.likes(post) ? v1::INTERACTION_TYPE_LIKE : v1::INTERACTION_TYPE_DISLIKE,
             *post.candidate.features},
            taste);
    }
    const Ranking ranking(taste, {.now = world.now, .rated_count = kTrainingReactions});
    const std::vector<Scored> order = ranking.Order(candidates);
    for (int i = 0; i < 40; ++i) {
      const Scored& scored = order[random() % order.size()];
      const auto parts = ranking.Parts(candidates[scored.candidate]);
      if (parts.empty()) continue;
      ++cases;
      const int place = PlaceOf(order, scored.candidate, scored.score);
      const int without = PlaceOf(order, scored.candidate, scored.score - parts[0].contribution);
      lowered += without > place ? 1 : 0;
    }
  }
  ASSERT_GE(cases, 150);
  EXPECT_GE(lowered, cases * 95 / 100);
}

}  // namespace
}  // namespace selfology::feed
