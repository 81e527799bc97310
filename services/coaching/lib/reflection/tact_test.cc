// What readers of unseen answers found mistaken, cut short or tactless: one test a pattern.
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/reflection/reflection.h"
#include "services/coaching/lib/reflection/word_tables.h"

namespace selfology::reflection {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

constexpr Language kRussian = Language::kRussian;

Reflection To(std::string_view question, std::string_view answer,
              Language language = Language::kEnglish) {
  return Reflect({.question = question, .text = answer, .language = language, .number = 0});
}

std::string Said(std::string_view question, std::string_view answer,
                 Language language = Language::kEnglish) {
  return To(question, answer, language).text;
}

constexpr std::string_view kCalms = "What reliably calms you?";
constexpr std::string_view kLighter = "Что помогает вам отдохнуть?";

TEST(Tact, NoWordsOfAClerk) {
  for (const Language language : language::kLanguages) {
    for (const char* list : {"THANKS", "QUOTE", "THANKS_UNADDRESSED", "QUOTE_UNADDRESSED"}) {
      for (const std::string& frame : WordTable::Of(language).frames(list)) {
        for (const char* clerk :
             {"noted", "taking the time", "нашли время", "аписываю", "апоминаю"}) {
          EXPECT_THAT(frame, Not(HasSubstr(clerk)));
        }
      }
    }
  }
}

TEST(Tact, WhatHurtsIsThankedForOtherwise) {
  EXPECT_EQ(Said("What do you do on Sundays?", "Very little. lonely day"),
            "Thank you for telling me this.");
  EXPECT_EQ(Said("Что вы делаете по воскресеньям?", "почти ничего, одиноко", kRussian),
            "Спасибо, что рассказали об этом.");
  EXPECT_EQ(Said("What do you do on Sundays?", "Nothing scares me."), "Thank you for the answer.");
}

TEST(Tact, WhatWeighsIsQuotedAndNotNamed) {
  const Reflection quoted =
      To("What weighs on you most?",
         "the rota. I leave at five and my son is still in bed, and everyone says to enjoy it");
  EXPECT_EQ(quoted.kind, Kind::kQuoted);
  EXPECT_THAT(quoted.text, HasSubstr("“I leave at five and my son is still in bed"));
  EXPECT_EQ(To("What weighs on you most?", "The rota.").kind, Kind::kThanks);
  EXPECT_EQ(To("Что тяготит вас больше всего?", "Ремонт.", kRussian).kind, Kind::kThanks);
  EXPECT_EQ(To("Which feeling do you not allow yourself?",
               "Spite, I suppose. I turn it into jokes about people instead.")
                .kind,
            Kind::kThanks);
}

TEST(Tact, ACountIsNotWhatIsCounted) {
  EXPECT_EQ(
      Said(kCalms, "Three, in no order: 1. Tea 2. walking by Kew Bridge 3. Radio 4, and don't ask"),
      "Tea, walking by Kew Bridge, Radio 4 – that is what reliably calms you.");
  EXPECT_EQ(Said(kCalms, "- baths, very hot - ringing my brother - knitting, badly"),
            "Baths, ringing your brother, knitting – that is what reliably calms you.");
  EXPECT_THAT(Said(kCalms, "Two, and neither of them works."), Not(HasSubstr("Two –")));
  EXPECT_THAT(Said(kLighter, "Две, и обе не при людях.", kRussian), Not(HasSubstr("Две —")));
  EXPECT_EQ(Said("How many friends do you need?", "Three."),
            "Three – that is how many friends you need.");
}

TEST(Tact, WhatGoesOnIsSaidToo) {
  EXPECT_EQ(Said(kCalms, "sleeping. and drawing but not for school just normal drawing"),
            "Sleeping and drawing – that is what reliably calms you.");
  EXPECT_EQ(Said(kLighter, "Сон. И бассейн.", kRussian),
            "Сон и бассейн — вот что помогает вам отдохнуть.");
  // A second one that cannot be named does not leave the first as the whole.
  EXPECT_NE(To(kCalms, "tea. and it must be hot").kind, Kind::kNamed);
  EXPECT_NE(To("What are you looking forward to?",
               "Friday. Me and Jo play at the Crown, three songs if they let us.")
                .kind,
            Kind::kNamed);
}

TEST(Tact, TheMainThingIsNotLost) {
  constexpr std::string_view kTuesday = "Как выглядел бы ваш обычный вторник?";
  constexpr std::string_view kRest = "Утром дочь в сад отвёз, днём работа у дома, вечером баня.";
  EXPECT_THAT(Said(kTuesday, std::string("Дома. Не на вахте. ") + std::string(kRest), kRussian),
              HasSubstr("Утром дочь в сад отвёз"));
  EXPECT_THAT(Said(kTuesday, std::string("Дома. Это главное. ") + std::string(kRest), kRussian),
              Not(HasSubstr("Утром дочь в сад отвёз")));
  EXPECT_THAT(Said("", "Quiet. That's the main thing. I water the beans at five every day."),
              Not(HasSubstr("beans")));
}

TEST(Tact, NothingPointsAtWhatIsNotSaid) {
  const std::string said =
      Said("Which feeling have you had most?",
           "So much tiredness, is that one? And under it a sort of buzzing like a fridge.");
  EXPECT_THAT(said, Not(HasSubstr("under it")));
}

TEST(Tact, WhatIsAnnouncedIsQuotedToTheEnd) {
  EXPECT_EQ(Said(kCalms, "My gran's saying: \"Put the kettle on.\" Works most days."),
            "“My gran's saying: ‘Put the kettle on.’” – that is what reliably calms you.");
  EXPECT_EQ(
      Said("Что вас обрадовало бы?", "Если бы кто-нибудь нашёл книжку и подумал: это та самая.",
           kRussian),
      "«Если бы кто-нибудь нашёл книжку и подумал: это та самая» — вот что вас обрадовало бы.");
}

TEST(Tact, ACryIsNoNameAndIdkOpensNoStatement) {
  EXPECT_EQ(Said(kCalms, "omg a very long bath!!"),
            "A very long bath – that is what reliably calms you.");
  EXPECT_EQ(Said("Где вам хорошо думается?", "За рулём, где ж ещё.", kRussian),
            "За рулём — вот где вам хорошо думается.");
  for (const char* none :
       {"idk so it feels nice when i paint", "Dunno, the money I get from it."}) {
    EXPECT_EQ(To(kCalms, none).kind, Kind::kThanks) << none;
  }
  EXPECT_EQ(To(kLighter, "хз, чтоб весело было с самого утра", kRussian).kind, Kind::kThanks);
  EXPECT_EQ(Said(kCalms, "Ah I don't know. A few trees."),
            "A few trees – that is what reliably calms you.");
}

TEST(Tact, SlangAndSlipsAreNobodysElse) {
  EXPECT_NE(To("", "I had like 2 friends by the first wednesday of term.").kind, Kind::kTurned);
  EXPECT_EQ(To(kCalms, "my best freind").kind, Kind::kThanks);
  EXPECT_THAT(
      Said(kLighter, "Сажусь у окна. И я такая сижу смотрю как чистят снег во дворе.", kRussian),
      Not(HasSubstr("вы такая")));
}

TEST(Tact, ASmallOneIsNoSecondItem) {
  EXPECT_EQ(Said(kCalms, "A boat. A small one. It'd sink likely"),
            "A boat – that is what reliably calms you.");
}

TEST(Tact, ABareNoIsNoReproach) {
  EXPECT_EQ(Said("Когда вы показывали своё?", "не показываю никому ничего", kRussian),
            "Спасибо за ответ.");
  EXPECT_NE(To("When did you last show it?", "I never show anybody anything.").kind, Kind::kTurned);
}

TEST(Tact, AnAsideAboutSomebodyElseIsLeftOut) {
  EXPECT_EQ(Said(kCalms, "Loading the dishwasher. My wife has given up."),
            "Loading the dishwasher – that is what reliably calms you.");
}

TEST(Tact, AnApologyToTheCoachIsThankedFor) {
  EXPECT_EQ(Said(kCalms, "Being asked nothing. Sorry, that includes you."),
            "Thank you for the answer.");
  EXPECT_EQ(To(kCalms, "Painting. I told my brother sorry, and he laughed.").kind, Kind::kNamed);
}

}  // namespace
}  // namespace selfology::reflection
