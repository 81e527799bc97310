#include "services/coaching/analysis/insights.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analysis {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

using lexicon::Language;

Recurrence Of(const std::vector<std::string>& quotations) {
  Recurrence recurrence = {.pattern = "work", .sightings = {}, .told = {}};
  for (const std::string& quotation : quotations) {
    recurrence.sightings.push_back({quotation, 0.8});
  }
  return recurrence;
}

TEST(DrawInsights, WaitsForTheThirdDifferentAnswer) {
  EXPECT_THAT(DrawInsights(Of({"I stay late", "I work on Sundays"}), Language::kEnglish),
              IsEmpty());
  EXPECT_THAT(
      DrawInsights(Of({"I stay late", "I work on Sundays", "i stay LATE!"}), Language::kEnglish),
      IsEmpty())
      << "the same said twice";
  EXPECT_THAT(DrawInsights(Of({"I stay late", "", "I work on Sundays", ""}), Language::kEnglish),
              IsEmpty())
      << "what may not be quoted is no evidence";
  EXPECT_THAT(DrawInsights(Of({"I stay late", "I work on Sundays", "I sleep at my desk"}),
                           Language::kEnglish),
              SizeIs(1));
}

TEST(DrawInsights, QuotesTwoAnswersAndClaimsNothing) {
  const auto english = DrawInsights(Of({"I stay late", "I work on Sundays", "I sleep at my desk"}),
                                    Language::kEnglish);
  ASSERT_THAT(english, SizeIs(1));
  EXPECT_EQ(english[0].type, v1::INSIGHT_TYPE_PATTERN);
  EXPECT_THAT(english[0].content, AllOf(HasSubstr("I stay late"), HasSubstr("I sleep at my desk"),
                                        Not(HasSubstr("strength")), Not(HasSubstr("$"))));
  const auto russian = DrawInsights(
      Of({"Я работаю допоздна", "Работаю по воскресеньям", "Сплю за столом"}), Language::kRussian);
  ASSERT_THAT(russian, SizeIs(1));
  EXPECT_THAT(russian[0].content,
              AllOf(HasSubstr("«Я работаю допоздна»"), HasSubstr("«Сплю за столом»")));
}

TEST(DrawInsights, TellsOfAPatternOnce) {
  Recurrence recurrence = Of({"one thing", "another thing", "a third thing"});
  recurrence.told = {v1::INSIGHT_TYPE_STRENGTH};
  EXPECT_THAT(DrawInsights(recurrence, Language::kEnglish), IsEmpty());
}

TEST(DrawInsights, GrowsSurerWithEverySighting) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<std::string> quotations;
    for (size_t i = 0; i < 3 + random() % 6; ++i)
      quotations.push_back("thing " + std::to_string(i));
    const double few = DrawInsights(Of(quotations), Language::kEnglish)[0].confidence;
    quotations.push_back("one more");
    const double more = DrawInsights(Of(quotations), Language::kEnglish)[0].confidence;
    EXPECT_GT(more, few);
    EXPECT_LE(more, 1);
  }
}

TEST(PatternKey, MakesNamesComparable) {
  EXPECT_EQ(PatternKey("  Helping   Others! "), "helping others");
  EXPECT_EQ(PatternKey("Забота о других"), "забота о других");
  EXPECT_EQ(PatternKey("!!!"), "");
}

}  // namespace
}  // namespace selfology::analysis
