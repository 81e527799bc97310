#include "services/feed/feed/model/ranking.h"

#include <memory>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/feed/model/learning.h"

namespace selfology::feed {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);

Candidate Post(int64_t id, std::string_view text, const Popularity& popularity = {},
               absl::Time at = kNow) {
  return {.post_id = id,
          .story_id = id,
          .channel_id = 1,
          .posted_at = at,
          .popularity = popularity,
          .features = std::make_shared<const Features>(
              Describe({.channel_id = 1, .text = text, .posted_at = at, .may_learn_text = true}))};
}

std::vector<int64_t> Ids(const std::vector<Scored>& order, const std::vector<Candidate>& posts) {
  std::vector<int64_t> ids;
  for (const Scored& scored : order) ids.push_back(posts[scored.candidate].post_id);
  return ids;
}

TEST(RankingTest, WithoutReactionsIsByPopularityThenAge) {
  const std::vector<Candidate> posts = {Post(1, "a", {.likes = 1}), Post(2, "b", {.likes = 50}),
                                        Post(3, "c", {.dislikes = 9}),
                                        Post(4, "d", {.likes = 1}, kNow - absl::Hours(48))};
  const Taste taste;
  EXPECT_THAT(Ids(Ranking(taste, {.now = kNow}).Order(posts), posts), ElementsAre(2, 1, 4, 3));
}

TEST(RankingTest, OneLikeBringsSuchPostsUp) {
  const std::vector<Candidate> posts = {Post(1, "an oven recipe with butter"),
                                        Post(2, "the goal of the match")};
  Taste taste;
  Apply({v1::INTERACTION_TYPE_LIKE, *Post(3, "a match and a goal").features}, taste);
  const Ranking ranking(taste, {.now = kNow, .rated_count = 1});
  EXPECT_THAT(Ids(ranking.Order(posts), posts), ElementsAre(2, 1));
  EXPECT_GT(ranking.Score(posts[1]).relevance, ranking.Score(posts[0]).relevance);
}

TEST(RankingTest, OthersCountLessTheMoreIsKnownOfThePerson) {
  const Candidate popular = Post(1, "a", {.likes = 100});
  const Taste taste;
  EXPECT_GT(Ranking(taste, {.now = kNow}).Score(popular).score,
            Ranking(taste, {.now = kNow, .rated_count = 50}).Score(popular).score);
}

TEST(RankingTest, ManyLikesAreMoreThanOneAloneAndDislikesCount) {
  EXPECT_GT(PopularityScore({.likes = 100, .dislikes = 50}), PopularityScore({.likes = 1}));
  EXPECT_GT(PopularityScore({.likes = 9}), PopularityScore({.likes = 9, .dislikes = 9}));
  EXPECT_EQ(PopularityScore({}), 0);
  EXPECT_LT(PopularityScore({.skips = 9}), 0);
}

TEST(RankingTest, WhatIsLikedByThoseAlikeComesUpAndSaysSo) {
  const auto both = std::make_shared<const Audience>(Audience{7, 8, 9});
  std::vector<Candidate> posts = {Post(1, "a"), Post(2, "b")};
  posts[1].audience = both;
  const Taste taste;
  const Company company(/*user_id=*/1, std::vector<SharedAudience>{both});
  const Ranking ranking(taste, {.now = kNow, .rated_count = 1, .company = &company});
  EXPECT_THAT(Ids(ranking.Order(posts), posts), ElementsAre(2, 1));
  EXPECT_GT(ranking.Score(posts[1]).relevance, ranking.Score(posts[0]).relevance);
  const auto parts = ranking.Parts(posts[1]);
  ASSERT_THAT(parts, ::testing::Not(IsEmpty()));
  EXPECT_EQ(parts[0].kind, v1::REASON_KIND_ALIKE);
  EXPECT_NEAR(parts[0].contribution, ranking.Score(posts[1]).score - ranking.Score(posts[0]).score,
              1e-9);
}

TEST(RankingTest, AStoryIsThereOnce) {
  std::vector<Candidate> posts = {Post(1, "a", {.likes = 1}), Post(2, "a", {.likes = 9}),
                                  Post(3, "b")};
  posts[1].story_id = 1;
  const Taste taste;
  EXPECT_THAT(Ids(Ranking(taste, {.now = kNow}).Order(posts), posts), ElementsAre(2, 3));
}

TEST(RankingTest, SaysTheWordsThatSpeakForAPost) {
  Taste taste;
  Apply({v1::INTERACTION_TYPE_LIKE, *Post(3, "goal").features}, taste);
  const Candidate post = Post(1, "goal", {}, kNow - absl::Hours(30 * 24));
  const auto parts = Ranking(taste, {.now = kNow, .rated_count = 1}).Parts(post);
  ASSERT_THAT(parts, ::testing::Not(IsEmpty()));
  EXPECT_EQ(parts[0].kind, v1::REASON_KIND_WORDS);
  EXPECT_THAT(parts[0].words, ElementsAre(WordIndex("goal")));
  for (size_t i = 1; i < parts.size(); ++i) {
    EXPECT_GE(parts[i - 1].contribution, parts[i].contribution);
  }
}

TEST(RankingTest, APostThatNothingSpeaksForHasNoReason) {
  const Taste taste;
  EXPECT_THAT(Ranking(taste, {.now = kNow}).Parts(Post(1, "a", {}, kNow - absl::Hours(60 * 24))),
              IsEmpty());
}

TEST(RankingTest, PostsOfTheFutureAreNoNewerThanNow) {
  const Taste taste;
  const Ranking ranking(taste, {.now = kNow, .rated_count = 30});
  EXPECT_DOUBLE_EQ(ranking.Score(Post(1, "a", {}, kNow + absl::Hours(99))).score,
                   ranking.Score(Post(1, "a", {}, kNow + absl::Hours(99 + 168))).score);
}

TEST(PlaceTest, CountsThoseAbove) {
  const std::vector<Scored> order = {
      {.candidate = 0, .score = 3}, {.candidate = 1, .score = 2}, {.candidate = 2, .score = 1}};
  EXPECT_EQ(PlaceOf(order, 1, 2), 2);
  EXPECT_EQ(PlaceOf(order, 1, 0), 3);
  EXPECT_EQ(PlaceOf(order, 7, 9), 1) << "of a post that is not among them";
}

}  // namespace
}  // namespace selfology::feed
