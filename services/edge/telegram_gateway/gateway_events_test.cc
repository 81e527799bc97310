#include "services/edge/telegram_gateway/gateway_events.h"

#include <atomic>
#include <string>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class GatewayEventsTest : public GatewayTest {};

TEST_F(GatewayEventsTest, ADialogRendersWhatItDescribes) {
  Start();
  Meet();
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  const auto rendered = garden().Do([](FakeDialog& d) { return d.rendered; });
  ASSERT_THAT(rendered, SizeIs(1));
  EXPECT_EQ(rendered[0].dialog(), "garden");
  EXPECT_EQ(rendered[0].user_id(), ann());
  EXPECT_EQ(rendered[0].event_type(), "garden.changed");
  EXPECT_EQ(rendered[0].payload(), "It rains.");
  EXPECT_THAT(rendered[0].event_id(), SizeIs(36));
  EXPECT_GT(rendered[0].occurred_at().seconds(), 0);
  EXPECT_EQ(Rows(absl::StrCat("SELECT count(*) FROM outgoing_messages WHERE dialog = 'garden'"
                              " AND kind = 'reply' AND key = 'event:",
                              rendered[0].event_id(), "'")),
            1);
}

TEST_F(GatewayEventsTest, AllThatDescribeATypeAreAsked) {
  AddDialog("orchard").description.add_event_types("garden.changed");
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  Tell("garden.changed", "It rains.");
  Await("It rains.", Await("It rains.").id);
  Tell("orchard.changed", "Apples fall.");
  Await("Apples fall.");
  AwaitQuiet();
  EXPECT_EQ(Count("It rains."), 2);
  EXPECT_EQ(Count("Apples fall."), 1);
}

TEST_F(GatewayEventsTest, WhatADialogThatIsAwayMissesItRendersLaterInOrder) {
  Start();
  Meet();
  garden().Fail("RenderEvent", absl::UnavailableError("down"));
  Tell("garden.changed", "It rains.");
  Tell("garden.changed", "It pours.");
  AwaitQuiet();
  garden().Fail("RenderEvent", absl::OkStatus());
  EXPECT_LT(Await("It rains.").id, Await("It pours.").id);
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(GatewayEventsTest, TypesThatNobodyDescribesYetWaitForThoseWhoDo) {
  Start();
  Meet();
  AwaitQuiet();
  StopMesh();
  Execute("DELETE FROM dialogs");
  SendAway("garden");
  Start();
  Tell("garden.changed", "It rains.");
  StopMesh();
  SendBack("garden");
  Start();
  Await("It rains.");
}

TEST_F(GatewayEventsTest, MessagesOfOneKeyAreSentOnce) {
  Start();
  Meet();
  garden().Do([](FakeDialog& d) {
    d.render = [](const v1::RenderEventRequest& request) {
      v1::DialogMessage message = Saying(request.payload());
      message.set_key("rain");
      return Answering<v1::RenderEventResponse>({message});
    };
  });
  Tell("garden.changed", "It rains.");
  Tell("garden.changed", "It still rains.");
  Request("The end.");
  Await("The end.");
  EXPECT_EQ(Count("It rains."), 1);
  EXPECT_EQ(Count("It still rains."), 0);
}

TEST_F(GatewayEventsTest, AMessageThatNobodyCouldSendIsLeftOut) {
  Start();
  Meet();
  ::testing::internal::CaptureStderr();
  garden().Do([](FakeDialog& d) {
    d.render = [](const v1::RenderEventRequest& request) {
      v1::DialogMessage bad = Saying("A secret.");
      bad.set_mark("\n");
      bad.set_kind("Bad kind");
      return Answering<v1::RenderEventResponse>({bad, Saying(" "), Saying(request.payload())});
    };
  });
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(R"("message":"invalid dialog message omitted")"));
  EXPECT_THAT(log, HasSubstr("kind"));
  EXPECT_THAT(log, Not(HasSubstr("A secret.")));
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(GatewayEventsTest, AStateIsPassedOnToTheDialog) {
  Start();
  events::v1::StateChangeRequested event;
  event.set_user_id(ann());
  event.set_state(v1::CONVERSATION_STATE_CHAT_PAUSED);
  event.set_session_id(9);
  Publish(event);
  MeshTest::Await("the state",
                  [&] { return garden().Do([](FakeDialog& d) { return d.moved.size() == 1; }); });
  garden().Do([](FakeDialog& d) {
    EXPECT_EQ(d.moved[0].state(), v1::CONVERSATION_STATE_CHAT_PAUSED);
    EXPECT_EQ(d.moved[0].session_id(), 9);
  });
  // One whose states are others is left alone.
  garden().Fail("SetDialogState", absl::UnimplementedError("others"));
  Publish(event);
  AwaitHandled("telegram_gateway", 2);
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(GatewayEventsTest, AnEventMayGiveADialogTheFocusAndTakeBackWhatWaits) {
  FakeDialog& orchard = AddDialog("orchard");
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  AwaitQuiet();
  garden().Do([](FakeDialog& d) {
    d.render = [](const v1::RenderEventRequest& request) {
      v1::DialogMessage waits = Saying("Too late.");
      waits.set_after_key("never");
      waits.mutable_wait()->set_seconds(10);
      return Answering<v1::RenderEventResponse>({waits, Saying(request.payload())});
    };
  });
  Tell("garden.changed", "So is this.");
  AwaitHandled("telegram_gateway", 1);
  const auto orchard_takes = [](const v1::RenderEventRequest& request) {
    auto response = Answering<v1::RenderEventResponse>({Saying(request.payload())});
    response.mutable_reaction()->set_focus(v1::FOCUS_CHANGE_TAKE);
    response.mutable_reaction()->set_drop_waiting(true);
    response.mutable_reaction()->set_language("ru");
    return response;
  };
  orchard.Do([&](FakeDialog& d) { d.render = orchard_takes; });
  Tell("orchard.changed", "Apples fall.");
  Await("Apples fall.");
  AwaitQuiet();
  EXPECT_EQ(Count("Too late."), 0) << Transcript();
  EXPECT_EQ(Count("So is this."), 0) << Transcript();
  Await("orchard heard: Crunch.", Say("Crunch."));
  EXPECT_EQ(Rows("SELECT count(*) FROM bot_focus WHERE dialog = 'orchard'"
                 " AND previous_dialog = 'garden' AND language = 'ru'"),
            1);
  EXPECT_THAT(garden().Heard(), ElementsAre());
}

TEST_F(GatewayEventsTest, ADialogThatIsAwayHoldsUpNoOther) {
  FakeDialog& orchard = AddDialog("orchard");
  orchard.description.add_event_types("garden.changed");
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  const auto say = [](const std::string& who) {
    return [who](const v1::RenderEventRequest& request) {
      return Answering<v1::RenderEventResponse>(
          {Saying(absl::StrCat(who, " says: ", request.payload()))});
    };
  };
  garden().Do([&](FakeDialog& d) { d.render = say("garden"); });
  orchard.Do([&](FakeDialog& d) { d.render = say("orchard"); });
  // The first one that is asked, and then the second.
  for (FakeDialog* away : {&garden(), &orchard}) {
    FakeDialog& other = away == &orchard ? garden() : orchard;
    const std::string words = away == &orchard ? "It pours." : "It rains.";
    const std::string there = away == &orchard ? "garden says: " : "orchard says: ";
    const std::string late = away == &orchard ? "orchard says: " : "garden says: ";
    away->Fail("RenderEvent", absl::UnavailableError("down"));
    Tell("garden.changed", words);
    Await(there + words);
    const size_t asked = other.Do([](FakeDialog& d) { return d.rendered.size(); });
    away->Fail("RenderEvent", absl::OkStatus());
    Await(late + words);
    AwaitQuiet();
    EXPECT_EQ(Count(there + words), 1) << Transcript();
    EXPECT_EQ(other.Do([](FakeDialog& d) { return d.rendered.size(); }), asked)
        << "whoever has answered is not asked again";
  }
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(GatewayEventsTest, WhatADialogRefusesIsParkedAloneAndReplayedForItOnly) {
  FakeDialog& orchard = AddDialog("orchard");
  orchard.description.add_event_types("garden.changed");
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  garden().Fail("RenderEvent", absl::InvalidArgumentError("bad soil"));
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  MeshTest::Await("the dead letter", [&] { return DeadLetters() == 1; });
  garden().Fail("RenderEvent", absl::OkStatus());
  // The person's others go on.
  Tell("garden.changed", "It pours.");
  Await("It pours.", Await("It pours.").id);
  AwaitQuiet();
  EXPECT_EQ(Count("It rains."), 1);
  EXPECT_EQ(DeadLetters(), 1);

  const absl::Status asked =
      DatabaseAs("selfology_telegram_gateway")
          .Write(Deadline(),
                 [](postgres::Transaction& tx) {
                   return tx.Execute("UPDATE dead_letters SET replay_requested = true");
                 })
          .status();
  ASSERT_TRUE(asked.ok()) << asked;
  MeshTest::Await("the replay", [&] { return DeadLetters() == 0; });
  AwaitQuiet();
  EXPECT_EQ(Count("It rains."), 2);
  EXPECT_EQ(orchard.Do([](FakeDialog& d) { return d.rendered.size(); }), 2u);
}

TEST_F(GatewayEventsTest, AnEventThatADialogHangsAtIsGivenUpAndAnOutageIsNot) {
  Start();
  Meet();
  AwaitQuiet();
  const int64_t boris = *telegram().AddUser({.first_name = "Boris", .language_code = "en"});
  ASSERT_TRUE(telegram().SendText(boris, "/start").ok());
  std::atomic<bool> outage = true;
  std::atomic<int> hung = 0;
  garden().Do([&](FakeDialog& d) {
    d.render =
        [&](const v1::RenderEventRequest& request) -> absl::StatusOr<v1::RenderEventResponse> {
      if (outage || request.payload() == "Fog.") {
        ++hung;
        return absl::DeadlineExceededError("no answer");
      }
      return Answering<v1::RenderEventResponse>({Saying(request.payload())});
    };
  });
  Tell("garden.changed", "Fog.");
  MeshTest::Await("many attempts", [&] {
    MoveClock(absl::Seconds(5));
    return hung > kUnclearRounds + 1;
  });
  EXPECT_EQ(DeadLetters(), 0) << "it answers nobody";
  outage = false;
  int seen = 0;
  MeshTest::Await("the event to be given up", [&] {
    MoveClock(absl::Seconds(5));
    const int now = hung;
    if (now != seen) Tell("garden.changed", "Sunshine.", boris);
    seen = now;
    return DeadLetters() == 1;
  });
  Tell("garden.changed", "It clears.");
  Await("It clears.");
}

}  // namespace
}  // namespace selfology::telegram_gateway
