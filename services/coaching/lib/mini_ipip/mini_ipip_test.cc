#include "services/coaching/lib/mini_ipip/mini_ipip.h"

#include <map>
#include <set>
#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::mini_ipip {
namespace {

using language::Language;
using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::map<int, int> Everything(int answer) {
  std::map<int, int> answers;
  for (const Item& item : Items()) answers[item.number] = answer;
  return answers;
}

// Someone who has as much of every trait as can be, or as little.
std::map<int, int> Extreme(bool high) {
  std::map<int, int> answers;
  for (const Item& item : Items()) answers[item.number] = item.reversed == high ? 1 : 5;
  return answers;
}

TEST(ItemsTest, AreThePublishedTwentyWithTheirKeys) {
  std::set<int> reversed;
  std::map<Trait, std::set<int>> by_trait;
  int number = 0;
  for (const Item& item : Items()) {
    EXPECT_EQ(item.number, ++number);
    if (item.reversed) reversed.insert(item.number);
    by_trait[item.trait].insert(item.number);
  }
  EXPECT_EQ(number, 20);
  EXPECT_THAT(reversed, ElementsAre(6, 7, 8, 9, 10, 15, 16, 17, 18, 19, 20));
  EXPECT_THAT(by_trait[Trait::kExtraversion], ElementsAre(1, 6, 11, 16));
  EXPECT_THAT(by_trait[Trait::kAgreeableness], ElementsAre(2, 7, 12, 17));
  EXPECT_THAT(by_trait[Trait::kConscientiousness], ElementsAre(3, 8, 13, 18));
  EXPECT_THAT(by_trait[Trait::kNeuroticism], ElementsAre(4, 9, 14, 19));
  EXPECT_THAT(by_trait[Trait::kOpenness], ElementsAre(5, 10, 15, 20));
}

TEST(ItemsTest, HaveTextsOfTheirOwnInBothLanguages) {
  std::set<std::string> texts;
  for (const Language language : language::kLanguages) {
    for (const Item& item : Items()) {
      const std::string text(TextOf(item, language));
      EXPECT_TRUE(text.ends_with(".")) << text;
      EXPECT_TRUE(texts.insert(text).second) << text;
    }
    const auto labels = Labels(language);
    EXPECT_THAT(std::set<std::string>(labels.begin(), labels.end()), SizeIs(5));
  }
  EXPECT_EQ(TextOf(Items()[15], Language::kEnglish), "Keep in the background.");
}

TEST(ScoreTest, ReachesBothEndsOfEveryTrait) {
  const auto high = Score(Extreme(true));
  const auto low = Score(Extreme(false));
  const auto middle = Score(Everything(3));
  for (const Trait trait : kTraits) {
    EXPECT_DOUBLE_EQ(high.at(trait).value, 1) << NameOf(trait);
    EXPECT_DOUBLE_EQ(low.at(trait).value, 0) << NameOf(trait);
    EXPECT_DOUBLE_EQ(middle.at(trait).value, 0.5) << NameOf(trait);
  }
}

TEST(ScoreTest, WhoAgreesWithEverythingIsNotHighInEverything) {
  const auto estimates = Score(Everything(5));
  EXPECT_DOUBLE_EQ(estimates.at(Trait::kExtraversion).value, 0.5) << "two of four are reversed";
  EXPECT_DOUBLE_EQ(estimates.at(Trait::kOpenness).value, 0.25) << "three of four are reversed";
}

TEST(ScoreTest, MeansOfWhatWasAnswered) {
  const auto estimates = Score({{1, 5}, {6, 2}});
  ASSERT_THAT(estimates, SizeIs(1)) << "the other traits are not known";
  EXPECT_DOUBLE_EQ(estimates.at(Trait::kExtraversion).value, 0.875);
  EXPECT_THAT(Score({}), IsEmpty());
  EXPECT_THAT(Score({{0, 3}, {21, 3}, {1, 0}, {2, 6}, {3, -1}}), IsEmpty());
}

TEST(ScoreTest, IsAsSureAsTheAnsweredItemsAreReliable) {
  const auto all = Score(Everything(4));
  EXPECT_DOUBLE_EQ(all.at(Trait::kExtraversion).confidence, 0.77);
  EXPECT_DOUBLE_EQ(all.at(Trait::kAgreeableness).confidence, 0.70);
  EXPECT_DOUBLE_EQ(all.at(Trait::kConscientiousness).confidence, 0.69);
  EXPECT_DOUBLE_EQ(all.at(Trait::kNeuroticism).confidence, 0.68);
  EXPECT_DOUBLE_EQ(all.at(Trait::kOpenness).confidence, 0.65);

  EXPECT_NEAR(Score({{1, 5}}).at(Trait::kExtraversion).confidence, 0.4556, 1e-4);
  EXPECT_NEAR(Score({{1, 5}, {6, 1}}).at(Trait::kExtraversion).confidence, 0.6260, 1e-4);
  EXPECT_NEAR(Score({{1, 5}, {6, 1}, {11, 5}}).at(Trait::kExtraversion).confidence, 0.7152, 1e-4);
}

TEST(NextItemTest, AsksForEachTraitBeforeItAsksForOneAgain) {
  std::set<int> answered;
  std::map<Trait, int> times;
  std::map<Trait, std::set<bool>> poles;
  while (const Item* item = NextItem(answered)) {
    EXPECT_TRUE(answered.insert(item->number).second);
    ++times[item->trait];
    poles[item->trait].insert(item->reversed);
    const size_t round = (answered.size() + 4) / 5;
    for (const Trait trait : kTraits) EXPECT_LE(times[trait], static_cast<int>(round));
    if (answered.size() != 10) continue;
    for (const Trait trait : kTraits) EXPECT_THAT(poles[trait], SizeIs(2)) << NameOf(trait);
  }
  EXPECT_THAT(answered, SizeIs(20));
}

TEST(NextItemTest, MakesUpForTraitsThatWereLeftOut) {
  // All of extraversion and half of agreeableness, whatever the order.
  EXPECT_NE(NextItem({1, 6, 11, 16, 2, 7})->trait, Trait::kExtraversion);
  EXPECT_EQ(NextItem({1, 2, 4, 5})->trait, Trait::kConscientiousness);
}

TEST(IdTest, NamesItems) {
  EXPECT_EQ(IdOf(Items()[0]), "mini_ipip_01");
  EXPECT_EQ(FindItem("mini_ipip_20"), &Items()[19]);
  EXPECT_EQ(FindItem("mini_ipip_21"), nullptr);
  EXPECT_EQ(FindItem(""), nullptr);
}

TEST(NameOfTest, IsTheTraitServicesName) {
  std::set<std::string> names;
  for (const Trait trait : kTraits) names.insert(std::string(NameOf(trait)));
  EXPECT_THAT(names, ElementsAre("agreeableness", "conscientiousness", "extraversion",
                                 "neuroticism", "openness"));
}

}  // namespace
}  // namespace selfology::mini_ipip
