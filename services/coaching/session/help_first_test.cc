#include "services/coaching/session/help_first.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::session {
namespace {

using safety::Danger;
using safety::Level;
using ::testing::HasSubstr;

TEST(HelpFirstTest, DangerGetsHelpInTheLanguageOfTheWords) {
  for (const char* text : {"I want to kill myself tonight, I have the pills here",
                           "Everyone would be better off without me"}) {
    const auto heard = HelpFirst(text, Danger::kNone, "en");
    ASSERT_TRUE(heard.has_value()) << text;
    EXPECT_GE(heard->level, Level::kAsk) << text;
    EXPECT_EQ(heard->open, heard->noticed) << text;
    EXPECT_THAT(heard->help, HasSubstr("findahelpline.com")) << text;
  }
  for (const char* language : {"ru", "en"}) {
    const auto heard = HelpFirst("Я решил покончить с собой сегодня", Danger::kNone, language);
    ASSERT_TRUE(heard.has_value());
    EXPECT_EQ(heard->level, Level::kAct);
    EXPECT_THAT(heard->help, HasSubstr("Спасибо"));
    EXPECT_THAT(heard->help, HasSubstr("findahelpline.com"));
  }
}

TEST(HelpFirstTest, EverydayWordsAreAnswers) {
  for (const char* text : {"My boss is killing me with deadlines, I could die laughing at it.",
                           "I am dying to see the new film, and I'd kill for a coffee.",
                           "Умираю от скуки на совещаниях, зато вечером убиваю время за книгами.",
                           "Painting makes me feel alive."}) {
    EXPECT_FALSE(HelpFirst(text, Danger::kNone, "en").has_value()) << text;
  }
}

TEST(HelpFirstTest, AGraveDangerStaysUntilThePersonSaysThatTheyAreSafe) {
  for (const Danger open : {Danger::kDirect, Danger::kPlan}) {
    const auto other = HelpFirst("I like painting.", open, "en");
    ASSERT_TRUE(other.has_value()) << "nothing is asked or counted now";
    EXPECT_EQ(other->open, open);
    EXPECT_EQ(other->noticed, Danger::kNone);
    EXPECT_FALSE(other->help.empty());
    const auto less =
        HelpFirst("I am a burden to everyone, they'd be better off without me", open, "en");
    ASSERT_TRUE(less.has_value());
    EXPECT_TRUE(less->open == Danger::kDirect || less->open == Danger::kPlan);
    for (const char* text :
         {"my sister is here with me, I am safe now", "It was a figure of speech"}) {
      const auto safe = HelpFirst(text, open, "en");
      ASSERT_TRUE(safe.has_value()) << "it is heard: " << text;
      EXPECT_EQ(safe->open, Danger::kNone) << text;
      EXPECT_FALSE(safe->help.empty());
    }
  }
}

TEST(HelpFirstTest, AfterAQuestionTheNextAnswerCountsUnlessItSpeaksOfDanger) {
  EXPECT_FALSE(HelpFirst("I like painting.", Danger::kIndirect, "en").has_value());
  const auto yes = HelpFirst("Yes, I do", Danger::kIndirect, "en");
  ASSERT_TRUE(yes.has_value()) << "they were asked whether they think of ending their life";
  EXPECT_EQ(yes->open, Danger::kDirect);
  const auto safe = HelpFirst("I am safe now", Danger::kIndirect, "en");
  ASSERT_TRUE(safe.has_value()) << "no answer to the question";
  EXPECT_EQ(safe->open, Danger::kNone);
}

TEST(DangerNamedTest, EachNameNamesItsDanger) {
  for (const Danger danger : safety::kDangers)
    EXPECT_EQ(DangerNamed(safety::NameOf(danger)), danger);
  EXPECT_EQ(DangerNamed("none"), Danger::kNone);
  EXPECT_EQ(DangerNamed(""), Danger::kNone);
}

}  // namespace
}  // namespace selfology::session
