#include "services/edge/telegram_gateway/routing/frame_texts.h"

#include <algorithm>
#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/edge/telegram_gateway/bot_api/telegram_text.h"

namespace selfology::telegram_gateway::frame {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::Pair;
using ::testing::SizeIs;

void Say(google::protobuf::RepeatedPtrField<v1::LocalizedText>& texts, std::string language,
         std::string words) {
  v1::LocalizedText& text = *texts.Add();
  text.set_language(std::move(language));
  text.set_text(std::move(words));
}

v1::DialogDescription Describe(const std::string& name) {
  v1::DialogDescription description;
  description.set_dialog(name);
  Say(*description.mutable_titles(), "en", name + " & co");
  Say(*description.mutable_help(), "en", "<i>How " + name + " works</i>");
  v1::DialogCommand& command = *description.add_commands();
  command.set_name(name);
  Say(*command.mutable_descriptions(), "en", "To the " + name);
  Say(*command.mutable_descriptions(), "ru", "В " + name);
  description.add_commands()->set_name(name + "_hidden");
  return description;
}

bool IsRussian(std::string_view text) {
  return std::any_of(text.begin(), text.end(), [](char c) { return (c & 0x80) != 0; });
}

TEST(FrameTextsTest, AreThereInBothLanguages) {
  for (const auto& text :
       {TooFast(Language::kRussian, absl::Seconds(5)), UnknownCommand(Language::kRussian, ""),
        UnknownCommand(Language::kRussian, "start"), std::string(TakesAWhile(Language::kRussian)),
        std::string(Failure(Language::kRussian)),
        std::string(WhomToTalkWith(Language::kRussian, true)),
        std::string(SomethingElse(Language::kRussian)),
        std::string(NothingToCancel(Language::kRussian)),
        std::string(NothingToSet(Language::kRussian)),
        std::string(StaleButton(Language::kRussian))}) {
    EXPECT_TRUE(IsRussian(text)) << text;
    EXPECT_THAT(SplitHtml(text), SizeIs(1));
    EXPECT_THAT(text, Not(HasSubstr("$")));
  }
  EXPECT_EQ(StaleButton(Language::kEnglish), "This button is no longer in use.");
}

TEST(FrameTextsTest, CountsSeconds) {
  EXPECT_THAT(TooFast(Language::kEnglish, absl::ZeroDuration()), HasSubstr("wait 1 second and"));
  EXPECT_THAT(TooFast(Language::kEnglish, absl::Milliseconds(1200)),
              HasSubstr("wait 2 seconds and"));
  EXPECT_THAT(TooFast(Language::kRussian, absl::Seconds(21)), HasSubstr("21 секунду"));
  EXPECT_THAT(TooFast(Language::kRussian, absl::Seconds(23)), HasSubstr("23 секунды"));
  EXPECT_THAT(TooFast(Language::kRussian, absl::Seconds(45)), HasSubstr("45 секунд "));
}

TEST(HelpTest, OneDialogsParagraphStandsAlone) {
  const Directory one = *Directory::Of({Describe("garden")});
  EXPECT_EQ(Help("en", one), "<i>How garden works</i>");
}

TEST(HelpTest, SeveralHaveTheirTitles) {
  const Directory several = *Directory::Of({Describe("garden"), Describe("pond")});
  EXPECT_EQ(Help("en", several),
            "<b>How this works</b>\n\n<b>garden &amp; co</b>\n<i>How garden works</i>"
            "\n\n<b>pond &amp; co</b>\n<i>How pond works</i>");
}

TEST(HelpTest, WithoutParagraphsTheCommandsAreListed) {
  v1::DialogDescription garden = Describe("garden");
  garden.clear_help();
  EXPECT_THAT(Help("en", *Directory::Of({garden})), HasSubstr("\n/garden — To the garden\n/help"));
}

TEST(CommandMenuTest, HasWhatFitsNow) {
  v1::DialogDescription garden = Describe("garden");
  garden.mutable_commands(0)->add_menus("spring");
  const Directory dialogs = *Directory::Of({garden, Describe("pond")});
  const auto names = [&](const Menus& menus) {
    std::string names;
    for (const auto& [name, effect] : CommandMenu(dialogs, "en", menus)) names += "/" + name;
    return names;
  };
  EXPECT_EQ(names({}), "/start/garden/pond/help");
  EXPECT_EQ(names({{"garden", "spring"}}), "/start/garden/pond/help");
  EXPECT_EQ(names({{"garden", "winter"}}), "/start/pond/help");
  EXPECT_EQ(names({{"pond", "winter"}}), "/start/garden/pond/help");
}

TEST(CommandMenuTest, HasWhatIsDescribed) {
  const Directory dialogs = *Directory::Of({Describe("garden"), Describe("pond")});
  EXPECT_THAT(
      CommandMenu(dialogs, "en"),
      ElementsAre(Pair("start", "Begin, or see where we are"), Pair("garden", "To the garden"),
                  Pair("pond", "To the pond"), Pair("help", "How this works")));
  EXPECT_THAT(CommandMenu(dialogs, "ru")[1].second, "В garden");
  EXPECT_THAT(MenuLanguages(dialogs), ElementsAre("ru"));
}

TEST(CommandMenuTest, TheOnlyDialogMayHaveWordsForStartAndAPlaceForHelp) {
  v1::DialogDescription garden = Describe("garden");
  v1::DialogCommand& start = *garden.add_commands();
  start.set_name("start");
  Say(*start.mutable_descriptions(), "en", "Enter");
  v1::DialogCommand& help = *garden.add_commands();
  help.set_name("help");
  Say(*help.mutable_descriptions(), "en", "Ask the gardener");
  EXPECT_THAT(CommandMenu(*Directory::Of({garden}), "en"),
              ElementsAre(Pair("start", "Enter"), Pair("garden", "To the garden"),
                          Pair("help", "Ask the gardener")));
}

TEST(CommandMenuTest, IsNoLongerThanTelegramTakes) {
  std::vector<v1::DialogDescription> many;
  for (int i = 0; i < 120; ++i) many.push_back(Describe("d" + std::to_string(i)));
  const auto menu = CommandMenu(*Directory::Of(many), "en");
  EXPECT_THAT(menu, SizeIs(100));
  EXPECT_EQ(menu.front().first, "start");
  EXPECT_EQ(menu.back().first, "help");
}

}  // namespace
}  // namespace selfology::telegram_gateway::frame
