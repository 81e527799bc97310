#include "services/studio/content/drafting.h"

#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::content {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

TEST(DraftingTest, ASentenceEndsWhereItDoes) {
  EXPECT_THAT(
      Sentences("We moved! Is it 3.5 km? See https://a.example/b.html now.\nNext"),
      ElementsAre("We moved!", "Is it 3.5 km?", "See https://a.example/b.html now.", "Next"));
  EXPECT_THAT(Sentences(" \n "), IsEmpty());
}

TEST(DraftingTest, WhatSaysLeastGoesFirstAndWhatItIsAboutStays) {
  const std::vector<std::string> shorter = Shorter(
      "Our garden opens in May. It is nice. The garden has roses and old apple trees. So there.");
  ASSERT_GT(shorter.size(), 4);
  EXPECT_EQ(shorter[1].find("So there"), std::string::npos);
  EXPECT_THAT(shorter[2], HasSubstr("The garden has roses"));
  EXPECT_THAT(shorter[3], Not(HasSubstr("nice")));
  for (size_t i = 1; i < shorter.size(); ++i) {
    EXPECT_LE(text::Characters(shorter[i]), text::Characters(shorter[i - 1]));
  }
}

TEST(DraftingTest, WhatIsSaidAgainAndAgainDoesNotOutweighTheBeginningAndTheLink) {
  std::string text = "Our garden opens in May. See https://a.example/garden for the way.";
  for (int i = 0; i < 20; ++i) text += " Here is a sentence that says little.";
  bool both = false;
  for (const std::string& one : Shorter(text)) {
    both = both || one == "Our garden opens in May. See https://a.example/garden for the way.";
  }
  EXPECT_TRUE(both);
}

TEST(DraftingTest, ALongTextHasFewCandidatesAndAShortOneIsCutBetweenWords) {
  std::string text;
  for (int i = 0; i < 300; ++i) text += "A sentence about gardens. ";
  EXPECT_LE(Shorter(text).size(), 41);
  const std::vector<std::string> one = Shorter("слово другое третье четвёртое");
  EXPECT_EQ(one.front(), "слово другое третье четвёртое");
  EXPECT_EQ(one[1], "слово другое третье…");
  EXPECT_THAT(Shorter(""), IsEmpty());
}

TEST(DraftingTest, FillersGoAndLinesStay) {
  EXPECT_EQ(Rephrased("It is really very good.\n\nWe just just opened  it."),
            "It is good.\n\nWe opened  it.");
  EXPECT_EQ(Rephrased("Это очень просто хорошо."), "Это хорошо.");
  EXPECT_EQ(Rephrased("Really? #very good"), "Really? #very good");
}

TEST(DraftingTest, HashtagsAreWordsThatSaySomething) {
  EXPECT_THAT(
      HashtagWords("The garden in winter: a garden needs #rest, see https://garden.example"),
      ElementsAre("rest", "garden", "winter", "needs"));
  EXPECT_THAT(HashtagWords("Зимний сад и зимний чай 2026"), ElementsAre("зимний"));
}

}  // namespace
}  // namespace selfology::content
