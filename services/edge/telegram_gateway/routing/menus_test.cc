#include "services/edge/telegram_gateway/routing/menus.h"

#include <string>
#include <vector>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using telegram_emulator::World;

v1::DialogDescription WithMenus(const std::string& name) {
  v1::DialogDescription description = DescriptionOf(name);
  description.mutable_commands(0)->add_menus("spring");
  v1::DialogCommand& dig = *description.add_commands();
  dig.set_name("dig");
  *dig.add_descriptions() = In("en", "Dig");
  return description;
}

std::string Names(const std::vector<BotApi::MenuCommand>& commands) {
  std::string names;
  for (const BotApi::MenuCommand& command : commands) names += "/" + command.name;
  return names;
}

TEST(MenuOfTest, IsTheCommonOneUntilADialogWantsAnother) {
  const Directory dialogs = *Directory::Of({WithMenus("garden")});
  EXPECT_EQ(Names(CommonMenu(dialogs)[""]), "/start/garden/dig/help");
  const PersonMenu none = MenuOf({}, dialogs);
  EXPECT_TRUE(none.by_language.empty());
  EXPECT_EQ(none.fingerprint, "");
  EXPECT_FALSE(PersonMenus::IsOutdated({}, dialogs));
}

TEST(MenuOfTest, HasWhatFitsNow) {
  const Directory dialogs = *Directory::Of({WithMenus("garden"), DescriptionOf("pond")});
  PersonMenu menu = MenuOf({.menu = R"({"garden": "winter"})"}, dialogs);
  EXPECT_EQ(Names(menu.by_language[""]), "/start/dig/pond/help");
  EXPECT_EQ(Names(menu.by_language["ru"]), "/start/dig/pond/help");
  EXPECT_EQ(Names(MenuOf({.menu = R"({"garden": "spring"})"}, dialogs).by_language[""]),
            "/start/garden/dig/pond/help");
}

TEST(MenuOfTest, IsInTheirLanguage) {
  const Directory dialogs = *Directory::Of({DescriptionOf("garden")});
  const auto garden_in = [&](const std::string& stored, const std::string& telegrams) {
    return MenuOf({.language = stored, .menu = R"({"garden": "x"})"}, dialogs)
        .by_language[telegrams][1]
        .description;
  };
  EXPECT_EQ(garden_in("", ""), "Visit the garden");
  EXPECT_EQ(garden_in("", "ru"), "Заглянуть: garden");
  EXPECT_EQ(garden_in("ru", ""), "Заглянуть: garden");
  EXPECT_EQ(garden_in("en", "ru"), "Visit the garden");
}

TEST(MenuOfTest, IsOutdatedWhenAnythingOfItChanges) {
  const Directory dialogs = *Directory::Of({WithMenus("garden")});
  store::Focus focus = {.menu = R"({"garden": "winter"})"};
  EXPECT_TRUE(PersonMenus::IsOutdated(focus, dialogs));
  focus.menu_shown = MenuOf(focus, dialogs).fingerprint;
  EXPECT_FALSE(PersonMenus::IsOutdated(focus, dialogs));
  focus.language = "ru";
  EXPECT_TRUE(PersonMenus::IsOutdated(focus, dialogs));
  focus.language = "";
  focus.menu = R"({"garden": "spring"})";
  EXPECT_TRUE(PersonMenus::IsOutdated(focus, dialogs));
  focus.menu = "nonsense";
  focus.menu_shown = "";
  EXPECT_FALSE(PersonMenus::IsOutdated(focus, dialogs));
}

class MenusTest : public GatewayTest {
 protected:
  MenusTest() { garden().description = WithMenus("garden"); }

  // The words of those who want another menu.
  void LetWordsChooseTheMenu() {
    garden().Do([](FakeDialog& d) {
      d.react = [](const v1::ReactRequest& request) {
        v1::ReactResponse response = Answering({Saying("All right.")});
        response.mutable_reaction()->set_menu(request.update().words());
        return response;
      };
    });
  }
  // What Ann sees.
  void AwaitMenu(const std::string& names) {
    MeshTest::Await("the menu " + names, [&] {
      return telegram().exchange().Look([&](const World& world) {
        std::string seen;
        for (const auto& command : world.commands.ForUser(ann(), "en")) {
          seen += "/" + command.value("command", "");
        }
        return seen == names;
      });
    });
  }
};

TEST_F(MenusTest, APersonsMenuFollowsWhatTheDialogWants) {
  LetWordsChooseTheMenu();
  Start();
  AwaitMenu("/start/garden/dig/help");
  Await("All right.", Say("winter"));
  AwaitMenu("/start/dig/help");
  Await("All right.", Say("spring"));
  AwaitMenu("/start/garden/dig/help");
  // Nobody else's.
  const auto common = telegram().exchange().Look(
      [](const World& world) { return world.commands.Get("all_private_chats", "").size(); });
  EXPECT_EQ(common, 4u);
}

TEST_F(MenusTest, WhatTelegramDidNotTakeIsShownWithTheNextUpdate) {
  LetWordsChooseTheMenu();
  Start();
  AwaitMenu("/start/garden/dig/help");
  telegram().AddFault({.method = "setMyCommands", .times = 1000, .error_code = 400});
  Await("All right.", Say("winter"));
  EXPECT_TRUE(
      telegram()
          .AwaitCall(
              [](const ApiCall& call) { return call.method == "setMyCommands" && call.injected; },
              testing::kPatience)
          .ok());
  AwaitQuiet();
  telegram().ClearFaults();
  garden().Do([](FakeDialog& d) { d.react = nullptr; });
  Await("garden heard: Hello?", Say("Hello?"));
  AwaitMenu("/start/dig/help");
}

TEST_F(MenusTest, AnEventMayChangeItToo) {
  Start();
  Meet();
  garden().Do([](FakeDialog& d) {
    d.render = [](const v1::RenderEventRequest& request) {
      auto response = Answering<v1::RenderEventResponse>({Saying("It snows.")});
      response.mutable_reaction()->set_menu(request.payload());
      return response;
    };
  });
  Tell("garden.changed", "winter");
  AwaitMenu("/start/dig/help");
  // That is no menu's name, and does no harm.
  Tell("garden.changed", "Winter!");
  MeshTest::Await("the event", [&] { return Count("It snows.") == 2; });
  AwaitMenu("/start/dig/help");
}

}  // namespace
}  // namespace selfology::telegram_gateway
