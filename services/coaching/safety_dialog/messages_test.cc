#include "services/coaching/safety_dialog/messages.h"

#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/coaching/safety_dialog/crisis.h"

namespace selfology::safety_dialog {
namespace {

using ::testing::AllOf;
using ::testing::AnyOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::SizeIs;

std::vector<std::string> ButtonsOf(const v1::DialogMessage& message) {
  std::vector<std::string> buttons;
  for (const v1::ButtonRow& row : message.button_rows()) {
    for (const v1::Button& button : row.buttons()) buttons.push_back(button.callback_data());
  }
  return buttons;
}

TEST(CardMessage, HasTheCardAndItsButtons) {
  const auto direct = CardMessage("direct", Language::kEnglish, "");
  ASSERT_TRUE(direct.has_value());
  EXPECT_THAT(direct->message_text(), HasSubstr("Is somebody with you?"));
  EXPECT_EQ(direct->kind(), "safety");
  EXPECT_THAT(ButtonsOf(*direct), ElementsAre("safety:with_somebody", "safety:alone",
                                              "safety:grounding", "safety:safe"));
  EXPECT_FALSE(CardMessage("no_such_card", Language::kEnglish, "").has_value());
  EXPECT_FALSE(CardMessage("", Language::kEnglish, "").has_value());
}

TEST(CardMessage, ShowsTheNumbersOfTheCountry) {
  const auto lines = CardMessage(kLines, Language::kRussian, "KZ");
  ASSERT_TRUE(lines.has_value());
  EXPECT_THAT(lines->message_text(), AllOf(HasSubstr("150"), HasSubstr("findahelpline.com")));
  EXPECT_THAT(ButtonsOf(*lines), Contains("safety:countries"));
  EXPECT_THAT(CardMessage(kLines, Language::kEnglish, "")->message_text(),
              AllOf(HasSubstr("112"), HasSubstr("findahelpline.com")));
}

TEST(CardMessage, ListsCountriesThatAreKnown) {
  const auto countries = CardMessage(kCountries, Language::kEnglish, "");
  ASSERT_TRUE(countries.has_value());
  const std::vector<std::string> buttons = ButtonsOf(*countries);
  EXPECT_THAT(buttons, SizeIs(Countries().size() + 1));
  EXPECT_THAT(buttons, Contains("safety:country:GB"));
  EXPECT_EQ(buttons.back(), "safety:country:") << "another one";
  EXPECT_LE(countries->button_rows_size(), 100);
  for (const std::string& data : buttons) EXPECT_LE(data.size(), 64u);
  EXPECT_THAT(countries->button_rows(0).buttons(0).text(), HasSubstr("🇦🇹 AT"));
}

TEST(CardMessage, TheShortOneAsksToo) {
  for (const Language language : language::kLanguages) {
    const auto message = CardMessage(kShort, language, "");
    ASSERT_TRUE(message.has_value());
    EXPECT_THAT(ButtonsOf(*message), ElementsAre("safety:safe", "safety:lines"));
  }
}

TEST(LanguageOfWords, GoesByTheLettersAndThenByTheTag) {
  EXPECT_EQ(LanguageOfWords("мне плохо", "en"), Language::kRussian);
  EXPECT_EQ(LanguageOfWords("hochu umeret", "ru"), Language::kRussian);
  EXPECT_EQ(LanguageOfWords("I feel bad", "en"), Language::kEnglish);
  EXPECT_EQ(LanguageOfWords("", "de"), Language::kEnglish);
}

TEST(Describe, IsAGuardWithACardForWhenItIsAway) {
  const v1::DialogDescription description = Describe();
  EXPECT_EQ(description.dialog(), "safety_dialog");
  EXPECT_EQ(description.titles_size(), 0) << "nobody chooses it";
  ASSERT_EQ(description.commands_size(), 1);
  EXPECT_EQ(description.commands(0).name(), "sos");
  EXPECT_EQ(description.commands(0).descriptions_size(), 2);
  EXPECT_TRUE(description.commands(0).menus().empty()) << "in all menus";
  EXPECT_THAT(description.button_actions(), ElementsAre("safety"));
  EXPECT_EQ(description.help_size(), 2);
  EXPECT_FALSE(description.has_gather());
  ASSERT_EQ(description.guard().card_size(), 2);
  for (const v1::LocalizedText& card : description.guard().card()) {
    EXPECT_THAT(card.text(), AllOf(HasSubstr("112"), HasSubstr("findahelpline.com")));
    EXPECT_THAT(card.language(), AnyOf("en", "ru"));
  }
}

}  // namespace
}  // namespace selfology::safety_dialog
