// Two bots of one gateway: each answers with its own dialogs, and what is said goes out by the right
// one.
#include "services/edge/telegram_gateway/bots.h"

#include <string>
#include <string_view>
#include <vector>

#include "common/http/client.h"
#include "common/http/server.h"
#include "services/edge/telegram_gateway/receiving/bots_fixture_test.h"
#include "services/edge/telegram_gateway/receiving/webhook.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

TEST_F(BotsTest, EachAnswersWithItsOwnDialog) {
  StartBoth();
  // Nobody is asked to choose: each bot has one dialog.
  MeetBoth();
  Await("garden heard: Flowers.", Say("Flowers."));
  AwaitOther("orchard heard: Apples.", SayToOther("Apples."));
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("Flowers."));
  EXPECT_THAT(orchard().Heard(), ElementsAre("Apples."));
  EXPECT_EQ(Count("orchard"), 0) << Transcript();
  EXPECT_EQ(CountOther("garden"), 0);
  EXPECT_EQ(Info(0)->bot_id(), kBot);
  EXPECT_EQ(Info(kOtherBot)->bot_id(), kOtherBot);
}

TEST_F(BotsTest, WhatDialogsOfDifferentBotsBothHaveIsNoConflict) {
  for (FakeDialog* dialog : {&garden(), &orchard()}) {
    v1::DialogCommand& command = *dialog->description.add_commands();
    command.set_name("menu");
    *command.add_descriptions() = In("en", "The menu");
    dialog->description.add_button_actions("same");
  }
  StartBoth();
  MeetBoth();
  Await("garden: /menu", Say("/menu"));
  AwaitOther("orchard: /menu", SayToOther("/menu"));
}

TEST_F(BotsTest, UpdatesOfOneNumberAreTwo) {
  StartBoth();
  MeetBoth();
  EXPECT_EQ(Handle(0, 7, "Flowers.")->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(Handle(kOtherBot, 7, "Apples.")->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(Handle(kOtherBot, 7, "Apples.")->outcome(), v1::UPDATE_OUTCOME_DUPLICATE);
  Await("garden heard: Flowers.");
  AwaitOther("orchard heard: Apples.");
  const absl::Status unknown = Handle(44, 7, "Weeds.").status();
  EXPECT_TRUE(absl::IsInvalidArgument(unknown)) << unknown;
}

TEST_F(BotsTest, FocusLanguageAndMenuAreEachBotsOwn) {
  AddDialog("meadow");
  orchard().Do([](FakeDialog& d) {
    d.description.mutable_commands(0)->add_menus("harvest");
    d.react = [](const v1::ReactRequest&) {
      v1::ReactResponse response = Answering({Saying("Welcome to the orchard.")});
      response.mutable_reaction()->set_language("ru");
      response.mutable_reaction()->set_menu("harvest");
      response.mutable_reaction()->set_focus(v1::FOCUS_CHANGE_TAKE);
      return response;
    };
  });
  StartBoth("+meadow");
  Meet();
  AwaitOther("Welcome to the orchard", SayToOther("/start orchard"));
  const auto shows_hers = [&](const ApiCall& call) {
    return call.method == "setMyCommands" &&
           absl::StrContains(call.parameters.dump(), absl::StrCat(ann()));
  };
  EXPECT_TRUE(other().AwaitCall(shows_hers, testing::kPatience).ok());
  AwaitQuiet();
  for (const ApiCall& call : telegram().Log()) EXPECT_FALSE(shows_hers(call));
  EXPECT_EQ(Rows("SELECT count(*) FROM bot_focus WHERE bot_id = 43 AND dialog = 'orchard'"
                 " AND language = 'ru' AND menu <> '{}'"),
            1);
  EXPECT_EQ(Rows("SELECT count(*) FROM bot_focus WHERE bot_id = 42"
                 " AND (dialog = 'orchard' OR language <> '' OR menu <> '{}')"),
            0);
  // Here nobody knows of the orchard.
  Await("garden heard: Flowers.", Say("Flowers."));
}

TEST_F(BotsTest, AnEventGoesOutByTheBotOfItsDialog) {
  orchard().description.add_event_types("garden.changed");
  StartBoth();
  MeetBoth();
  Tell("orchard.changed", "Apples fall.");
  AwaitOther("Apples fall.");
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  AwaitOther("It rains.");
  AwaitQuiet();
  EXPECT_EQ(Count("Apples fall."), 0);
  EXPECT_EQ(Count("It rains."), 1);
  EXPECT_EQ(CountOther("It rains."), 1);
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(BotsTest, WhatNobodyAddressesGoesWhereThePersonWroteLast) {
  StartBoth();
  MeetBoth();
  ASSERT_TRUE(Send("One.", "k1").ok());
  Await("garden heard: Flowers.", Say("Flowers."));
  ASSERT_TRUE(Send("Two.", "k2").ok());
  Request("Three.");
  Await("Three.");
  // The same again is the same, wherever they are now.
  ASSERT_TRUE(Send("One.", "k1").ok());
  ASSERT_TRUE(Send("Four.", "k4", kOtherBot).ok());
  events::v1::MessageSendRequested event;
  event.set_user_id(ann());
  event.set_message_text("Five.");
  event.set_bot_id(kOtherBot);
  Publish(event);
  AwaitOther("Five.");
  AwaitQuiet();
  for (const std::string_view words : {"One.", "Four.", "Five."}) {
    EXPECT_EQ(CountOther(words), 1) << words;
    EXPECT_EQ(Count(words), 0) << words;
  }
  for (const std::string_view words : {"Two.", "Three."}) {
    EXPECT_EQ(Count(words), 1) << words;
    EXPECT_EQ(CountOther(words), 0) << words;
  }
  EXPECT_TRUE(absl::IsInvalidArgument(Send("Six.", "k6", 44).status()));
  event.set_bot_id(44);
  Publish(event);
  MeshTest::Await("the event to be parked", [&] { return DeadLetters() == 1; });
  Request("Seven.");
  Await("Seven.");
}

TEST_F(BotsTest, ChatsAreListedAndClearedForEachBot) {
  StartBoth();
  MeetBoth();
  AwaitQuiet();
  v1::GetLatestChatMessageRequest request;
  request.mutable_filter()->set_chat_id(ann());
  const auto dialog_of = [&](int64_t bot_id) {
    request.mutable_filter()->set_bot_id(bot_id);
    const auto latest = gateway().GetLatestChatMessage(Deadline(), request);
    EXPECT_TRUE(latest.ok()) << latest.status();
    return latest.ok() ? latest->message().dialog() : "";
  };
  EXPECT_EQ(dialog_of(kBot), "garden");
  EXPECT_EQ(dialog_of(kOtherBot), "orchard");
  EXPECT_EQ(dialog_of(0), "orchard");
}

TEST_F(BotsTest, OneWebhookServesBothByTheirPaths) {
  auto probe = http::Server::Start({}, {});
  ASSERT_TRUE(probe.ok()) << probe.status();
  const std::string listen = absl::StrCat("127.0.0.1:", (*probe)->port());
  probe->reset();
  StartBoth("", [&](GatewaySettings& settings) {
    settings.webhook_url = absl::StrCat("http://", listen, "/hook");
    settings.webhook_listen = listen;
  });
  MeetBoth();
  Await("garden heard: Flowers.", Say("Flowers."));
  AwaitOther("orchard heard: Apples.", SayToOther("Apples."));
  EXPECT_TRUE(Info(kBot)->webhook());
  EXPECT_TRUE(Info(kOtherBot)->webhook());
  // One bot's secret opens no other's door.
  http::Client client({});
  http::ClientRequest request{.method = "POST",
                              .url = absl::StrCat("http://", listen, "/hook/43"),
                              .body = R"({"update_id": 1})"};
  request.headers.Add("X-Telegram-Bot-Api-Secret-Token", WebhookSecret(kToken));
  EXPECT_EQ(client.Send(Deadline(), request)->status, 401);
}

TEST_F(BotsTest, AGuardListedForBothSeesTheWordsToEach) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  lighthouse.description.add_event_types("sea.changed");
  lighthouse.Do(
      [](FakeDialog& d) { d.react = [](const v1::ReactRequest&) { return v1::ReactResponse(); }; });
  StartBoth("+lighthouse",
            [](GatewaySettings& settings) { settings.more_bots += ",42=lighthouse"; });
  MeetBoth();
  EXPECT_EQ(Handle(kBot, 7, "Flowers.")->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(Handle(kOtherBot, 7, "Apples.")->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_THAT(lighthouse.Heard(), ElementsAre("Flowers.", "Apples."));
  const std::vector<v1::ReactRequest> seen = lighthouse.Reacted();
  ASSERT_GE(seen.size(), 2u);
  EXPECT_NE(seen[seen.size() - 2].update_key(), seen.back().update_key());
  // What it says of an event it says once, where the person is.
  Tell("sea.changed", "A storm comes.");
  AwaitOther("A storm comes.");
  AwaitQuiet();
  EXPECT_EQ(Count("A storm comes."), 0);
}

TEST_F(BotsTest, ADialogListedForBothThatIsNoGuardStopsBothWithItsName) {
  StartBoth("", [](GatewaySettings& settings) { settings.more_bots += ",42=orchard"; });
  for (const int64_t bot_id : {kBot, kOtherBot}) {
    const absl::Status status = Handle(bot_id, 7, "Apples.").status();
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr("\"orchard\" is listed for several bots"));
  }
  EXPECT_THAT(orchard().Reacted(), IsEmpty());
}

}  // namespace
}  // namespace selfology::telegram_gateway
