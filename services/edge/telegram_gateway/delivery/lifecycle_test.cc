// What becomes of messages in the chat: EPHEMERAL, SYSTEM and ONETIME ones.
#include <string>

#include "services/edge/telegram_gateway/chat_store.h"
#include "services/edge/telegram_gateway/delivery/lifecycle_fixture_test.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {
namespace {

TEST_F(LifecycleTest, AnEphemeralMessageGoesAfterItsTime) {
  Begin();
  const Message hint = Shows(Ephemeral("A hint.", 600));
  const Message other = Shows(Ephemeral("Another.", 3600));
  MoveClock(absl::Seconds(601));
  AwaitGone(hint.id);
  EXPECT_TRUE(IsThere(other.id));
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages WHERE lifecycle = 'ephemeral'"), 1);
}

TEST_F(LifecycleTest, AnEphemeralMessageGoesOnceAButtonWasPressed) {
  Begin();
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "Sentence ", i, ". ");
  Says(Ephemeral(text));
  const Message last = Await("Sentence 999.");
  AwaitQuiet();
  Press(last, "OK");
  AwaitGone(last.id);
  AwaitQuiet();
  EXPECT_EQ(Count("Sentence "), 0) << "all of its pieces go";
}

TEST_F(LifecycleTest, WhatIsDueTogetherIsDeletedTogether) {
  Begin();
  for (int i = 0; i < 4; ++i) Shows(Ephemeral(absl::StrCat("Hint ", i, "."), 600));
  MoveClock(absl::Seconds(700));
  MeshTest::Await("all hints to go", [&] { return Count("Hint ") == 0; });
  EXPECT_EQ(Calls("deleteMessages"), 1);
}

TEST_F(LifecycleTest, OneThatCannotBeDeletedOnlyLosesItsButtons) {
  Begin();
  const Message hint = Shows(Ephemeral("A hint.", 600));
  telegram().AddFault({.method = "deleteMessages",
                       .times = 1000,
                       .error_code = 400,
                       .description = "Bad Request: message can't be deleted for everyone"});
  MoveClock(absl::Seconds(601));
  AwaitWithoutButtons(hint.id);
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages WHERE pending_change IS NOT NULL"), 0);
}

TEST_F(LifecycleTest, OfSeveralThoseThatCanBeDeletedAre) {
  Begin();
  const Message first = Shows(Ephemeral("First hint.", 600));
  const Message second = Shows(Ephemeral("Second hint.", 600));
  telegram().AddFault({.method = "deleteMessages",
                       .times = 2,
                       .error_code = 400,
                       .description = "Bad Request: message can't be deleted for everyone"});
  MoveClock(absl::Seconds(601));
  // Refused together, then the first by itself.
  AwaitGone(second.id);
  AwaitWithoutButtons(first.id);
}

TEST_F(LifecycleTest, AOnetimeMessageStays) {
  Begin();
  const Message hello = Shows(Saying("Hello."));
  v1::DialogMessage tagged = Saying("Remember me.");
  tagged.set_tag("memory");
  Shows(tagged);
  MoveClock(absl::Hours(49));
  Shows(Saying("Two days later."));
  EXPECT_TRUE(IsThere(hello.id));
  // It is only forgotten.
  const auto forgotten = OfGateway().Write(
      Deadline(), [&](postgres::Transaction& tx) { return store::ForgetOld(tx, Clock()()); });
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages"), 2);
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages WHERE tag = 'memory'"), 1);
}

TEST_F(LifecycleTest, ASystemMessageTakesThePlaceOfTheOneBefore) {
  Begin();
  const Message first = Shows(System("Step one.", "steps", "Go on"));
  const int sent = Calls("sendMessage");
  const Message second = Shows(System("Step two.", "steps", "Stop"));
  EXPECT_EQ(second.id, first.id);
  EXPECT_EQ(Count("Step "), 1) << Transcript();
  EXPECT_EQ(Calls("sendMessage"), sent);
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages WHERE tag = 'steps' AND has_buttons"
                 " AND buttons = '{garden:Stop}'"),
            1);
  // The same again is no failure.
  Says(System("Step two.", "steps", "Stop"));
  // Another tag is another message.
  EXPECT_GT(Shows(System("A menu.", "menu")).id, first.id);
  EXPECT_EQ(Count("Step two."), 1);
  EXPECT_TRUE(IsThere(first.id));
}

TEST_F(LifecycleTest, FurtherUpInTheChatItIsReplacedByANewOne) {
  Begin();
  const Message first = Shows(System("Step one.", "steps"));
  const int64_t words = Say("Let me think.");
  AwaitQuiet();
  const Message second = Shows(System("Step two.", "steps"));
  EXPECT_GT(second.id, words);
  AwaitGone(first.id);
  const Message other = Shows(Saying("By the way."));
  const Message third = Shows(System("Step three.", "steps"));
  EXPECT_GT(third.id, other.id);
  AwaitGone(second.id);
  EXPECT_EQ(Count("Step "), 1) << Transcript();
}

TEST_F(LifecycleTest, WhatCannotBeEditedIsReplacedByANewOne) {
  Begin();
  const Message first = Shows(System("Step one.", "steps"));
  telegram().AddFault({.method = "editMessageText",
                       .error_code = 400,
                       .description = "Bad Request: message can't be edited"});
  const Message second = Shows(System("Step two.", "steps"));
  EXPECT_GT(second.id, first.id);
  AwaitGone(first.id);
  telegram().AddFault({.method = "editMessageText",
                       .error_code = 400,
                       .description = "Bad Request: message to edit not found"});
  const Message third = Shows(System("Step three.", "steps"));
  EXPECT_GT(third.id, second.id);
  AwaitQuiet();
  EXPECT_EQ(Count("Step three."), 1) << Transcript();
}

TEST_F(LifecycleTest, AnEditWhoseAnswerWasLostIsDoneOnce) {
  Begin();
  const Message first = Shows(System("Step one.", "steps"));
  telegram().AddFault({.method = "editMessageText", .drop = true, .after = true});
  v1::DialogMessage next = System("Step two.", "steps");
  next.set_expendable(true);
  EXPECT_EQ(Shows(next).id, first.id);
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages WHERE edited AND status = 'sent'"), 1);
  EXPECT_EQ(Count("Step "), 1) << Transcript();
}

TEST_F(LifecycleTest, ASystemMessageInPiecesIsReplacedAsAWhole) {
  Begin();
  Says(System(std::string(5000, 'x'), "steps"));
  MeshTest::Await("both pieces", [&] { return Count("xxx") == 2; });
  AwaitQuiet();
  Shows(System("Short.", "steps"));
  MeshTest::Await("both pieces to go", [&] { return Count("xxx") == 0; });
}

TEST_F(LifecycleTest, ATransitionLeavesOneMessageOfTheDialog) {
  Begin();
  const Message steps = Shows(System("Step one.", "steps"));
  const Message menu = Shows(System("A menu.", "menu"));
  const Message hint = Shows(Ephemeral("A hint."));
  const Message hello = Shows(Saying("Hello."));
  v1::DialogReaction next;
  next.set_transition(true);
  *next.add_messages() = System("A new scene.", "scene");
  Says(next);
  Await("A new scene.");
  for (const int64_t gone : {steps.id, menu.id, hint.id}) AwaitGone(gone);
  AwaitQuiet();
  EXPECT_TRUE(IsThere(hello.id));
  EXPECT_EQ(Count("A new scene."), 1);
}

TEST_F(LifecycleTest, ATransitionEditsTheNewestAndTakesAlongWhatIsYetToBeSent) {
  Begin();
  const Message menu = Shows(System("A menu.", "menu"));
  v1::DialogMessage waits = Ephemeral("Too late.");
  waits.set_after_key("never");
  waits.mutable_wait()->set_seconds(10);
  StopClock();
  Says(waits);
  MeshTest::Await("it to wait", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE status = 'waiting'") == 1;
  });
  v1::DialogReaction next;
  next.set_transition(true);
  *next.add_messages() = System("A new scene.", "scene");
  Says(next);
  EXPECT_EQ(Await("A new scene.").id, menu.id);
  StartClock();
  MoveClock(absl::Seconds(20));
  AwaitQuiet();
  EXPECT_EQ(Count("Too late."), 0);
}

TEST_F(LifecycleTest, AnErasedPersonLeavesNothing) {
  Begin();
  Shows(System("Step one.", "steps"));
  Say("Words.");
  AwaitQuiet();
  EXPECT_GT(Rows("SELECT count(*) FROM chat_messages"), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM chats"), 1);
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  ASSERT_TRUE(gateway().DeleteUserData(Deadline(), request).ok());
  EXPECT_EQ(Rows("SELECT count(*) FROM chat_messages"), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM chats"), 0);
}

}  // namespace
}  // namespace selfology::telegram_gateway
