#include "services/feed/feed/model/training_set.h"

#include <map>
#include <memory>
#include <set>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

Candidate Post(int64_t id, int64_t channel, std::string_view text) {
  return {.post_id = id,
          .story_id = id,
          .channel_id = channel,
          .posted_at = absl::UnixEpoch(),
          .popularity = {},
          .features = std::make_shared<const Features>(
              Describe({.channel_id = channel, .text = text, .may_learn_text = true}))};
}

TEST(TrainingSetTest, TakesSoManyOfEachChannelInTurn) {
  std::vector<Candidate> posts;
  for (int64_t id = 0; id < 30; ++id) {
    posts.push_back(Post(id, id % 3, "word" + std::string(static_cast<size_t>(id), 'x')));
  }
  const auto chosen = ChooseTrainingPosts(posts, 7);
  ASSERT_THAT(chosen, SizeIs(21));
  std::map<int64_t, int> of_channel;
  std::set<size_t> seen;
  for (size_t i = 0; i < chosen.size(); ++i) {
    ++of_channel[posts[chosen[i]].channel_id];
    EXPECT_TRUE(seen.insert(chosen[i]).second);
    if (i > 0) EXPECT_NE(posts[chosen[i]].channel_id, posts[chosen[i - 1]].channel_id);
  }
  for (const auto& [channel, count] : of_channel) EXPECT_EQ(count, 7) << channel;
}

TEST(TrainingSetTest, TellsTastesApart) {
  const std::vector<Candidate> posts = {
      Post(1, 1, "match goal referee stadium"), Post(2, 1, "match goal referee derby"),
      Post(3, 1, "match goal stadium derby"), Post(4, 1, "oven butter recipe flour"),
      Post(5, 1, "rocket orbit telescope comet")};
  std::set<int64_t> ids;
  for (const size_t chosen : ChooseTrainingPosts(posts, 3)) ids.insert(posts[chosen].post_id);
  EXPECT_TRUE(ids.contains(4) && ids.contains(5)) << "one of football, and both others";
}

TEST(TrainingSetTest, NoTwoSayTheSame) {
  std::vector<Candidate> posts = {Post(1, 1, "goal"), Post(2, 2, "goal"), Post(3, 2, "recipe")};
  posts[1].story_id = 1;
  const auto chosen = ChooseTrainingPosts(posts, 5);
  EXPECT_THAT(chosen, SizeIs(2));
}

TEST(TrainingSetTest, AskedAnewAfterEachRatingItGoesOnWhereItWas) {
  std::vector<Candidate> posts;
  for (int64_t id = 0; id < 30; ++id) {
    posts.push_back(Post(id, id % 3, "word" + std::string(static_cast<size_t>(id), 'x')));
  }
  const auto at_once = ChooseTrainingPosts(posts, 4);
  std::vector<Candidate> left = posts, rated;
  for (const size_t expected : at_once) {
    const size_t next = ChooseTrainingPosts(left, 4, rated).at(0);
    EXPECT_EQ(left[next].post_id, posts[expected].post_id);
    rated.push_back(left[next]);
    left.erase(left.begin() + static_cast<std::ptrdiff_t>(next));
  }
}

TEST(TrainingSetTest, IsTheSameEachTime) {
  std::vector<Candidate> posts;
  for (int64_t id = 0; id < 40; ++id) posts.push_back(Post(id, id % 2, "the same words"));
  EXPECT_EQ(ChooseTrainingPosts(posts, 5), ChooseTrainingPosts(posts, 5));
  EXPECT_THAT(ChooseTrainingPosts({}, 5), IsEmpty());
}

}  // namespace
}  // namespace selfology::feed
