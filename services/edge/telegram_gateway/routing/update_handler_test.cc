#include "services/edge/telegram_gateway/routing/update_handler.h"

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "absl/synchronization/notification.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::Each;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;
using ::testing::StartsWith;

class UpdateHandlerTest : public GatewayTest {
 protected:
  // What the garden answers from now on.
  void Answer(FakeDialog& dialog,
              std::function<absl::StatusOr<v1::ReactResponse>(const v1::ReactRequest&)> answer) {
    dialog.Do([&](FakeDialog& d) { d.react = std::move(answer); });
  }

  // Words of Ann's as Telegram's message of that number.
  v1::UpdateOutcome Handle(int64_t message_id, std::string_view words) {
    const int64_t id = Rows("SELECT max(update_id) + 1000 FROM handled_updates");
    const Json update = {{"update_id", id},
                         {"message",
                          {{"message_id", message_id},
                           {"from", {{"id", ann()}, {"language_code", "en"}}},
                           {"chat", {{"id", ann()}, {"type", "private"}}},
                           {"text", words}}}};
    v1::HandleUpdateRequest request;
    request.set_update_json(Dump(update));
    const auto response = gateway().HandleUpdate(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->outcome() : v1::UPDATE_OUTCOME_UNSPECIFIED;
  }

  std::string LastMark() { return garden().Reacted().back().shown_mark(); }

  // Says its words with themselves as their mark.
  static v1::DialogMessage Marked(const std::string& words) {
    v1::DialogMessage message = Saying(words);
    message.set_mark(words);
    return message;
  }
};

TEST_F(UpdateHandlerTest, ADialogHearsWhatIsIts) {
  Start();
  Await("Welcome to the garden.spring", Say("/start spring"));
  Await("garden: /garden gate", Say("/GARDEN@selfology_bot gate"));
  Await("garden heard: It rains.", Say("It rains."));
  const std::vector<v1::ReactRequest> reacted = garden().Reacted();
  ASSERT_THAT(reacted, SizeIs(3));
  EXPECT_EQ(reacted[0].dialog(), "garden");
  EXPECT_EQ(reacted[0].user_id(), ann());
  EXPECT_EQ(reacted[0].language(), "en");
  EXPECT_THAT(reacted[0].update_key(), StartsWith("tg:"));
  EXPECT_EQ(reacted[0].update_key(), absl::StrCat("tg:", reacted[0].update_number()));
  EXPECT_LT(reacted[0].update_number(), reacted[1].update_number());
  EXPECT_EQ(reacted[1].update().command().name(), "garden");
  EXPECT_EQ(reacted[1].update().command().argument(), "gate");
}

TEST_F(UpdateHandlerTest, AButtonIsAnsweredInPlace) {
  Start();
  Answer(garden(), [](const v1::ReactRequest& request) {
    v1::ReactResponse response;
    v1::DialogReaction& reaction = *response.mutable_reaction();
    if (!request.update().has_button()) {
      *reaction.add_messages() = Asking("Water it?", "Yes", "garden:yes:today");
    } else if (request.update().button().argument() == "yes:today") {
      reaction.set_replacement("<b>Watered.</b>");
      reaction.set_notice("Splash!");
    }
    return response;
  });
  const Message prompt = Await("Water it?", Say("/start"));
  EXPECT_EQ(Press(prompt, "Yes").answer_text, "Splash!");
  EXPECT_EQ(Await("Watered.").id, prompt.id);
  AwaitQuiet();
  EXPECT_EQ(Count("Water"), 1) << "no message besides";
}

TEST_F(UpdateHandlerTest, AButtonOfNobodyIsTakenAway) {
  Start();
  Answer(garden(), [](const v1::ReactRequest&) {
    return Answering({Asking("Water it?", "Yes", "garden:yes")});
  });
  const Message prompt = Await("Water it?", Say("/start"));
  // It is no longer the dialog's.
  garden().Do([](FakeDialog& d) {
    d.description.clear_button_actions();
    d.described = 0;
  });
  MeshTest::Await("it to be known",
                  [&] { return garden().Do([](FakeDialog& d) { return d.described >= 2; }); });
  EXPECT_EQ(Press(prompt, "Yes").answer_text, "This button is no longer in use.");
  AwaitQuiet();
  for (const Message& m : telegram().Messages(ann())) {
    if (m.id == prompt.id) EXPECT_TRUE(m.markup.is_null() || m.markup.empty());
  }
  EXPECT_THAT(garden().Reacted(), SizeIs(1));
}

TEST_F(UpdateHandlerTest, AMessageIsSentWithoutWhatTelegramWouldRefuse) {
  Start();
  ::testing::internal::CaptureStderr();
  Answer(garden(), [](const v1::ReactRequest& request) {
    v1::ReactResponse response;
    v1::DialogReaction& reaction = *response.mutable_reaction();
    if (request.update().has_button()) {
      reaction.set_notice(std::string(300, 'x'));
      reaction.set_replacement("<b>Watered.</i>");
      return response;
    }
    v1::DialogMessage& message = *reaction.add_messages();
    message = Asking("<i>Water it?", "Yes", "garden:yes");
    message.set_text_format(v1::TEXT_FORMAT_HTML);
    *message.add_button_rows() = Asking("", "No", "meadow:no").button_rows(0);
    return response;
  });
  const Message prompt = Await("Water it?", Say("/start"));
  EXPECT_FALSE(absl::StrContains(prompt.markup.dump(), "meadow")) << prompt.markup;
  EXPECT_THAT(Press(prompt, "Yes").answer_text, SizeIs(200));
  EXPECT_EQ(Await("Watered.").id, prompt.id);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(R"("message":"invalid parts removed from a dialog's answer")"));
  EXPECT_THAT(log, HasSubstr(R"("dialog":"garden")"));
  EXPECT_THAT(log, HasSubstr("messages[0].button_rows[1].buttons[0].callback_data"));
}

// What dialogs are asked again they can tell by its key; receiving/held_updates_test.cc has more.
TEST_F(UpdateHandlerTest, ADialogThatFailsIsAskedAgainWithTheSameKey) {
  Start();
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("It rains.");
  EXPECT_THAT(Await("takes longer than usual").text, Not(HasSubstr("UNAVAILABLE")))
      << "people never see a code";
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: It rains.");
  AwaitQuiet();
  EXPECT_EQ(Count("garden heard: It rains."), 1);
  std::vector<std::string> keys;
  for (const v1::ReactRequest& request : garden().Reacted()) {
    if (request.update().has_words()) keys.push_back(request.update_key());
  }
  EXPECT_THAT(keys, Each(keys[0]));
}

TEST_F(UpdateHandlerTest, ADialogThatIsBackAtOnceIsNotMissed) {
  Start();
  Meet();
  int failures = 2;
  Answer(garden(), [&](const v1::ReactRequest&) -> absl::StatusOr<v1::ReactResponse> {
    if (failures-- > 0) return absl::UnavailableError("restarting");
    return Answering({Saying("Here I am.")});
  });
  Await("Here I am.", Say("Hello?"));
  EXPECT_EQ(Count("takes longer"), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0);
}

TEST_F(UpdateHandlerTest, CommandsThatNobodyHas) {
  Start();
  Meet();
  EXPECT_THAT(Await("do not know this command", Say("/gardn")).text, HasSubstr("/garden"));
  EXPECT_THAT(Await("do not know this command", Say("/somersault")).text,
              Not(HasSubstr("Did you mean")));
  Await("nothing to cancel", Say("/cancel"));
  Await("nothing to set", Say("/settings"));
  EXPECT_THAT(garden().Reacted(), SizeIs(1));
}

TEST_F(UpdateHandlerTest, InThePersonsLanguage) {
  Start();
  const int64_t boris = *telegram().AddUser({.first_name = "Борис", .language_code = "ru"});
  const auto hears = [&](std::string_view words) {
    return telegram()
        .AwaitMessage(
            boris, [&](const Message& m) { return absl::StrContains(m.text, words); },
            testing::kPatience)
        .status();
  };
  ASSERT_TRUE(telegram().SendText(boris, "/somersault").ok());
  EXPECT_TRUE(hears("Такой команды я не знаю").ok());
  // As soon as a dialog knows better.
  Answer(garden(), [](const v1::ReactRequest&) {
    v1::ReactResponse response;
    response.mutable_reaction()->set_language("en");
    return response;
  });
  ASSERT_TRUE(telegram().SendText(boris, "In English, please.").ok());
  ASSERT_TRUE(telegram().SendText(boris, "/cancel").ok());
  EXPECT_TRUE(hears("nothing to cancel").ok());
}

TEST_F(UpdateHandlerTest, WhoTalksWithTheOnlyDialogIsStillWithItWhenThereIsAnother) {
  Start();
  Answer(garden(), [](const v1::ReactRequest& request) {
    v1::ReactResponse response =
        Answering({Saying(absl::StrCat("Mine: ", request.update().words()))});
    response.mutable_reaction()->set_focus(v1::FOCUS_CHANGE_TAKE);
    response.mutable_reaction()->set_language("en-GB");
    return response;
  });
  Await("Mine:", Say("/start"));
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM bot_focus WHERE dialog = 'garden' AND language = ''"), 1);
  StopMesh();
  AddDialog("orchard");
  Start();
  Await("Mine: It rains.", Say("It rains."));
  EXPECT_EQ(Count("What would you like to talk about?"), 0);
}

TEST_F(UpdateHandlerTest, WhatIsWrittenBeforeTheChoiceGoesToWhoeverIsChosen) {
  FakeDialog& orchard = AddDialog("orchard");
  Start();
  const Message menu = Await("What would you like to talk about?", Say("I paint."));
  EXPECT_THAT(menu.text, HasSubstr("pass it on"));
  Say("And I sing.");
  MeshTest::Await("both to wait", [&] {
    return Rows("SELECT count(*) FROM held_updates WHERE awaits_choice") == 2;
  });
  // Neither in the way of anything else.
  Await("garden: /garden", Say("/garden"));
  Press(menu, "The orchard");
  Await("orchard heard: I paint.");
  Await("orchard heard: And I sing.");
  Await("orchard heard: Crunch.", Say("Crunch."));
  AwaitQuiet();
  EXPECT_THAT(orchard.Heard(), ElementsAre("I paint.", "And I sing.", "Crunch."));
  EXPECT_THAT(garden().Heard(), IsEmpty());
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0);
}

TEST_F(UpdateHandlerTest, TheMenuIsStillThereAfterTheChoice) {
  AddDialog("orchard");
  Start();
  Await("Welcome to the orchard", Say("/start orchard"));
  const Message help = Await("How this works", Say("/help"));
  for (const char* name : {"garden", "orchard"}) {
    const int64_t before = Say("/garden");
    Await("garden: /garden", before);
    Press(help, "Talk about something else");
    Press(Await("What would you like to talk about?", before), absl::StrCat("The ", name));
    Await(absl::StrCat(name, " heard: Hi."), Say("Hi."));
  }
}

TEST_F(UpdateHandlerTest, AmongSeveralThePersonChooses) {
  FakeDialog& orchard = AddDialog("orchard");
  AddDialog("pond");
  Start();
  const Message menu = Await("What would you like to talk about?", Say("/start"));
  EXPECT_THAT(garden().Reacted(), IsEmpty());
  Press(menu, "The orchard");
  Await("Welcome to the orchard.");
  Await("orchard heard: Crunch.", Say("Crunch."));
  EXPECT_THAT(garden().Reacted(), IsEmpty());
  // Commands go to their owners, words stay where they were.
  Await("garden: /garden", Say("/garden"));
  Await("orchard heard: Munch.", Say("Munch."));
  // Back to where they were, or to where a link leads.
  Await("Welcome to the orchard.", Say("/start"));
  Await("Welcome to the pond.spring", Say("/start pond_spring"));
  Await("pond heard: Splash.", Say("Splash."));
  EXPECT_THAT(orchard.Heard(), ElementsAre("Crunch.", "Munch."));
  EXPECT_THAT(Await("How this works", Say("/help")).text,
              HasSubstr("The pond\nHow the pond works."));
}

TEST_F(UpdateHandlerTest, AGuardMayKeepWordsForItself) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Start();
  Meet();
  Answer(lighthouse, [](const v1::ReactRequest& request) {
    v1::ReactResponse response;
    if (absl::StrContains(request.update().words(), "storm")) {
      *response.mutable_reaction()->add_messages() = Saying("This way!");
      response.set_taken(true);
    }
    return response;
  });
  Await("garden heard: Fair weather.", Say("Fair weather."));
  Await("This way!", Say("A storm comes."));
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("Fair weather."));
  EXPECT_THAT(lighthouse.Heard(), ElementsAre("Fair weather.", "A storm comes."));
  // Commands are no words, and nobody chooses a guard.
  EXPECT_THAT(lighthouse.Reacted(), SizeIs(2));
}

TEST_F(UpdateHandlerTest, WhatAGuardSaysDoesNotWaitForADialogThatIsAway) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Answer(lighthouse, [](const v1::ReactRequest&) { return Answering({Saying("Take care.")}); });
  Start();
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("A storm comes.");
  Await("Take care.");
  EXPECT_EQ(Rows("SELECT count(*) FROM handled_updates WHERE outcome = 'handled'"), 1) << "/start";
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: A storm comes.");
  AwaitQuiet();
  EXPECT_EQ(Count("Take care."), 1) << Transcript();
}

TEST_F(UpdateHandlerTest, WordsThatAGuardHasNotReadAreHeld) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Answer(lighthouse, [](const v1::ReactRequest&) { return v1::ReactResponse(); });
  Start([](GatewaySettings& s) { s.patience.guard = absl::Milliseconds(300); });
  Meet();
  AwaitQuiet();
  const int64_t handled = Rows("SELECT count(*) FROM handled_updates");
  const auto held = std::make_shared<absl::Notification>();
  lighthouse.Do([&](FakeDialog& d) { d.held = held; });
  Say("A storm comes.");
  Await("One moment, I am reading.");
  MeshTest::Await("another attempt", [&] { return lighthouse.Heard().size() >= 3; });
  EXPECT_THAT(garden().Heard(), IsEmpty());
  EXPECT_EQ(Rows("SELECT count(*) FROM handled_updates"), handled);
  held->Notify();
  Await("garden heard: A storm comes.");
  AwaitQuiet();
  EXPECT_EQ(Count("One moment"), 1) << Transcript();
  EXPECT_THAT(garden().Heard(), ElementsAre("A storm comes."));
}

TEST_F(UpdateHandlerTest, AnAnswerIsToWhatThePersonHadBeenShown) {
  Start();
  Meet();
  AwaitQuiet();
  garden().Do([](FakeDialog& d) {
    d.render = [](const v1::RenderEventRequest& request) {
      return Answering<v1::RenderEventResponse>({Marked(request.payload())});
    };
  });
  Tell("garden.changed", "first");
  Await("first");
  AwaitQuiet();
  // The second is there, but Telegram does not take it yet.
  telegram().AddFault(
      {.method = "sendMessage", .times = 1000, .error_code = 429, .retry_after_s = 1});
  Tell("garden.changed", "second");
  MeshTest::Await("a failure", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE failures > 0") == 1;
  });
  Say("An answer.");
  MeshTest::Await("the answer", [&] { return garden().Heard().size() == 1; });
  EXPECT_EQ(LastMark(), "first");
  telegram().ClearFaults();
  const int64_t second = Await("second").id;
  AwaitQuiet();
  Await("garden heard: Another.", Say("Another."));
  EXPECT_EQ(LastMark(), "second");
  // What was written before it was shown, but is handled only now.
  EXPECT_EQ(Handle(second, "Late."), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(LastMark(), "first");
  EXPECT_EQ(Handle(1, "Much too late."), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(LastMark(), "");
}

TEST_F(UpdateHandlerTest, AnAnswerMayOvertakeWhatTelegramSaysOfItsQuestion) {
  Start();
  Meet();
  AwaitQuiet();
  Answer(garden(), [](const v1::ReactRequest&) { return Answering({Marked("question")}); });
  telegram().AddFault(
      {.method = "sendMessage", .times = 1, .delay = absl::Milliseconds(300), .after = true});
  Await("question", Say("Ask me."));
  Say("An answer.");
  MeshTest::Await("the answer", [&] { return garden().Heard().size() == 2; });
  EXPECT_EQ(LastMark(), "question");
}

TEST_F(UpdateHandlerTest, AQuestionWhoseSendingWasCutOffHasBeenShown) {
  Start();
  Meet();
  AwaitQuiet();
  Answer(garden(), [](const v1::ReactRequest&) { return Answering({Marked("question")}); });
  // It gets there, and nobody tells the gateway, which sends it again: behind the answer.
  telegram().AddFault({.method = "sendMessage", .times = 1, .drop = true, .after = true});
  Await("question", Say("Ask me."));
  const int64_t answer = Say("An answer.");
  Await("question", answer);
  MeshTest::Await("the answer", [&] { return garden().Heard().size() == 2; });
  EXPECT_EQ(LastMark(), "question");
}

TEST_F(UpdateHandlerTest, WhoBlocksTheBotIsSentNothingThatWaits) {
  Start();
  Meet();
  AwaitQuiet();
  garden().Do([](FakeDialog& d) {
    d.render = [](const v1::RenderEventRequest& request) {
      v1::DialogMessage waits = Saying(request.payload());
      waits.set_after_key("never");
      waits.mutable_wait()->set_seconds(10);
      return Answering<v1::RenderEventResponse>({waits});
    };
  });
  Tell("garden.changed", "It rains.");
  MeshTest::Await("the message", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'waiting'") == 1;
  });
  ASSERT_TRUE(telegram().Block(ann()).ok());
  MeshTest::Await("it to be dropped", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'dropped'") == 1;
  });
  ASSERT_TRUE(telegram().Block(ann(), false).ok());
  Await("garden heard: I am back.", Say("I am back."));
  EXPECT_EQ(Count("It rains."), 0);
  EXPECT_THAT(garden().Heard(), ElementsAre("I am back."));
}

TEST_F(UpdateHandlerTest, MessagesBelongToTheJourneyThatTheDialogNames) {
  Start();
  constexpr char kJourney[] = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01";
  Answer(garden(), [&](const v1::ReactRequest&) {
    v1::ReactResponse response = Answering({Saying("On we go.")});
    response.mutable_reaction()->set_traceparent(kJourney);
    return response;
  });
  Await("On we go.", Say("/start"));
  EXPECT_EQ(Rows(absl::StrCat("SELECT count(*) FROM outgoing_messages WHERE traceparent = '",
                              kJourney, "'")),
            1);
}

TEST_F(UpdateHandlerTest, TypingUntilMoreComes) {
  Start();
  Answer(garden(), [](const v1::ReactRequest&) {
    v1::ReactResponse response;
    response.mutable_reaction()->set_typing(true);
    return response;
  });
  Say("/start");
  EXPECT_TRUE(telegram()
                  .AwaitCall([](const ApiCall& call) { return call.method == "sendChatAction"; },
                             testing::kPatience)
                  .ok());
}

}  // namespace
}  // namespace selfology::telegram_gateway
