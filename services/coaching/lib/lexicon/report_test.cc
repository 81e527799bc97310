#include "services/coaching/lib/lexicon/report.h"

#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/lexicon/estimates.h"

namespace selfology::lexicon {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Key;
using ::testing::Not;

constexpr std::string_view kSpecAnswer =
    "I feel most alive when creating art and helping others grow.";

class ReportTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { lexicon_ = new Lexicon(*Lexicon::BuiltIn()); }
  static void TearDownTestSuite() { delete lexicon_; }
  Reading Of(std::string_view text) { return Read(*lexicon_, text); }

  static Lexicon* lexicon_;
};
Lexicon* ReportTest::lexicon_ = nullptr;

// The example of spec 000.
TEST_F(ReportTest, ReadsTheDocumentsExampleAsTheDocumentsDo) {
  const auto instant = InstantReport(*lexicon_, Of(kSpecAnswer), Language::kEnglish);
  EXPECT_EQ(instant.sentiment(), analysis::v1::SENTIMENT_POSITIVE);
  EXPECT_THAT(instant.key_themes(), ElementsAre("creativity", "altruism"));
  EXPECT_NEAR(instant.quality_score(), 0.85, 0.15);
  EXPECT_THAT(instant.brief_insight(), HasSubstr("creative expression"));
  const auto deep = DeepReport(*lexicon_, Of(kSpecAnswer), Language::kEnglish);
  EXPECT_GT(deep.traits().at("openness").value(), 0.6);
  EXPECT_GT(deep.traits().at("agreeableness").value(), 0.6);
  EXPECT_THAT(deep.domain_affinities(), Contains(Key("CREATIVITY")));
}

TEST_F(ReportTest, SpeaksThePersonsLanguage) {
  const Reading reading = Of("Я оживаю, когда рисую и помогаю другим.");
  EXPECT_THAT(InstantReport(*lexicon_, reading, Language::kRussian).key_themes(),
              ElementsAre("творчество", "забота о других"));
  EXPECT_THAT(InstantReport(*lexicon_, reading, Language::kEnglish).key_themes(),
              ElementsAre("creativity", "altruism"));
}

TEST_F(ReportTest, SaysSomethingAboutAnything) {
  for (const std::string_view text :
       {"", "ok", "12", "asdf", "да", "I live on the third floor of a house"}) {
    for (const Language language : {Language::kEnglish, Language::kRussian}) {
      const auto instant = InstantReport(*lexicon_, Of(text), language);
      EXPECT_FALSE(instant.brief_insight().empty());
      EXPECT_NE(instant.sentiment(), analysis::v1::SENTIMENT_UNSPECIFIED);
      const auto deep = DeepReport(*lexicon_, Of(text), language);
      EXPECT_FALSE(deep.summary().empty());
      EXPECT_THAT(deep.summary(), Not(HasSubstr("$")));
    }
  }
}

TEST_F(ReportTest, ReadsTraitsBothWays) {
  const auto organised =
      BigFive(Of("I am organised and disciplined, I plan my days and finish what I begin."));
  EXPECT_GT(organised.at("conscientiousness").value(), 0.65);
  const auto chaotic =
      BigFive(Of("I procrastinate, forget things, my life is chaos and I am always late."));
  EXPECT_LT(chaotic.at("conscientiousness").value(), 0.35);
  const auto anxious = BigFive(Of("Мне тревожно, я боюсь будущего, виню себя и плачу."));
  EXPECT_GT(anxious.at("neuroticism").value(), 0.65);
  const auto calm = BigFive(Of("Я спокоен и уверен в себе, меня трудно вывести из равновесия."));
  EXPECT_LT(calm.at("neuroticism").value(), 0.4);
}

TEST_F(ReportTest, IsSurerWithMoreEvidence) {
  const auto little = BigFive(Of("I like art."));
  const auto much =
      BigFive(Of("I paint, write poems and play the guitar; I am curious about philosophy, love to "
                 "travel and to learn languages."));
  EXPECT_GT(much.at("openness").confidence(), little.at("openness").confidence());
  EXPECT_LE(much.at("openness").confidence(), 0.75);
}

TEST_F(ReportTest, LeavesOutWhatDoesNotShow) {
  EXPECT_TRUE(BigFive(Of("The train leaves at noon.")).empty());
  EXPECT_FALSE(CoreDynamics(Of("The train leaves at noon.")).has_motivation());
  EXPECT_EQ(AdaptiveTraits(Of("The train leaves at noon.")).stress_response(), "");
}

TEST_F(ReportTest, NamesStyles) {
  const Reading reading =
      Of("When I am stressed I make a plan and solve the problem. I trust my gut feeling, then I "
         "analyse the facts. "
         "I learn when I see pictures and watch, or build it with my own hands. Late at night I "
         "have most energy.");
  EXPECT_EQ(AdaptiveTraits(reading).stress_response(), "problem-solving");
  EXPECT_EQ(AdaptiveTraits(reading).decision_pattern(), "intuitive-analytical");
  EXPECT_EQ(AdaptiveTraits(reading).learning_style(), "visual-kinesthetic");
  EXPECT_EQ(UniqueSignature(reading).energy_rhythm(), "evening-peaks");
}

TEST_F(ReportTest, TellsOfTraitsAndDynamicsInSentences) {
  const auto deep = DeepReport(
      *lexicon_,
      Of("I failed twice, but I overcame it, bounced back and learned from it. I never give up."),
      Language::kEnglish);
  EXPECT_GT(deep.core_dynamics().resilience(), 0.6);
  EXPECT_THAT(deep.insights(), Contains(HasSubstr("got up again")));
  EXPECT_LE(deep.insights_size(), 4);
}

TEST(Themes, HaveADomainAndATrigger) {
  for (int i = CREATIVITY; i < Theme_ARRAYSIZE; ++i) {
    EXPECT_FALSE(DomainOf(static_cast<Theme>(i)).empty());
    EXPECT_TRUE(absl::EndsWith(TriggerOf(static_cast<Theme>(i)), "_answers"));
  }
  EXPECT_EQ(TriggerOf(CREATIVITY), "creative_answers");
}

}  // namespace
}  // namespace selfology::lexicon
