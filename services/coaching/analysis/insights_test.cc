#include "services/coaching/analysis/insights.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::analysis {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr auto kGlad = v1::SENTIMENT_POSITIVE;
constexpr auto kHeavy = v1::SENTIMENT_NEGATIVE;
constexpr auto kPlain = v1::SENTIMENT_NEUTRAL;

Recurrence Of(const std::vector<v1::Sentiment>& tones) {
  Recurrence recurrence = {.pattern = "helping others",
                           .name = "Helping others",
                           .description = "It runs through.",
                           .sightings = {},
                           .told = {}};
  for (const v1::Sentiment tone : tones) recurrence.sightings.push_back({tone, 0.8});
  return recurrence;
}

v1::InsightType TypeOf(const std::vector<v1::Sentiment>& tones) {
  const auto drafts = DrawInsights(Of(tones), lexicon::Language::kEnglish);
  return drafts.empty() ? v1::INSIGHT_TYPE_UNSPECIFIED : drafts[0].type;
}

TEST(DrawInsights, WaitsForTheThirdTime) {
  EXPECT_THAT(DrawInsights(Of({kGlad, kGlad}), lexicon::Language::kEnglish), IsEmpty());
  EXPECT_THAT(DrawInsights(Of({kGlad, kGlad, kGlad}), lexicon::Language::kEnglish), SizeIs(1));
}

TEST(DrawInsights, TellsWhatKindByTheTones) {
  EXPECT_EQ(TypeOf({kGlad, kGlad, kPlain}), v1::INSIGHT_TYPE_STRENGTH);
  EXPECT_EQ(TypeOf({kHeavy, kPlain, kHeavy}), v1::INSIGHT_TYPE_GROWTH_AREA);
  EXPECT_EQ(TypeOf({kGlad, kGlad, kHeavy, kHeavy}), v1::INSIGHT_TYPE_CONTRADICTION);
  EXPECT_EQ(TypeOf({kGlad, kHeavy, kPlain}), v1::INSIGHT_TYPE_PATTERN);
}

TEST(DrawInsights, TellsEachKindOnce) {
  Recurrence recurrence = Of({kGlad, kGlad, kGlad});
  recurrence.told = {v1::INSIGHT_TYPE_STRENGTH};
  EXPECT_THAT(DrawInsights(recurrence, lexicon::Language::kEnglish), IsEmpty());
  recurrence.told = {v1::INSIGHT_TYPE_PATTERN};
  EXPECT_THAT(DrawInsights(recurrence, lexicon::Language::kEnglish), SizeIs(1));
}

TEST(DrawInsights, SpeaksBothLanguages) {
  const auto english = DrawInsights(Of({kGlad, kGlad, kGlad}), lexicon::Language::kEnglish);
  EXPECT_THAT(english[0].content, HasSubstr("“Helping others”"));
  EXPECT_THAT(english[0].content, HasSubstr("It runs through."));
  const auto russian = DrawInsights(Of({kHeavy, kHeavy, kHeavy}), lexicon::Language::kRussian);
  EXPECT_THAT(russian[0].content, HasSubstr("Тема «Helping others»"));
}

TEST(DrawInsights, GrowsSurerWithEverySighting) {
  std::mt19937 random(5);
  for (int round = 0; round < 200; ++round) {
    std::vector<v1::Sentiment> tones(3 + random() % 6, kPlain);
    const double few = DrawInsights(Of(tones), lexicon::Language::kEnglish)[0].confidence;
    tones.push_back(kPlain);
    const double more = DrawInsights(Of(tones), lexicon::Language::kEnglish)[0].confidence;
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
