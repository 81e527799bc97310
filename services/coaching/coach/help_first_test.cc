#include "services/coaching/coach/help_first.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::coach {
namespace {

using language::Language;
using ::testing::HasSubstr;

Said Person(std::string text) { return {.by_person = true, .text = std::move(text)}; }
Said Coach(std::string text) { return {.by_person = false, .text = std::move(text)}; }

constexpr char kDanger[] = "I am going to kill myself tonight";

TEST(HelpFirstTest, DangerGetsHelpAndNoReply) {
  const auto help = HelpFirst({Person("Hi"), Coach("Hello."), Person(kDanger)}, Language::kEnglish);
  ASSERT_TRUE(help.has_value());
  EXPECT_THAT(*help, HasSubstr("findahelpline.com"));
  EXPECT_TRUE(HelpFirst({Person("Я решил покончить с собой сегодня")}, Language::kRussian));
}

TEST(HelpFirstTest, StaysUntilThePersonSaysThatTheyAreSafe) {
  std::vector<Said> dialogue = {Person(kDanger), Coach("…")};
  for (const char* next : {"What should I do first?", "How many would be enough?", "ok", "goodbye",
                           "How do I sleep better?"}) {
    dialogue.push_back(Person(next));
    EXPECT_TRUE(HelpFirst(dialogue, Language::kEnglish).has_value()) << next;
    dialogue.push_back(Coach("…"));
  }
  dialogue.push_back(Person("My sister is here with me now, I am safe."));
  EXPECT_TRUE(HelpFirst(dialogue, Language::kEnglish).has_value()) << "it is heard";
  dialogue.push_back(Coach("…"));
  dialogue.push_back(Person("How do I sleep better?"));
  EXPECT_FALSE(HelpFirst(dialogue, Language::kEnglish).has_value());
}

TEST(HelpFirstTest, OrdinaryTalkIsLeftAlone) {
  EXPECT_FALSE(HelpFirst({}, Language::kEnglish).has_value());
  for (const char* text : {"I want to sleep better", "My boss is killing me with deadlines",
                           "I quit my job today", "ok", "goodbye"}) {
    EXPECT_FALSE(HelpFirst({Person(text)}, Language::kEnglish).has_value()) << text;
  }
}

TEST(HelpFirstTest, WithoutConsentOneMessageGetsItsHelp) {
  const auto act = HelpWithoutConsent(kDanger, "en");
  ASSERT_TRUE(act.has_value());
  EXPECT_THAT(act->help, HasSubstr("findahelpline.com"));
  EXPECT_EQ(act->level, safety::Level::kAct);
  const auto ask = HelpWithoutConsent("Всем было бы легче, если бы меня не было", "en");
  ASSERT_TRUE(ask.has_value());
  EXPECT_EQ(ask->language, Language::kRussian);
  EXPECT_THAT(ask->help, HasSubstr("112")) << "what only asks has the numbers, too";
  for (const char* text : {"I want to sleep better", "My boss is killing me", "ok"}) {
    EXPECT_FALSE(HelpWithoutConsent(text, "en").has_value()) << text;
  }
}

}  // namespace
}  // namespace selfology::coach
