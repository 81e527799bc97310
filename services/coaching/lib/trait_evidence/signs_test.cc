#include "services/coaching/lib/trait_evidence/signs.h"

#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::trait_evidence {
namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::UnorderedElementsAre;

constexpr std::string_view kAnything = "What comes to your mind?";

class SignsTest : public ::testing::Test {
 protected:
  // "conscientiousness+"
  std::vector<std::string> Signs(std::string_view answer, std::string_view question = kAnything) {
    std::vector<std::string> signs;
    for (const auto& sign : FindSigns(rules_, question, answer)) {
      signs.push_back(sign.trait_name() + (sign.direction() > 0 ? "+" : "-"));
    }
    return signs;
  }

  const SignRules rules_ = *SignRules::BuiltIn();
};

TEST_F(SignsTest, ReadsBehavioursAtBothPoles) {
  struct Case {
    std::string_view answer;
    std::string_view sign;
  };
  for (const auto& [answer, sign] : std::vector<Case>{
           {"I check every invoice three times.", "conscientiousness+"},
           {"I never finish what I start.", "conscientiousness-"},
           {"I'd rather stay home than go to a party.", "extraversion-"},
           {"I talk to everyone in the queue.", "extraversion+"},
           {"I write poems on the tram.", "openness+"},
           {"I feel most alive when creating art and helping others grow.", "openness+"},
           {"I order the same dish every time.", "openness-"},
           {"I took soup to the neighbour with the broken leg.", "agreeableness+"},
           {"I told him to his face what I think.", "agreeableness-"},
           {"I lie awake at night going over the conversation.", "neuroticism+"},
           {"I shrugged and made tea.", "neuroticism-"},
           {"Проверяю отчёт по три раза.", "conscientiousness+"},
           {"Ничего не довожу до конца.", "conscientiousness-"},
           {"Лучше посижу дома с книгой.", "extraversion-"},
           {"Болтаю со всеми в очереди.", "extraversion+"},
           {"По ночам пишу стихи.", "openness+"},
           {"Беру одно и то же блюдо.", "openness-"},
           {"Сварила соседке суп.", "agreeableness+"},
           {"Сказал ему прямо в лицо.", "agreeableness-"},
           {"Прокручиваю этот разговор в голове.", "neuroticism+"},
           {"Сплю как младенец.", "neuroticism-"},
       }) {
    EXPECT_THAT(Signs(answer), Contains(sign)) << answer;
  }
}

TEST_F(SignsTest, WhatOthersDoIsNoSignOfTheWriter) {
  EXPECT_THAT(Signs("New girl was crying in the kitchen."), IsEmpty());
  EXPECT_THAT(Signs("My husband is always late."), IsEmpty());
  EXPECT_THAT(Signs("She panics before every flight."), IsEmpty());
  EXPECT_THAT(Signs("Муж вечно теряет ключи, он паникует из-за всего."), IsEmpty());
  EXPECT_THAT(Signs("My husband snores, and I check the invoices twice."),
              Contains("conscientiousness+"));
}

TEST_F(SignsTest, ADenialTurnsASignRound) {
  EXPECT_THAT(Signs("Тревоги нет."), UnorderedElementsAre("neuroticism-"));
  EXPECT_THAT(Signs("I am not anxious."), UnorderedElementsAre("neuroticism-"));
  EXPECT_THAT(Signs("Parties are not my thing."), UnorderedElementsAre("extraversion-"));
  EXPECT_THAT(Signs("I can't help checking everything twice."),
              UnorderedElementsAre("conscientiousness+"));
}

TEST_F(SignsTest, WishesQuotationsAndIronyDoNotCount) {
  EXPECT_THAT(Signs("I wish I was organised."), IsEmpty());
  EXPECT_THAT(Signs("She wrote: \"I panic all the time\" and left."), IsEmpty());
  EXPECT_THAT(Signs("Написано было: «я паникую постоянно»."), IsEmpty());
  EXPECT_THAT(Signs("Oh sure, I am the life of the party."), IsEmpty());
  EXPECT_THAT(Signs("Ага, конечно, душа компании."), IsEmpty());
}

TEST_F(SignsTest, TheQuestionCounts) {
  EXPECT_THAT(Signs("Nothing.", "What scares you?"), UnorderedElementsAre("neuroticism-"));
  EXPECT_THAT(Signs("Ничего.", "Что вас пугает?"), UnorderedElementsAre("neuroticism-"));
  EXPECT_THAT(Signs("Nothing."), IsEmpty());
  EXPECT_THAT(Signs("Never.", "Do you worry about the future?"),
              UnorderedElementsAre("neuroticism-"));
  EXPECT_THAT(Signs("Checked everything twice.", "Who taught you what matters?"), IsEmpty());
  EXPECT_THAT(Signs("They'd say chatty.", "How would your friends describe you?"),
              UnorderedElementsAre("extraversion+"));
}

TEST_F(SignsTest, ADayWeighsLessThanAHabit) {
  const auto weight = [&](std::string_view answer) {
    const auto signs = FindSigns(rules_, kAnything, answer);
    return signs.empty() ? 0 : signs[0].weight();
  };
  EXPECT_LT(weight("Yesterday I panicked."), weight("I panic."));
  EXPECT_LT(weight("I procrastinate."), weight("I always procrastinate."));
}

TEST_F(SignsTest, QuotesTheClauseNotTheAnswer) {
  const std::string answer =
      "The weather was fine, the train left at noon. I check every invoice three times, and nobody "
      "sees it. Then we had lunch.";
  const auto signs = FindSigns(rules_, kAnything, answer);
  ASSERT_FALSE(signs.empty());
  EXPECT_EQ(signs[0].quote(), "I check every invoice three times");
  EXPECT_EQ(signs[0].kind(), trait::v1::EVIDENCE_KIND_TEXT);
}

TEST_F(SignsTest, QuotesAreInTheAnswerWhateverItIs) {
  const std::vector<std::string> parts = {
      "I ",          "check ", "twice", ", ",           ". ",  "не ",          "паникую ",
      "\"",          "«",      "»",     "\xD0",         "🙂 ", "always late ", "нет",
      "my husband ", "worry ", "! ",    "боюсь всего ", "\n"};
  std::mt19937 random(5);
  for (int round = 0; round < 3'000; ++round) {
    std::string answer;
    for (auto i = random() % 80; i > 0; --i) answer += parts[random() % parts.size()];
    for (const auto& sign : FindSigns(rules_, kAnything, answer)) {
      EXPECT_THAT(answer, HasSubstr(sign.quote()));
      EXPECT_FALSE(sign.quote().empty());
      EXPECT_TRUE(sign.direction() == 1 || sign.direction() == -1);
      EXPECT_GT(sign.weight(), 0);
      EXPECT_LE(sign.weight(), 1.5);
    }
  }
}

TEST(SignRulesTest, NamesTheLineThatIsWrong) {
  EXPECT_THAT(SignRules::Parse({"[C+]\nfine\n~ starts with a gap"}).status().message(),
              HasSubstr("3: "));
  EXPECT_THAT(SignRules::Parse({"no pole"}).status().message(), HasSubstr("1: "));
  EXPECT_THAT(SignRules::Parse({"[X+]"}).status().message(), HasSubstr("1: "));
  EXPECT_THAT(SignRules::Parse({"[N-]\n? what => a => b"}).status().message(), HasSubstr("2: "));
  EXPECT_TRUE(SignRules::BuiltIn().ok()) << SignRules::BuiltIn().status();
}

TEST(PatternTest, MatchesWordsStemsAndGaps) {
  const auto matches = [](std::string_view pattern, std::string_view text) {
    return Pattern::Parse(pattern)->Contains(lexicon::SplitWords(text));
  };
  EXPECT_TRUE(matches("check* ~ twice", "I checked it all twice"));
  EXPECT_FALSE(matches("check* ~ twice", "I checked what they had done twice")) << "four words";
  EXPECT_FALSE(matches("check* ~ twice", "I checked. Twice")) << "another sentence";
  EXPECT_TRUE(matches("give_up|quit $", "I never give up. Not me"));
  EXPECT_TRUE(matches("^ nothing", "Well. Nothing"));
  EXPECT_FALSE(matches("^ nothing", "There is nothing"));
}

}  // namespace
}  // namespace selfology::trait_evidence
