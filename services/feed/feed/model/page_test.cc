#include "services/feed/feed/model/page.h"

#include <map>
#include <random>
#include <set>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

struct Feed {
  std::vector<Candidate> candidates;
  std::vector<Scored> order;
};

// Scores fall by `step`, channels take turns.
Feed Make(size_t posts, double step, int64_t channels) {
  Feed feed;
  for (size_t i = 0; i < posts; ++i) {
    const auto id = static_cast<int64_t>(i);
    feed.candidates.push_back({.post_id = id, .story_id = id, .channel_id = id % channels});
    feed.order.push_back({.candidate = i, .score = -step * static_cast<double>(i)});
  }
  return feed;
}

std::vector<Shown> Compose(const Feed& feed, const PageOptions& options,
                           const std::function<double()>& random) {
  return ComposePage(feed.order, feed.candidates, options, random);
}

TEST(PageTest, WithoutExplorationIsTheOrder) {
  const Feed feed = Make(30, 1, 5);
  const auto page = Compose(feed, {.size = 10, .exploration = 0}, [] { return 0.0; });
  ASSERT_THAT(page, SizeIs(10));
  for (size_t i = 0; i < page.size(); ++i) {
    EXPECT_EQ(page[i].scored.candidate, i);
    EXPECT_DOUBLE_EQ(page[i].propensity, 1);
    EXPECT_FALSE(page[i].is_exploration);
  }
}

TEST(PageTest, DoesNotShowOneChannelOnly) {
  Feed feed = Make(20, 0.01, 1);
  feed.candidates[10].channel_id = 99;
  const auto page = Compose(feed, {.size = 5, .exploration = 0}, [] { return 0.0; });
  EXPECT_EQ(page[1].scored.candidate, 10) << "nearly as good, of another channel";
}

TEST(PageTest, ShowsEachPostOnceAndEndsWithThem) {
  std::mt19937_64 random(4);
  std::uniform_real_distribution<double> uniform(0, 1);
  for (const size_t posts : {size_t{0}, size_t{1}, size_t{7}, size_t{100}}) {
    const Feed feed = Make(posts, 0.1, 3);
    const auto page =
        Compose(feed, {.size = 20, .exploration = 0.3}, [&] { return uniform(random); });
    EXPECT_THAT(page, SizeIs(std::min(posts, size_t{20})));
    std::set<size_t> seen;
    for (const Shown& shown : page) EXPECT_TRUE(seen.insert(shown.scored.candidate).second);
  }
}

// What an evaluation by the log relies on: a post stands in a place as often as was logged.
TEST(PageTest, LogsTheProbabilityOfEachPlace) {
  const Feed feed = Make(10, 1, 10);
  std::mt19937_64 random(5);
  std::uniform_real_distribution<double> uniform(0, 1);
  constexpr int kPages = 40000;
  std::map<size_t, int> times;
  std::map<size_t, double> logged;
  for (int i = 0; i < kPages; ++i) {
    const auto page =
        Compose(feed, {.size = 1, .exploration = 0.2}, [&] { return uniform(random); });
    ++times[page[0].scored.candidate];
    logged[page[0].scored.candidate] = page[0].propensity;
    EXPECT_EQ(page[0].is_exploration, page[0].scored.candidate != 0);
  }
  double sum = 0;
  for (const auto& [candidate, count] : times) {
    EXPECT_NEAR(static_cast<double>(count) / kPages, logged[candidate], 0.01) << candidate;
    sum += logged[candidate];
  }
  EXPECT_NEAR(sum, 1, 1e-9);
}

TEST(PageTest, WithoutPostsIsEmpty) {
  EXPECT_THAT(Compose({}, {}, [] { return 0.5; }), IsEmpty());
}

}  // namespace
}  // namespace selfology::feed
