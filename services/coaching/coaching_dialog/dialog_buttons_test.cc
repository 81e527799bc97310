// How long buttons are of use.
#include "common/status/status.h"
#include "services/coaching/coaching_dialog/coaching_dialog_store.h"
#include "services/coaching/coaching_dialog/dialog_fixture_test.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

class DialogButtonsTest : public DialogTest {};

TEST_F(DialogButtonsTest, ButtonsGoWhenWhatTheyAreForIsDone) {
  Start();
  const v1::DialogReaction welcome = Give("start");
  EXPECT_TRUE(welcome.messages(0).keep_buttons()) << "a press may fail";
  EXPECT_EQ(welcome.menu(), "welcome");
  const v1::DialogReaction again = Say("Hello?");
  EXPECT_THAT(again.spent_keys(), ElementsAre(welcome.messages(0).key()));
  const v1::DialogReaction agreed = Press("consent:yes:2025-10-01");
  EXPECT_THAT(agreed.spent_keys(), ElementsAre(again.messages(0).key()));
  EXPECT_EQ(agreed.menu(), "questions");

  EXPECT_THAT(PutQuestion("q1", "What is home to you?").spent_keys(), IsEmpty());
  const v1::ReactRequest answer = Words("Where my books are.");
  EXPECT_THAT(React(answer).spent_keys(), ElementsAre("question:9:q1"));
  EXPECT_THAT(React(answer).spent_keys(), ElementsAre("question:9:q1")) << "it came again";

  EXPECT_THAT(PutQuestion("q2", "Whom do you miss?", 2).spent_keys(), IsEmpty());
  EXPECT_THAT(Give("skip").spent_keys(), ElementsAre("question:9:q2"));
  PutQuestion("q3", "What did you dream?", 2, "q2");
  const v1::DialogReaction paused = Give("pause");
  EXPECT_THAT(paused.spent_keys(), ElementsAre("question:9:q3"));
  EXPECT_EQ(paused.menu(), "paused");
  const v1::DialogReaction resumed = Give("resume");
  EXPECT_THAT(resumed.spent_keys(), ElementsAre(paused.messages(0).key()));
  EXPECT_EQ(resumed.menu(), "questions");
  const v1::DialogReaction completed = Complete();
  EXPECT_THAT(completed.spent_keys(), ElementsAre(resumed.messages(1).key()));
  EXPECT_EQ(completed.menu(), "chat");
}

// An hour after the last word Redis has forgotten her.
TEST_F(DialogButtonsTest, ButtonsGoHoweverLongItTakes) {
  Start();
  Give("start");
  const v1::DialogReaction info = Press("consent:info:2025-10-01");
  LoseState();
  const v1::DialogReaction welcome = Give("start");
  EXPECT_THAT(welcome.spent_keys(), ElementsAre(info.messages(0).key()));
  LoseState();
  EXPECT_THAT(Press("consent:yes:2025-10-01").spent_keys(), ElementsAre(welcome.messages(0).key()));
  PutQuestion("q1", "What is home to you?");
  const v1::DialogReaction paused = Give("pause");
  LoseState();
  const v1::DialogReaction resumed = Give("resume");
  EXPECT_THAT(resumed.spent_keys(), ElementsAre(paused.messages(0).key()));
  LoseState();
  EXPECT_THAT(Complete().spent_keys(), ElementsAre(resumed.messages(1).key()));
  LoseState();
  EXPECT_THAT(Give("start").spent_keys(), IsEmpty()) << "all are gone";
}

TEST_F(DialogButtonsTest, AQuestionThatIsSkippedLosesItsButtonsAlsoWhenTheyAreNotKnown) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  LoseState();
  const auto deleted =
      DatabaseAs("selfology_coaching_dialog").Write(Deadline(), [&](postgres::Transaction& tx) {
        return store::DeleteUser(tx, kAnn);
      });
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_THAT(Give("skip").spent_keys(), ElementsAre("question:9:q1"));
}

TEST_F(DialogButtonsTest, GoOnGoesWhenThePauseIsOver) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const v1::DialogReaction paused = Give("pause");
  owners().Do([](Owners& o) {
    o.Of(kAnn).set_stage(session::v1::ONBOARDING_STAGE_IN_PROGRESS);
    o.Of(kAnn).mutable_session()->set_status(session::v1::SESSION_STATUS_ACTIVE);
  });
  events::v1::SessionResumed resumed;
  resumed.set_user_id(kAnn);
  resumed.set_session_id(9);
  EXPECT_THAT(Render(resumed).spent_keys(), ElementsAre(paused.messages(0).key()))
      << "resumed elsewhere";

  const v1::DialogReaction again = Give("pause");
  EXPECT_TRUE(Give("finish").typing());
  EXPECT_THAT(Complete().spent_keys(), ElementsAre(again.messages(0).key()));
}

TEST_F(DialogButtonsTest, APausedChatHasAButtonToGoOn) {
  Start();
  Give("start");
  Complete();
  const v1::DialogReaction paused = Give("pause");
  EXPECT_THAT(ButtonsOf(paused), ElementsAre("resume:"));
  EXPECT_TRUE(paused.messages(0).keep_buttons()) << "a press may fail";
  EXPECT_THAT(Render(Completed()).spent_keys(), IsEmpty()) << "it comes again";
  const v1::DialogReaction again = Give("pause");
  EXPECT_THAT(again.spent_keys(), ElementsAre(paused.messages(0).key()));
  EXPECT_THAT(ButtonsOf(again), ElementsAre("resume:"));
  const v1::DialogReaction resumed = Press("resume:");
  EXPECT_TRUE(resumed.remove_buttons());
  EXPECT_THAT(resumed.spent_keys(), ElementsAre(again.messages(0).key()));

  const v1::DialogReaction last = Give("pause");
  EXPECT_THAT(Give("finish").spent_keys(), ElementsAre(last.messages(0).key()));
}

// Cards from before may have kept their buttons, as in chats that the bot cannot change any more.
TEST_F(DialogButtonsTest, AnOldNoDoesNotTakeBackWhatWasAgreedOnSince) {
  Start();
  Give("start");
  Press("consent:info:2025-10-01");
  Give("start");
  Press("consent:yes:2025-10-01");
  PutQuestion("q1", "What is home to you?");
  const v1::DialogReaction pressed = Press("consent:no:2025-10-01");
  EXPECT_THAT(TextOf(pressed), HasSubstr("You have agreed since"));
  EXPECT_TRUE(pressed.remove_buttons());
  EXPECT_EQ(Calls("RecordConsent"), 1);
  owners().Do([](Owners& o) { EXPECT_TRUE(o.Of(kAnn).consent().granted()); });
  EXPECT_EQ(KeptState(), "waiting_for_answer");

  const v1::DialogReaction info = Press("consent:info:2025-10-01");
  EXPECT_THAT(TextOf(info), HasSubstr("What I store"));
  EXPECT_THAT(ButtonsOf(info), IsEmpty()) << "there is nothing to decide";
  EXPECT_THAT(info.spent_keys(), IsEmpty()) << "the question can still be skipped";
}

TEST_F(DialogButtonsTest, AnAnswerThatIsRefusedLeavesTheQuestionItsButtons) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  owners().Do([](Owners& o) {
    o.failures["SubmitAnswer"] =
        status::InvalidField("answer_text", "must be 2 to 4096 characters");
  });
  EXPECT_THAT(Say("x").spent_keys(), IsEmpty());
  owners().Do([](Owners& o) { o.failures.clear(); });
  EXPECT_THAT(Give("skip").spent_keys(), ElementsAre("question:9:q1"));
}

TEST_F(DialogButtonsTest, APressThatDidNothingKeepsTheButtonAndSaysWhy) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  owners().Do([](Owners& o) { o.failures["GetOnboarding"] = absl::UnavailableError("down"); });
  LoseState();
  for (const char* button : {"skip:q1", "resume:"}) {
    const v1::DialogReaction pressed = Press(button);
    EXPECT_THAT(TextOf(pressed), HasSubstr("try again in a minute"));
    EXPECT_FALSE(pressed.remove_buttons()) << button;
    EXPECT_EQ(pressed.notice(), "");
  }
  owners().Do([](Owners& o) { o.failures.clear(); });
  EXPECT_TRUE(Press("skip:q1").remove_buttons());
}

TEST_F(DialogButtonsTest, OldConsentButtonsShowTheNewText) {
  Start();
  Give("start");
  owners().Do([&](Owners& o) { o.Of(kAnn).set_current_policy_version("2026-01-01"); });
  const v1::DialogReaction renewed = Press("consent:yes:2025-10-01");
  EXPECT_THAT(TextOf(renewed), HasSubstr("Is that all right"));
  EXPECT_THAT(ButtonsOf(renewed), Contains("consent:yes:2026-01-01"));
  EXPECT_THAT(TextOf(Press("consent:yes:2026-01-01")), HasSubstr("Thank you for your trust"));
}

}  // namespace
}  // namespace selfology::coaching_dialog
