#include "services/feed/feed/model/taste.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::IsEmpty;

const uint16_t kGoal = WordIndex("goal");
const uint16_t kRecipe = WordIndex("recip");

Features About(uint16_t word) { return {{0, 1}, {word, 1}}; }

Features Random(std::mt19937_64& random) {
  Features features = {{0, 1}};
  uint16_t index = 8;
  while (index < kFeatureCount - 200 && features.size() < 40) {
    index = static_cast<uint16_t>(index + 1 + random() % 200);
    features.push_back({index, static_cast<float>(random() % 100 + 1) / 100});
  }
  return features;
}

TEST(TasteTest, KnowsNothingAtFirst) {
  const Taste taste;
  EXPECT_DOUBLE_EQ(taste.Judge(About(kGoal)).probability, 0.5);
  EXPECT_THAT(taste.Encode(), IsEmpty());
}

TEST(TasteTest, OneReactionMovesTheNextJudgement) {
  Taste taste;
  taste.Learn(About(kGoal), {.likes = true});
  EXPECT_GT(taste.Judge(About(kGoal)).probability, 0.7);
  taste.Learn(About(kRecipe), {.likes = false});
  EXPECT_LT(taste.Judge(About(kRecipe)).probability, 0.3);
  EXPECT_GT(taste.Judge(About(kGoal)).probability, 0.6) << "of another word";
}

TEST(TasteTest, BecomesSurerWithEachReaction) {
  std::mt19937_64 random(5);
  for (int round = 0; round < 200; ++round) {
    Taste taste;
    const Features features = Random(random);
    double variance = taste.Judge(features).variance;
    for (int i = 0; i < 10; ++i) {
      taste.Learn(features, {.likes = random() % 2 == 0});
      const double now = taste.Judge(features).variance;
      EXPECT_LE(now, variance);
      EXPECT_GT(now, 0);
      variance = now;
    }
  }
}

TEST(TasteTest, LikesAndDislikesAreMirrored) {
  std::mt19937_64 random(6);
  Taste one, other;
  for (int i = 0; i < 100; ++i) {
    const Features features = Random(random);
    const bool likes = random() % 2 == 0;
    one.Learn(features, {.likes = likes});
    other.Learn(features, {.likes = !likes});
    const Features asked = Random(random);
    EXPECT_NEAR(one.Judge(asked).probability, 1 - other.Judge(asked).probability, 1e-9);
  }
}

TEST(TasteTest, ANoisierReactionSaysLess) {
  Taste clear, noisy;
  clear.Learn(About(kGoal), {.likes = false});
  noisy.Learn(About(kGoal), {.likes = false, .noise = 2});
  EXPECT_LT(clear.Judge(About(kGoal)).probability, noisy.Judge(About(kGoal)).probability);
}

// What makes a rebuild from the table of interactions give the very model that was kept.
TEST(TasteTest, LearningStepByStepThroughBytesIsTheSameToTheBit) {
  std::mt19937_64 random(7);
  Taste at_once;
  std::string kept;
  for (int i = 0; i < 300; ++i) {
    const Features features = Random(random);
    const Reaction reaction = {.likes = random() % 2 == 0, .noise = random() % 2 == 0 ? 1.0 : 2.0};
    at_once.Learn(features, reaction);
    auto step = Taste::Decode(kept);
    ASSERT_TRUE(step.ok());
    step->Learn(features, reaction);
    kept = step->Encode();
    ASSERT_EQ(kept, at_once.Encode()) << "after " << i + 1;
  }
}

TEST(TasteTest, SurvivesTheMostSurprisingReactions) {
  Taste taste;
  for (int i = 0; i < 2000; ++i) taste.Learn(About(kGoal), {.likes = true});
  for (int i = 0; i < 50; ++i) taste.Learn(About(kGoal), {.likes = false});
  const double probability = taste.Judge(About(kGoal)).probability;
  EXPECT_GT(probability, 0);
  EXPECT_LT(probability, 1);
  ASSERT_TRUE(Taste::Decode(taste.Encode()).ok());
}

TEST(TasteTest, RefusesWhatItDidNotWrite) {
  Taste taste;
  taste.Learn(About(kGoal), {});
  const std::string bytes = taste.Encode();
  EXPECT_FALSE(Taste::Decode(bytes.substr(1)).ok());
  EXPECT_FALSE(Taste::Decode(bytes + bytes).ok());
  EXPECT_FALSE(Taste::Decode(std::string(10, '\0')).ok()) << "a variance of 0";
}

}  // namespace
}  // namespace selfology::feed
