#include "services/coaching/coach/memory/meaning.h"

#include <string_view>

#include "gtest/gtest.h"
#include "services/coaching/lib/safety/stem.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::coach {
namespace {

Meaning MeaningOf(std::string_view text) {
  Meaning meaning;
  for (const safety::Token& token : safety::SplitTokens(text)) {
    meaning.Add(token.text, safety::Stem(token.text));
  }
  return meaning;
}

TEST(MeaningTest, WhatIsAboutTheSameIsNear) {
  const Meaning asked = MeaningOf("an illness of a sibling"),
                told = MeaningOf("my brother had cancer");
  const Meaning other = MeaningOf("the printer needs paper");
  EXPECT_GT(asked.SimilarityTo(told), asked.SimilarityTo(other) + 0.2);
  EXPECT_GT(asked.NearestIn(told), asked.NearestIn(other) + 0.2);
  const Meaning russian = MeaningOf("болезнь родственника"), said = MeaningOf("у брата нашли рак");
  EXPECT_GT(russian.SimilarityTo(said),
            russian.SimilarityTo(MeaningOf("принтеру нужна бумага")) + 0.2);
}

TEST(MeaningTest, TheSameStemIsLeftToOthers) {
  EXPECT_EQ(MeaningOf("guitar").NearestIn(MeaningOf("guitars")), 0);
  EXPECT_GT(MeaningOf("guitar").NearestIn(MeaningOf("piano")), 0);
}

TEST(MeaningTest, WhatCountsLessIsFarther) {
  Meaning whole, part;
  EXPECT_TRUE(whole.Add("piano", "piano"));
  EXPECT_TRUE(part.Add("piano", "piano", 0.35));
  const Meaning asked = MeaningOf("guitar");
  EXPECT_NEAR(asked.NearestIn(part), asked.NearestIn(whole) * 0.35, 1e-9);
}

TEST(MeaningTest, WhatIsUnknownMeansNothing) {
  Meaning meaning;
  EXPECT_FALSE(meaning.Add("xqzzyvk", "xqzzyvk"));
  EXPECT_EQ(meaning.SimilarityTo(MeaningOf("guitar")), 0);
  EXPECT_EQ(MeaningOf("guitar").NearestIn(meaning), 0);
}

TEST(MeaningTest, OneStemCanBeTwoWords) {
  ASSERT_EQ(safety::Stem("plan"), safety::Stem("plane"));
  EXPECT_LT(SameWord("plan", "plane"), 0.5);
  EXPECT_EQ(SameWord("walk", "walking"), 1);
  EXPECT_EQ(SameWord("plan", "plan"), 1);
  EXPECT_EQ(SameWord("xqzzyvk", "xqzzyvks"), 1) << "not known";
}

}  // namespace
}  // namespace selfology::coach
