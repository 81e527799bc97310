#include "services/coaching/coaching_dialog/event_words.h"

#include <string>
#include <utility>

#include "common/status/status.h"
#include "services/coaching/coaching_dialog/dialog_fixture_test.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class EventWordsTest : public DialogTest {
 protected:
  // Her session is open, and q1 was asked.
  void AskFirst() {
    Start();
    Give("start");
    PutQuestion("q1", "What is home to you?");
  }
  // What a reaction says; it must be one message.
  static v1::DialogMessage Only(const v1::DialogReaction& reaction) {
    EXPECT_EQ(reaction.messages_size(), 1);
    return reaction.messages_size() == 1 ? reaction.messages(0) : v1::DialogMessage();
  }
  static events::v1::AnswerAnalyzedInstant Analyzed(std::string question_id, std::string insight) {
    events::v1::AnswerAnalyzedInstant event;
    event.set_user_id(kAnn);
    event.set_session_id(9);
    event.set_question_id(std::move(question_id));
    event.set_brief_insight(std::move(insight));
    return event;
  }
};

TEST_F(EventWordsTest, OtherDialogsAreToldWhetherAQuestionWaits) {
  Start();
  EXPECT_EQ(Give("start").question(), v1::DIALOG_QUESTION_NONE) << "consent is given by a button";
  const v1::DialogReaction asked = PutQuestion("q1", "What is home to you?");
  EXPECT_EQ(asked.question(), v1::DIALOG_QUESTION_WAITS);
  EXPECT_FALSE(asked.has_question_worth());
  EXPECT_NE(Say("Where my books are.").question(), v1::DIALOG_QUESTION_NONE)
      << "the next one is on its way";
  EXPECT_EQ(Complete().question(), v1::DIALOG_QUESTION_NONE);

  EXPECT_EQ(Say("I lost my job.").question(), v1::DIALOG_QUESTION_NONE);
  events::v1::CoachMessageReady reply;
  reply.set_user_id(kAnn);
  reply.set_conversation_id(5);
  reply.set_message_text("That is hard.");
  EXPECT_EQ(Render(reply).question(), v1::DIALOG_QUESTION_UNSPECIFIED);
  reply.set_message_text("That is hard. What did you do then?");
  const v1::DialogReaction back = Render(reply);
  EXPECT_EQ(back.question(), v1::DIALOG_QUESTION_WAITS);
  EXPECT_EQ(back.question_worth().seconds(), 1800);
  EXPECT_EQ(Give("pause").question(), v1::DIALOG_QUESTION_NONE);
}

TEST_F(EventWordsTest, AQuestionWaitsForTheFeedbackOnTheAnswerBefore) {
  Start();
  Give("start");
  const v1::DialogMessage first = Only(PutQuestion("q1", "What is 1 < 2 to you?"));
  EXPECT_EQ(first.kind(), "question");
  EXPECT_EQ(first.mark(), "q1");
  EXPECT_EQ(first.key(), "question:9:q1");
  EXPECT_TRUE(first.keep_buttons()) << "skipping may fail";
  EXPECT_EQ(first.after_key(), "") << "it follows no answer";
  EXPECT_THAT(first.message_text(), HasSubstr("1 &lt; 2"));
  EXPECT_FALSE(first.expendable());
  EXPECT_FALSE(first.has_worth());

  Say("Where my books are.");
  const v1::DialogMessage feedback = Only(Render(Analyzed("q1", "You like <books>.")));
  EXPECT_EQ(feedback.kind(), "feedback");
  EXPECT_EQ(feedback.key(), "feedback:9:q1");
  EXPECT_THAT(feedback.message_text(), HasSubstr("You like &lt;books&gt;."));
  EXPECT_TRUE(feedback.expendable());
  EXPECT_EQ(feedback.worth().seconds(), 600);
  EXPECT_EQ(feedback.mark(), "") << "the question stays the last one shown";

  const v1::DialogMessage second = Only(PutQuestion("q2", "Whom do you miss?", 2));
  EXPECT_EQ(second.after_key(), feedback.key());
  EXPECT_EQ(second.wait().seconds(), 1);
  EXPECT_EQ(second.wait().nanos(), 0);
  // The gateway was cut off: the same event gets the same answer.
  EXPECT_EQ(Only(Render(Selected("q2", "Whom do you miss?", 2))).after_key(), feedback.key());

  EXPECT_EQ(Only(PutQuestion("q3", "What did you dream?", 2, "q2")).after_key(), "")
      << "it is there instead of another";
  EXPECT_EQ(Only(PutQuestion("q4", "What else?", 3)).after_key(), "feedback:9:q3");
}

TEST_F(EventWordsTest, AQuestionToSomebodyForgottenWaitsForNothing) {
  AskFirst();
  LoseState();
  owners().Do([](Owners& o) { o.Of(kAnn).mutable_session()->clear_current_question_id(); });
  EXPECT_EQ(Only(Render(Selected("q2", "Whom do you miss?", 2))).after_key(), "");
}

TEST_F(EventWordsTest, TheEndWaitsForTheFeedbackOnTheLastAnswer) {
  AskFirst();
  Say("Where my books are.");
  for (int i = 0; i < 2; ++i) {
    const v1::DialogReaction completed = Complete();
    const v1::DialogMessage end = completed.messages(0);
    EXPECT_EQ(completed.messages_size(), i == 0 ? 2 : 1) << "reminders are offered once";
    EXPECT_EQ(end.kind(), "completion");
    EXPECT_EQ(end.after_key(), "feedback:9:q1");
    EXPECT_THAT(end.message_text(), AllOf(HasSubstr("10 answers"), HasSubstr("/profile")));
  }
  events::v1::SessionCompleted requested = Completed();
  requested.set_reason(session::v1::COMPLETION_REASON_REQUESTED);
  EXPECT_EQ(Only(Render(requested)).after_key(), "") << "it follows no answer";
}

TEST_F(EventWordsTest, NoFeedbackIsSaidWhereThereIsNone) {
  AskFirst();
  EXPECT_THAT(Render(Analyzed("q1", "")).messages(), IsEmpty());
}

TEST_F(EventWordsTest, ATimeoutIsToldAndForgotten) {
  AskFirst();
  owners().Do([&](Owners& o) {
    o.Of(kAnn).set_stage(session::v1::ONBOARDING_STAGE_READY);
    o.Of(kAnn).mutable_session()->set_status(session::v1::SESSION_STATUS_TIMEOUT);
  });
  events::v1::SessionTimeout timeout;
  timeout.set_user_id(kAnn);
  timeout.set_session_id(9);
  timeout.set_answers_given(3);
  const v1::DialogReaction told = Render(timeout);
  EXPECT_THAT(TextOf(told), HasSubstr("3 answers saved"));
  EXPECT_THAT(ButtonsOf(told), ElementsAre("restart:")) << "she may have completed one before";
  EXPECT_THAT(told.spent_keys(), ElementsAre("question:9:q1"));
  EXPECT_EQ(told.menu(), "welcome");
  EXPECT_EQ(KeptState(), "new_user");
  EXPECT_THAT(TextOf(Say("I am back.")), HasSubstr("Nothing is under way"));
  const v1::DialogReaction begun = Press("restart:");
  EXPECT_THAT(TextOf(begun), HasSubstr("Let us begin"));
  EXPECT_TRUE(begun.remove_buttons());
  EXPECT_EQ(Render(timeout).ByteSizeLong(), 0u) << "it came again";
  // Whatever was under way in the old session.
  EXPECT_THAT(Render(Selected("q4", "What else?", 4)).messages(), IsEmpty());
  EXPECT_EQ(KeptState(), "onboarding_active");
}

TEST_F(EventWordsTest, FollowsWhatIsDoneToTheSessionElsewhere) {
  AskFirst();
  const auto stand = [&](session::v1::OnboardingStage stage, session::v1::SessionStatus status) {
    owners().Do([&](Owners& o) {
      o.Of(kAnn).set_stage(stage);
      o.Of(kAnn).mutable_session()->set_status(status);
    });
  };
  stand(session::v1::ONBOARDING_STAGE_PAUSED, session::v1::SESSION_STATUS_PAUSED);
  events::v1::SessionPaused paused;
  paused.set_user_id(kAnn);
  paused.set_session_id(9);
  const v1::DialogReaction pause = Render(paused);
  EXPECT_THAT(pause.messages(), IsEmpty());
  EXPECT_THAT(pause.spent_keys(), ElementsAre("question:9:q1"));
  EXPECT_EQ(pause.menu(), "paused");
  EXPECT_EQ(KeptState(), "onboarding_paused");
  EXPECT_THAT(TextOf(Say("Hello?")), HasSubstr("We are paused"));

  stand(session::v1::ONBOARDING_STAGE_IN_PROGRESS, session::v1::SESSION_STATUS_ACTIVE);
  events::v1::SessionResumed resumed;
  resumed.set_user_id(kAnn);
  resumed.set_session_id(9);
  resumed.set_current_question_id("q1");
  const v1::DialogReaction resumption = Render(resumed);
  EXPECT_THAT(resumption.messages(), IsEmpty());
  EXPECT_EQ(resumption.menu(), "questions");
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  Say("Where my books are.");
  EXPECT_THAT(Answers(), SizeIs(1));

  stand(session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED, session::v1::SESSION_STATUS_PAUSED);
  owners().Do([&](Owners& o) { o.Of(kAnn).mutable_consent()->set_granted(false); });
  events::v1::ConsentDeclined declined;
  declined.set_user_id(kAnn);
  EXPECT_THAT(Render(declined).messages(), IsEmpty());
  EXPECT_EQ(KeptState(), "gdpr_pending");
  // A question that was under way is not for her any more.
  EXPECT_THAT(Render(Selected("q2", "Whom do you miss?", 2)).messages(), IsEmpty());
  EXPECT_EQ(KeptState(), "gdpr_pending");
}

// Brought again, or late.
TEST_F(EventWordsTest, WhatComesLateUndoesNothing) {
  AskFirst();
  events::v1::SessionPaused paused;
  paused.set_user_id(kAnn);
  paused.set_session_id(9);
  events::v1::ConsentDeclined declined;
  declined.set_user_id(kAnn);
  // She has gone on since.
  Render(paused);
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  Render(declined);
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  Say("Where my books are.");
  EXPECT_THAT(Answers(), SizeIs(1));

  Complete();
  Say("Hello, coach.");
  Give("pause");
  EXPECT_EQ(Render(Completed()).menu(), "paused");
  Render(paused);
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_CHAT_PAUSED);
}

TEST_F(EventWordsTest, TheEndOfASessionThatComesLateLeavesTheNextOneAlone) {
  AskFirst();
  owners().Do([](Owners& o) {
    session::v1::Session& session = *o.Of(kAnn).mutable_session();
    session.set_session_id(10);
    session.set_current_question_id("q9");
  });
  events::v1::QuestionSelected next = Selected("q9", "And now?", 1);
  next.set_session_id(10);
  EXPECT_THAT(TextOf(Render(next)), HasSubstr("And now?"));
  events::v1::SessionTimeout timeout;
  timeout.set_user_id(kAnn);
  timeout.set_session_id(9);
  for (int i = 0; i < 2; ++i) {
    const v1::DialogReaction late = i == 0 ? Render(timeout) : Render(Completed());
    EXPECT_EQ(late.ByteSizeLong(), 0u) << late.ShortDebugString();
  }
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  EXPECT_THAT(Give("skip").spent_keys(), ElementsAre("question:10:q9"));
}

TEST_F(EventWordsTest, TheEndOfASessionIsNotToldWhenTheNextWasAskedFor) {
  AskFirst();
  Complete();
  Press("restart:");
  const v1::DialogReaction late = Render(Completed());
  EXPECT_EQ(late.ByteSizeLong(), 0u) << late.ShortDebugString();
  EXPECT_EQ(KeptState(), "onboarding_active");
  // Nor when that is known to the owners alone.
  LoseState();
  EXPECT_EQ(Render(Completed()).ByteSizeLong(), 0u);
}

TEST_F(EventWordsTest, AQuestionOfASessionThatIsOverIsNotAsked) {
  AskFirst();
  Say("Where my books are.");
  Complete();
  EXPECT_THAT(Render(Selected("q2", "Whom do you miss?", 2)).messages(), IsEmpty());
  EXPECT_EQ(KeptState(), "onboarding_complete");
  // Nor to somebody of whom nothing is remembered.
  LoseState();
  EXPECT_THAT(Render(Selected("q2", "Whom do you miss?", 2)).messages(), IsEmpty());
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  events::v1::QuestionSelected next = Selected("q9", "And now?", 1);
  next.set_session_id(10);
  EXPECT_THAT(TextOf(Render(next)), HasSubstr("And now?")) << "begun elsewhere";
}

TEST_F(EventWordsTest, PassesOnTheCoachAndInsights) {
  Start();
  Give("start");
  Complete();
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  events::v1::CoachMessageReady reply;
  reply.set_user_id(kAnn);
  reply.set_conversation_id(3);
  reply.set_message_text("What exactly <worries> you?");
  const v1::DialogMessage said = Only(Render(reply));
  EXPECT_EQ(said.kind(), "coach");
  EXPECT_EQ(said.message_text(), "What exactly <worries> you?");
  EXPECT_EQ(said.text_format(), v1::TEXT_FORMAT_UNSPECIFIED);
  // It may be late.
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  owners().Do([](Owners& o) { o.chat_open = true; });
  Render(reply);
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_CHAT_ACTIVE) << "begun elsewhere";

  events::v1::InsightReadyForUser insight;
  insight.set_user_id(kAnn);
  insight.set_insight_id(77);
  insight.set_message_text("You light up <when> you paint.");
  const v1::DialogMessage shown = Only(Render(insight));
  EXPECT_EQ(shown.kind(), "insight");
  EXPECT_EQ(shown.key(), "insight:77");
  EXPECT_TRUE(shown.expendable());
  EXPECT_THAT(shown.message_text(), HasSubstr("&lt;when&gt;"));
  Give("pause");
  EXPECT_THAT(Render(insight).messages(), IsEmpty()) << "she was promised silence";
}

TEST_F(EventWordsTest, ACoachWhoIsLateDoesNotReopenAChatThatWasFinished) {
  AskFirst();
  Complete();
  Say("Hello, coach.");
  Give("finish");
  events::v1::CoachMessageReady reply;
  reply.set_user_id(kAnn);
  reply.set_conversation_id(3);
  reply.set_message_text("Hello, Ann.");
  EXPECT_THAT(TextOf(Render(reply)), HasSubstr("Hello, Ann.")) << "she asked before";
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  EXPECT_THAT(TextOf(Give("finish")), HasSubstr("not talking at the moment"));
}

TEST_F(EventWordsTest, WhoIsInDangerIsToldNothing) {
  AskFirst();
  owners().Do([](Owners& o) { o.in_crisis = true; });
  EXPECT_THAT(Render(Analyzed("q1", "Home means warmth to you.")).messages(), IsEmpty());
  EXPECT_THAT(PutQuestion("q2", "Whom do you miss?", 2).messages(), IsEmpty());
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  owners().Do([](Owners& o) { o.in_crisis = false; });
  EXPECT_THAT(TextOf(Give("start")), HasSubstr("Whom do you miss?"));

  // Where nobody can say, life goes on.
  owners().Do([](Owners& o) {
    o.in_crisis = true;
    o.failures["GetMode"] = absl::UnavailableError("down");
  });
  EXPECT_THAT(TextOf(Render(Analyzed("q2", "You are loyal."))), HasSubstr("You are loyal."));
}

TEST_F(EventWordsTest, RefusesWhatItDidNotDescribe) {
  Start();
  v1::RenderEventRequest request = Rendering(Completed());
  request.set_event_type("trait.extracted");
  EXPECT_TRUE(absl::IsInvalidArgument(dialog().RenderEvent(Deadline(), request).status()));
  request.set_event_type("session.completed");
  request.set_payload("\xff\xff");
  EXPECT_EQ(status::Reason(dialog().RenderEvent(Deadline(), request).status()),
            "INVALID_EVENT_PAYLOAD");
}

}  // namespace
}  // namespace selfology::coaching_dialog
