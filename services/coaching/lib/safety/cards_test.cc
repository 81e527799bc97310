// cards.h and help_lines.h
#include "services/coaching/lib/safety/cards.h"

#include <set>
#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/safety/help_lines.h"

namespace selfology::safety {
namespace {

using language::Language;
using ::testing::HasSubstr;
using ::testing::Not;

TEST(Cards, ExistForEveryDangerAndAnswer) {
  for (const Language language : language::kLanguages) {
    for (const Danger danger : kDangers) {
      const Card card = CardFor(danger, language, "DE");
      EXPECT_GT(card.text.size(), 50u) << NameOf(danger);
      EXPECT_FALSE(card.buttons.empty()) << NameOf(danger);
    }
    for (const FollowUp follow_up : kFollowUps) {
      EXPECT_FALSE(CardFor(follow_up, language, "").text.empty()) << NameOf(follow_up);
    }
  }
}

TEST(Cards, HaveButtonsThatLeadSomewhere) {
  for (const Language language : language::kLanguages) {
    const auto texts = ParseCards(language);
    ASSERT_TRUE(texts.ok());
    std::set<std::string> names;
    for (const CardText& card : texts->card()) {
      EXPECT_TRUE(names.insert(card.name()).second) << card.name();
      EXPECT_LE(card.button_size(), 4);
      for (const CardButton& button : card.button()) {
        EXPECT_TRUE(CardNamed(button.argument(), language, "").has_value()) << button.argument();
        EXPECT_LE(button.argument().size(), 24u);
        EXPECT_FALSE(button.label().empty());
      }
    }
  }
  EXPECT_FALSE(CardNamed("nonsense", Language::kEnglish, "").has_value());
}

TEST(Cards, AreTheSameInBothLanguages) {
  const auto english = ParseCards(Language::kEnglish);
  const auto russian = ParseCards(Language::kRussian);
  ASSERT_TRUE(english.ok() && russian.ok());
  ASSERT_EQ(english->card_size(), russian->card_size());
  for (int i = 0; i < english->card_size(); ++i) {
    const CardText& a = english->card(i);
    const CardText& b = russian->card(i);
    EXPECT_EQ(a.name(), b.name());
    EXPECT_EQ(a.paragraph_size(), b.paragraph_size()) << a.name();
    ASSERT_EQ(a.button_size(), b.button_size()) << a.name();
    for (int j = 0; j < a.button_size(); ++j) {
      EXPECT_EQ(a.button(j).argument(), b.button(j).argument()) << a.name();
    }
  }
}

TEST(Cards, AskPlainlyAndShowNumbers) {
  EXPECT_THAT(CardFor(Danger::kIndirect, Language::kEnglish, "US").text,
              HasSubstr("Are you thinking about ending your life?"));
  EXPECT_THAT(CardFor(Danger::kDirect, Language::kEnglish, "US").text, HasSubstr("988"));
  EXPECT_THAT(CardFor(Danger::kDirect, Language::kRussian, "RU").text, HasSubstr("8-800-2000-122"));
  EXPECT_THAT(CardFor(Danger::kDirect, Language::kEnglish, "").text,
              HasSubstr("findahelpline.com"));
  const std::string guessed = CardFor(Danger::kDirect, Language::kRussian, "").text;
  EXPECT_THAT(guessed, HasSubstr("8-800-2000-122"));
  EXPECT_LT(guessed.find("8-800-2000-122"), guessed.find("findahelpline.com"));
  EXPECT_THAT(guessed, HasSubstr("Номера в России"));
  const std::string elsewhere = CardFor(Danger::kDirect, Language::kRussian, kElsewhere).text;
  EXPECT_THAT(elsewhere, Not(HasSubstr("8-800-2000-122")));
  EXPECT_THAT(elsewhere, HasSubstr("findahelpline.com"));
  for (const Language language : language::kLanguages) {
    for (const Danger danger : kDangers) {
      EXPECT_THAT(CardFor(danger, language, "").text, Not(HasSubstr("$lines")));
    }
  }
}

TEST(HelpLines, ThoseOfTheYoungComeLast) {
  for (const char* country : {"RU", "GB", "DE", "US"}) {
    for (const Language language : language::kLanguages) {
      bool young = false;
      for (const HelpLine* line : LinesFor(language, country, LineNeed::kAnybody)) {
        if (line->country().empty()) continue;
        EXPECT_FALSE(young && line->audience() != HelpLine::YOUNG) << line->ShortDebugString();
        young |= line->audience() == HelpLine::YOUNG;
      }
    }
  }
}

TEST(HelpLines, AreWellFormed) {
  const auto lines = ParseHelpLines();
  ASSERT_TRUE(lines.ok());
  std::set<std::string> seen;
  for (const HelpLine& line : lines->line()) {
    for (const std::string& country : line.country()) {
      EXPECT_EQ(country.size(), 2u) << line.ShortDebugString();
      EXPECT_TRUE(seen.insert(country + " " + line.number()).second) << line.ShortDebugString();
    }
    EXPECT_FALSE(line.name_english().empty());
    EXPECT_FALSE(line.name_russian().empty());
    EXPECT_NE(line.number().empty(), line.page().empty()) << line.ShortDebugString();
    EXPECT_EQ(line.number().find_first_not_of("0123456789- "), std::string::npos) << line.number();
    EXPECT_FALSE(line.source().empty()) << line.ShortDebugString();
    std::set<std::string> hosts;
    for (const HelpLine::Source& source : line.source()) {
      EXPECT_TRUE(source.url().starts_with("http")) << source.url();
      EXPECT_EQ(source.seen().size(), 10u);
      const size_t begin = source.url().find("//") + 2;
      hosts.insert(source.url().substr(begin, source.url().find('/', begin) - begin));
    }
    EXPECT_EQ(line.confirmed(), hosts.size() >= 2) << line.ShortDebugString();
  }
}

TEST(LinesFor, ShowsConfirmedLinesOfTheCountry) {
  const auto first = [](std::string_view country, LineNeed need = LineNeed::kAnybody) {
    return LinesFor(Language::kEnglish, country, need).front()->number();
  };
  EXPECT_EQ(first("US"), "988");
  EXPECT_EQ(first("gb"), "116 123");
  EXPECT_EQ(first("FR"), "3114");
  EXPECT_EQ(first("NL"), "113");
  EXPECT_EQ(first("US", LineNeed::kEmergency), "911");
  EXPECT_EQ(first("DE", LineNeed::kEmergency), "112");
  EXPECT_EQ(first("KZ", LineNeed::kAbuse), "111");
  EXPECT_EQ(LinesFor(Language::kRussian, "").front(), LinesFor(Language::kRussian, "RU").front());
  EXPECT_NE(LinesFor(Language::kEnglish, "").front(), LinesFor(Language::kRussian, "").front());
  for (const char* country : {"", "ZZ", "US", "RU", "IT"}) {
    const auto lines = LinesFor(Language::kRussian, country);
    ASSERT_FALSE(lines.empty());
    EXPECT_FALSE(lines.back()->page().empty()) << country;
    for (const HelpLine* line : lines) EXPECT_TRUE(line->confirmed());
  }
}

}  // namespace
}  // namespace selfology::safety
