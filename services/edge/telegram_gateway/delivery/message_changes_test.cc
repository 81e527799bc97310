// What becomes of a message when a button of it was pressed, or what it was for is done.
#include "services/edge/telegram_gateway/delivery/message_changes.h"

#include <string>

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/delivery/lifecycle_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class MessageChangesTest : public LifecycleTest {
 protected:
  // An answer to every press, and to all else nothing.
  void ToPresses(v1::DialogReaction reaction) {
    ReactTo([reaction](const v1::ReactRequest& request) {
      return request.update().has_button() ? reaction : v1::DialogReaction();
    });
  }
};

TEST_F(MessageChangesTest, ButtonsGoOnceOneWasPressed) {
  Begin();
  const Message pressed = Shows(Asking("Water it?", "Yes", "garden:yes"));
  const Message other = Shows(Asking("And that?", "Yes", "garden:yes"));
  Press(pressed, "Yes");
  AwaitWithoutButtons(pressed.id);
  EXPECT_TRUE(HasButtons(other.id));
}

TEST_F(MessageChangesTest, UnlessTheMessageKeepsThem) {
  Begin();
  v1::DialogMessage menu = Asking("A menu.", "Next", "garden:next");
  menu.set_keep_buttons(true);
  const Message shown = Shows(menu);
  Press(shown, "Next");
  AwaitQuiet();
  EXPECT_TRUE(HasButtons(shown.id));
  v1::DialogReaction enough;
  enough.set_remove_buttons(true);
  ToPresses(enough);
  Press(shown, "Next");
  AwaitWithoutButtons(shown.id);
}

TEST_F(MessageChangesTest, AMessageThatKeepsItsButtonsIsNotForgottenWithThem) {
  Begin();
  v1::DialogMessage menu = Asking("A menu.", "Next", "garden:next");
  menu.set_keep_buttons(true);
  const Message shown = Shows(menu);
  const Message question = Shows(Asking("Water it?", "Yes", "garden:yes"));
  const auto forgotten = OfGateway().Write(Deadline(), [&](postgres::Transaction& tx) {
    return store::ForgetOldChatMessages(tx, absl::Now() + absl::Hours(49));
  });
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  EXPECT_EQ(
      Rows(absl::StrCat("SELECT count(*) FROM chat_messages WHERE message_id = ", question.id)), 0);
  Press(shown, "Next");
  AwaitQuiet();
  EXPECT_TRUE(HasButtons(shown.id));
}

TEST_F(MessageChangesTest, ButtonsGoAlsoIfTelegramWasAwayAndTheGatewayRestarted) {
  Begin();
  const Message pressed = Shows(Asking("Water it?", "Yes", "garden:yes"));
  telegram().AddFault({.method = "editMessageReplyMarkup", .times = 1000, .error_code = 502});
  Press(pressed, "Yes");
  MeshTest::Await("an attempt", [&] { return Calls("editMessageReplyMarkup") > 0; });
  EXPECT_TRUE(HasButtons(pressed.id));
  StopMesh();
  telegram().ClearFaults();
  Start();
  AwaitWithoutButtons(pressed.id);
}

TEST_F(MessageChangesTest, AMessageThatIsNotKnownLosesItsButtonsAsWell) {
  Begin();
  const Message pressed = Shows(Asking("Water it?", "Yes", "garden:yes"));
  Execute("DELETE FROM chat_messages");
  Press(pressed, "Yes");
  AwaitWithoutButtons(pressed.id);
}

TEST_F(MessageChangesTest, APressMayOvertakeWhatTelegramSaysOfItsMessage) {
  Begin();
  telegram().AddFault(
      {.method = "sendMessage", .times = 1, .delay = absl::Milliseconds(300), .after = true});
  Says(Ephemeral("A hint."));
  const Message hint = Await("A hint.");
  Press(hint, "OK");
  AwaitGone(hint.id);
  v1::DialogMessage menu = Asking("A menu.", "Next", "garden:next");
  menu.set_keep_buttons(true);
  telegram().AddFault(
      {.method = "sendMessage", .times = 1, .delay = absl::Milliseconds(300), .after = true});
  Says(menu);
  const Message shown = Await("A menu.");
  Press(shown, "Next");
  AwaitQuiet();
  EXPECT_TRUE(HasButtons(shown.id));
}

TEST_F(MessageChangesTest, ASecondTapOnAButtonLeavesTheNewOnesAlone) {
  Begin();
  v1::DialogReaction next;
  *next.add_messages() = System("Step two.", "steps", "Stop");
  ToPresses(next);
  const Message first = Shows(System("Step one.", "steps", "Go on"));
  // Before the gateway has heard of the first.
  ASSERT_TRUE(telegram().PressButton(ann(), first.id, "Go on").ok());
  EXPECT_EQ(Await("Step two.").id, first.id);
  AwaitQuiet();
  EXPECT_TRUE(HasButtons(first.id));
  v1::HandleUpdateRequest tap;
  tap.set_update_json(absl::StrCat(
      R"({"update_id": 900000001, "callback_query": {"id": "9", "from": {"id": )", ann(),
      R"(, "language_code": "en"}, "data": "garden:Go on", "message": {"message_id": )", first.id,
      R"(, "chat": {"id": )", ann(), R"(, "type": "private"}}}})"));
  ToPresses({});
  ASSERT_TRUE(gateway().HandleUpdate(Deadline(), tap).ok());
  AwaitQuiet();
  EXPECT_TRUE(HasButtons(first.id)) << "the button that was tapped is there no longer";
}

TEST_F(MessageChangesTest, ATextMayBringButtonsThatStay) {
  Begin();
  v1::DialogReaction watered;
  watered.set_replacement("<b>Watered.</b>");
  *watered.mutable_replacement_rows() = Asking("", "Take it back", "garden:dry").button_rows();
  ToPresses(watered);
  const Message first = Shows(Asking("Water it?", "Yes", "garden:yes"));
  telegram().AddFault({.method = "editMessageText", .times = 2, .error_code = 502});
  Press(first, "Yes");
  const Message changed = Await("Watered.");
  EXPECT_EQ(changed.id, first.id);
  EXPECT_THAT(changed.markup.dump(), HasSubstr("garden:dry"));
  EXPECT_THAT(changed.markup.dump(), Not(HasSubstr("garden:yes")));

  ToPresses({});
  Press(changed, "Take it back");
  AwaitQuiet();
  EXPECT_TRUE(HasButtons(first.id));
  v1::DialogReaction dried;
  dried.set_replacement("Dried.");
  ToPresses(dried);
  Press(changed, "Take it back");
  EXPECT_EQ(Await("Dried.").id, first.id);
  AwaitWithoutButtons(first.id);
}

TEST_F(MessageChangesTest, TheSameTextMayComeWithOtherButtons) {
  Begin();
  v1::DialogReaction watered;
  watered.set_replacement("Watered.");
  *watered.mutable_replacement_rows() = Asking("", "More", "garden:more").button_rows();
  ToPresses(watered);
  const Message first = Shows(Asking("Water it?", "Yes", "garden:yes"));
  Press(first, "Yes");
  const Message changed = Await("Watered.");
  *watered.mutable_replacement_rows() = Asking("", "Enough", "garden:enough").button_rows();
  ToPresses(watered);
  Press(changed, "More");
  MeshTest::Await("the new button", [&] {
    return absl::StrContains(Await("Watered.").markup.dump(), "garden:enough");
  });
}

TEST_F(MessageChangesTest, AMessageThatCannotBeEditedIsSaidAnewWithItsButtons) {
  Begin();
  v1::DialogReaction watered;
  watered.set_replacement("Watered.");
  *watered.mutable_replacement_rows() = Asking("", "More", "garden:more").button_rows();
  ToPresses(watered);
  const Message first = Shows(Asking("Water it?", "Yes", "garden:yes"));
  telegram().AddFault({.method = "editMessageText",
                       .error_code = 400,
                       .description = "Bad Request: message can't be edited"});
  Press(first, "Yes");
  const Message anew = Await("Watered.");
  EXPECT_NE(anew.id, first.id);
  EXPECT_THAT(anew.markup.dump(), HasSubstr("garden:more"));
  AwaitWithoutButtons(first.id);
}

TEST_F(MessageChangesTest, ATextTakesTheMessagesPlaceOrIsSaidAnew) {
  Begin();
  v1::DialogReaction watered;
  watered.set_replacement("<b>Watered.</b>");
  ToPresses(watered);
  const Message first = Shows(Asking("Water it?", "Yes", "garden:yes"));
  telegram().AddFault({.method = "editMessageText", .times = 2, .error_code = 502});
  Press(first, "Yes");
  EXPECT_EQ(Await("Watered.").id, first.id);
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages WHERE replacement IS NOT NULL"), 0);

  const Message second = Shows(Asking("Again?", "Yes", "garden:yes"));
  telegram().AddFault({.method = "editMessageText",
                       .error_code = 400,
                       .description = "Bad Request: message can't be edited"});
  Press(second, "Yes");
  EXPECT_GT(Await("Watered.", second.id).id, second.id);
  AwaitWithoutButtons(second.id);
}

TEST_F(MessageChangesTest, WhatIsDoneNeedsNoButtons) {
  Begin();
  const Message first = Shows(Keyed(Asking("First?", "Yes", "garden:yes"), "q1"));
  const Message second = Shows(Keyed(Asking("Second?", "Yes", "garden:yes"), "q2"));
  // One is yet to be sent.
  telegram().AddFault(
      {.method = "sendMessage", .times = 1000, .error_code = 429, .retry_after_s = 1});
  Says(Keyed(Asking("Third?", "Yes", "garden:yes"), "q3"));
  MeshTest::Await("it to wait", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'waiting'") == 1;
  });
  v1::DialogReaction done;
  done.add_spent_keys("q1");
  done.add_spent_keys("q3");
  Says(done);
  AwaitWithoutButtons(first.id);
  telegram().ClearFaults();
  const Message third = Await("Third?");
  AwaitQuiet();
  EXPECT_FALSE(HasButtons(third.id));
  EXPECT_TRUE(HasButtons(second.id));
}

TEST_F(MessageChangesTest, WhatIsDoneWhileItIsBeingSentLosesItsButtonsThen) {
  Begin();
  telegram().AddFault(
      {.method = "sendMessage", .times = 1, .delay = absl::Milliseconds(500), .after = true});
  Says(Keyed(Asking("Water it?", "Yes", "garden:yes"), "q1"));
  const Message question = Await("Water it?");
  v1::DialogReaction done;
  done.add_spent_keys("q1");
  Says(done);
  AwaitWithoutButtons(question.id);
}

TEST_F(MessageChangesTest, OfTwoGatewaysOneMakesAChange) {
  Start();
  // Of a bot that this gateway leaves alone.
  constexpr int64_t kOtherBot = 43;
  const absl::Time now = absl::Now();
  const auto claim = [&](absl::Time at) {
    const auto next = OfGateway().Write(Deadline(), [&](postgres::Transaction& tx) {
      return store::ClaimChange(tx, kOtherBot, ann(), at, at + absl::Seconds(15));
    });
    EXPECT_TRUE(next.ok()) << next.status();
    return next.value_or(store::NextChange());
  };
  const auto press = [&](absl::Time at) {
    const absl::Status noted =
        OfGateway().Write(Deadline(), [&](postgres::Transaction& tx) -> absl::Status {
          store::NotePress(tx, {.bot_id = kOtherBot, .chat_id = ann(), .message_id = 7}, at);
          return absl::OkStatus();
        });
    EXPECT_TRUE(noted.ok()) << noted;
  };
  press(now);
  const store::NextChange first = claim(now);
  ASSERT_TRUE(first.change.has_value());
  EXPECT_EQ(first.change->kind, store::Change::Kind::kClearButtons);
  const store::NextChange second = claim(now + absl::Seconds(1));
  EXPECT_FALSE(second.change.has_value());
  EXPECT_GT(second.due_at, now + absl::Seconds(14));
  // The first has died: another does it, and what the first says late changes nothing.
  const store::NextChange third = claim(now + absl::Seconds(16));
  ASSERT_TRUE(third.change.has_value());
  const auto done = [&](const store::Change& change) {
    EXPECT_TRUE(OfGateway()
                    .Write(Deadline(),
                           [&](postgres::Transaction& tx) -> absl::Status {
                             store::NoteDone(tx, change);
                             return absl::OkStatus();
                           })
                    .ok());
  };
  done(*first.change);
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages WHERE pending_change IS NOT NULL"), 1);
  done(*third.change);
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages WHERE pending_change IS NOT NULL"), 0);
}

TEST_F(MessageChangesTest, WhoBlockedTheBotHoldsNothingUp) {
  Begin();
  Shows(Ephemeral("A hint.", 600));
  const Message question = Shows(Asking("Water it?", "Yes", "garden:yes"));
  ASSERT_TRUE(telegram().Block(ann()).ok());
  AwaitQuiet();
  Execute(
      "UPDATE chat_messages SET pending_change = 'clear_buttons', due_at = now()"
      " WHERE has_buttons AND lifecycle = 'onetime'");
  MoveClock(absl::Seconds(601));
  MeshTest::Await("an end of it", [&] {
    return Rows("SELECT count(*) FROM chat_messages WHERE pending_change IS NOT NULL") == 0;
  });
  EXPECT_TRUE(IsThere(question.id));
}

TEST_F(MessageChangesTest, ButtonsThatCouldNotBeTakenAwayAreKnownToBeThere) {
  Begin();
  const Message question = Shows(Asking("Water it?", "Yes", "garden:yes"));
  telegram().AddFault({.method = "editMessageReplyMarkup",
                       .error_code = 400,
                       .description = "Bad Request: message can't be edited"});
  Press(question, "Yes");
  MeshTest::Await("an end of it", [&] {
    return Calls("editMessageReplyMarkup") == 1 &&
           Rows("SELECT count(*) FROM chat_messages WHERE pending_change IS NOT NULL") == 0;
  });
  // So another press tries again.
  Press(question, "Yes");
  AwaitWithoutButtons(question.id);
}

TEST_F(MessageChangesTest, TheBotReactsToThePersonsMessage) {
  Begin();
  ReactTo([](const v1::ReactRequest&) {
    v1::DialogReaction reaction;
    reaction.set_emoji("👍");
    return reaction;
  });
  const int64_t words = Say("It rains.");
  MeshTest::Await("a reaction", [&] {
    for (const Message& m : telegram().Messages(ann())) {
      if (m.id == words && m.reactions.contains(0)) {
        return m.reactions.at(0) == telegram_emulator::Reactions{"👍"};
      }
    }
    return false;
  });
}

}  // namespace
}  // namespace selfology::telegram_gateway
