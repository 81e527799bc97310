#include "services/feed/feed/model/learning.h"

#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

Features Post(const char* word) { return {{0, 1}, {WordIndex(word), 1}}; }

double After(v1::InteractionType type) {
  return Rebuild({{type, Post("goal")}}).Judge(Post("goal")).probability;
}

TEST(LearningTest, SaysHowMuchEachReactionIsWorth) {
  EXPECT_GT(After(v1::INTERACTION_TYPE_SAVE), After(v1::INTERACTION_TYPE_LIKE));
  EXPECT_GT(After(v1::INTERACTION_TYPE_LIKE), 0.5);
  EXPECT_DOUBLE_EQ(After(v1::INTERACTION_TYPE_VIEW), 0.5);
  EXPECT_LT(After(v1::INTERACTION_TYPE_SKIP), 0.5);
  EXPECT_LT(After(v1::INTERACTION_TYPE_DISLIKE), After(v1::INTERACTION_TYPE_SKIP));
}

TEST(LearningTest, OnlyJudgementsAreRatingsAndSavesTeachToo) {
  for (int i = 0; i <= v1::InteractionType_MAX; ++i) {
    const auto type = static_cast<v1::InteractionType>(i);
    const bool rating = type == v1::INTERACTION_TYPE_LIKE || type == v1::INTERACTION_TYPE_DISLIKE ||
                        type == v1::INTERACTION_TYPE_SKIP;
    EXPECT_EQ(IsRating(type), rating);
    EXPECT_EQ(Teaches(type), rating || type == v1::INTERACTION_TYPE_SAVE);
  }
}

TEST(LearningTest, ARebuildIsTheSameToTheBitAsLearningAtOnce) {
  const std::vector<Lesson> lessons = {{v1::INTERACTION_TYPE_LIKE, Post("goal")},
                                       {v1::INTERACTION_TYPE_SKIP, Post("recip")},
                                       {v1::INTERACTION_TYPE_SAVE, Post("goal")},
                                       {v1::INTERACTION_TYPE_DISLIKE, Post("cat")}};
  Taste taste;
  for (const Lesson& lesson : lessons) Apply(lesson, taste);
  EXPECT_EQ(Rebuild(lessons).Encode(), taste.Encode());
}

}  // namespace
}  // namespace selfology::feed
