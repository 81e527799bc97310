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
using ::testing::Key;

constexpr std::string_view kExampleAnswer =
    "I feel most alive when creating art and helping others grow.";

class ReportTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() { lexicon_ = new Lexicon(*Lexicon::BuiltIn()); }
  static void TearDownTestSuite() { delete lexicon_; }
  Reading Of(std::string_view text) { return Read(*lexicon_, text); }

  static Lexicon* lexicon_;
};
Lexicon* ReportTest::lexicon_ = nullptr;

// The example of R000-8.
TEST_F(ReportTest, ReadsTheExampleOfTheRequirementsAsTheyDo) {
  const auto instant = InstantReport(*lexicon_, Of(kExampleAnswer), Language::kEnglish);
  EXPECT_EQ(instant.sentiment(), analysis::v1::SENTIMENT_POSITIVE);
  EXPECT_THAT(instant.key_themes(), ElementsAre("creativity", "altruism"));
  EXPECT_NEAR(instant.quality_score(), 0.85, 0.15);
  EXPECT_EQ(instant.brief_insight(), "") << "counts of words say nothing to anybody";
  const auto deep = DeepReport(*lexicon_, Of(kExampleAnswer), Language::kEnglish);
  EXPECT_THAT(deep.domain_affinities(), Contains(Key("CREATIVITY")));
}

TEST_F(ReportTest, SpeaksThePersonsLanguage) {
  const Reading reading = Of("Я оживаю, когда рисую и помогаю другим.");
  EXPECT_THAT(InstantReport(*lexicon_, reading, Language::kRussian).key_themes(),
              ElementsAre("творчество", "забота о других"));
  EXPECT_THAT(InstantReport(*lexicon_, reading, Language::kEnglish).key_themes(),
              ElementsAre("creativity", "altruism"));
}

TEST_F(ReportTest, ReportsOnAnythingAndClaimsNothing) {
  for (const std::string_view text :
       {"", "ok", "12", "asdf", "да", "I live on the third floor of a house",
        "I failed twice, but I overcame it and learned from it. I never give up."}) {
    for (const Language language : {Language::kEnglish, Language::kRussian}) {
      EXPECT_NE(InstantReport(*lexicon_, Of(text), language).sentiment(),
                analysis::v1::SENTIMENT_UNSPECIFIED);
      const auto deep = DeepReport(*lexicon_, Of(text), language);
      EXPECT_EQ(deep.insights_size(), 0);
      EXPECT_EQ(deep.summary(), "");
      for (const auto& pattern : deep.patterns()) EXPECT_EQ(pattern.description(), "");
    }
  }
}

TEST_F(ReportTest, LeavesOutWhatDoesNotShow) {
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

TEST_F(ReportTest, SeesResilience) {
  const auto deep = DeepReport(
      *lexicon_,
      Of("I failed twice, but I overcame it, bounced back and learned from it. I never give up."),
      Language::kEnglish);
  EXPECT_GT(deep.core_dynamics().resilience(), 0.6);
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
