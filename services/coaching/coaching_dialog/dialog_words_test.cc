// What becomes of what people write, and when it is an answer.
#include <cstdint>

#include "services/coaching/coaching_dialog/dialog_fixture_test.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DialogWordsTest : public DialogTest {};

TEST_F(DialogWordsTest, WordsBetweenASkippedQuestionAndTheNextAnswerNeither) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  Press("skip:q1");
  for (int i = 0; i < 2; ++i) {
    EXPECT_THAT(TextOf(Say("Where my books are.")), HasSubstr("next question is on its way"));
  }
  EXPECT_THAT(Answers(), IsEmpty());
  PutQuestion("q2", "Whom do you miss?", 1, "q1");
  Say("My grandmother.");
  ASSERT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(Answers()[0].question_id(), "q2");
}

// Questions may be chosen, and queued for sending, faster than a person is shown them.
TEST_F(DialogWordsTest, AnAnswerCountsForTheQuestionThatWasShown) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  HoldMessages();
  Say("Where my books are.");
  PutQuestion("q2", "Whom do you miss?", 2);
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  for (int i = 0; i < 10; ++i) {
    EXPECT_THAT(TextOf(Say("And my cat.")),
                AllOf(HasSubstr("have your answer"), HasSubstr("next one is on its way")));
  }
  EXPECT_THAT(TextOf(Give("skip")), HasSubstr("no question to skip"));
  ASSERT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(DialogState().question_id(), "q2");

  ShowMessages();
  EXPECT_TRUE(Say("My grandmother.").typing());
  ASSERT_THAT(Answers(), SizeIs(2));
  EXPECT_EQ(Answers()[1].question_id(), "q2");
  EXPECT_EQ(Answers()[1].answer_text(), "My grandmother.");
}

// As when all that the gateway knew is lost, or the question is still on its way.
TEST_F(DialogWordsTest, WordsAnswerNoQuestionThatMayNotHaveBeenShown) {
  Start();
  Give("start");
  HoldMessages();
  PutQuestion("q1", "What is home to you?");
  const v1::DialogReaction shown = Say("Hello?");
  EXPECT_THAT(TextOf(shown), AllOf(HasSubstr("which question"), HasSubstr("saved nothing"),
                                   HasSubstr("What is home to you?")));
  ASSERT_EQ(shown.messages_size(), 2);
  EXPECT_EQ(shown.messages(1).mark(), "q1");
  EXPECT_THAT(shown.spent_keys(), ElementsAre("question:9:q1"));
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(KeptState(), "waiting_for_answer");

  ShowMessages();
  const v1::DialogReaction taken = Say("Where my books are.");
  EXPECT_TRUE(taken.typing());
  EXPECT_THAT(taken.spent_keys(), ElementsAre(shown.messages(1).key()));
  EXPECT_THAT(Answers(), SizeIs(1));
}

// The request for her session got lost, or is stuck.
TEST_F(DialogWordsTest, WhoseSessionNeverStartsGetsOnByWriting) {
  Start();
  Give("start");
  Press("consent:yes:2025-10-01");
  EXPECT_EQ(Calls("StartOnboarding"), 1);
  EXPECT_THAT(TextOf(Say("Hello?")), HasSubstr("question is on its way"));
  EXPECT_EQ(Calls("StartOnboarding"), 2);
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_ONBOARDING_ACTIVE);
}

TEST_F(DialogWordsTest, WordsUnderAPictureAreWordsLikeAny) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const v1::DialogReaction answered = Send(v1::CONTENT_KIND_PHOTO, "This kitchen, in the morning.");
  EXPECT_TRUE(answered.typing());
  EXPECT_THAT(TextOf(answered), HasSubstr("the picture itself I cannot look at"));
  ASSERT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(Answers()[0].answer_text(), "This kitchen, in the morning.");

  Complete();
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_DOCUMENT, "My diary.")), HasSubstr("cannot open"));
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_VOICE, "  ")), HasSubstr("cannot listen"));
  owners().Do([](Owners& o) {
    ASSERT_THAT(o.messages, SizeIs(1));
    EXPECT_EQ(o.messages[0].message_text(), "My diary.");
  });
  // What was not taken is not said to have been read.
  Give("pause");
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_PHOTO, "And this?")),
              AllOf(HasSubstr("chat is paused"), Not(HasSubstr("I read the words"))));
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_VOICE)),
              AllOf(HasSubstr("chat is paused"), Not(HasSubstr("Could you write it"))));
}

TEST_F(DialogWordsTest, SeveralMessagesInARowAreOneAnswer) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  v1::DialogUpdate update;
  update.set_words("Where my books are.\nAnd my cat.\nAnd you.");
  update.set_gathered(3);
  EXPECT_TRUE(React(Next(update)).typing());
  ASSERT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(Answers()[0].answer_text(), "Where my books are.\nAnd my cat.\nAnd you.");
}

TEST_F(DialogWordsTest, AnEditedAnswerCountsAsItWasFirstWritten) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  Say("Where my books are.");
  const int64_t answer = last_message_id();
  const v1::DialogReaction edited = Edit(answer, "Where my books and my cat are.");
  EXPECT_THAT(TextOf(edited), AllOf(HasSubstr("as you first wrote it"), HasSubstr("add it")));
  ASSERT_EQ(edited.messages_size(), 1);
  EXPECT_EQ(Edit(answer, "Where all is well.").messages(0).key(), edited.messages(0).key())
      << "said once, however often it is changed";
  EXPECT_THAT(TextOf(Edit(answer - 1, "/pause")), HasSubstr("do not see edits"));
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(DialogWordsTest, AThumbsUpNeedsNoAnswer) {
  Start();
  v1::DialogUpdate update;
  update.mutable_reaction()->add_emoji("👍");
  const v1::DialogReaction reaction = React(Next(update));
  EXPECT_EQ(reaction.ByteSizeLong(), 0u) << reaction.ShortDebugString();
  EXPECT_EQ(KeptState(), "") << "nothing changes";
}

// The mark is lost, and so is what Redis had newer.
TEST_F(DialogWordsTest, WordsOfWhoIsThroughGoToTheCoachAlsoWithoutAMark) {
  Start();
  Give("start");
  HoldMessages();
  PutQuestion("q_10", "What makes you grow quiet?", 10);
  Complete();
  ASSERT_TRUE(
      dialog().SetDialogState(Deadline(), Moving(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER)).ok());
  EXPECT_TRUE(Say("Hello, coach.").typing());
  owners().Do([](Owners& o) {
    EXPECT_THAT(o.answers, IsEmpty());
    EXPECT_THAT(o.messages, SizeIs(1));
  });
}

// Her session ended by itself, and she goes on as if it had not.
TEST_F(DialogWordsTest, NoQuestionIsPromisedWhereNoneComes) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  Say("Where my books are.");
  owners().Do([](Owners& o) {
    o.Of(kAnn).set_stage(session::v1::ONBOARDING_STAGE_READY);
    o.Of(kAnn).mutable_session()->set_status(session::v1::SESSION_STATUS_TIMEOUT);
  });
  EXPECT_THAT(TextOf(Say("And my cat.")),
              AllOf(HasSubstr("Nothing is under way"), Not(HasSubstr("on its way"))));
}

TEST_F(DialogWordsTest, AnAnswerThatComesAgainWhenTheNextQuestionIsThereIsTheSameAnswer) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const v1::ReactRequest answer = Words("Where my books are.");
  React(answer);
  PutQuestion("q2", "Whom do you miss?", 2);
  // The gateway died before it noted that the update was handled.
  const v1::DialogReaction again = React(answer);
  EXPECT_TRUE(again.typing());
  EXPECT_THAT(again.messages(), IsEmpty());
  ASSERT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
}

TEST_F(DialogWordsTest, WhatMayHaveBeenTakenDownIsAskedForAgainAndNotRefused) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const v1::ReactRequest answer = Words("Where my books are.");
  owners().Do(
      [](Owners& o) { o.failures["SubmitAnswer"] = absl::UnavailableError("being replaced"); });
  EXPECT_TRUE(absl::IsUnavailable(dialog().React(Deadline(), answer).status()));
  owners().Do([](Owners& o) { o.failures.erase("SubmitAnswer"); });
  // The gateway brings it again, before anything that was said later.
  EXPECT_TRUE(React(answer).typing());
  EXPECT_THAT(Answers(), SizeIs(1));

  Complete();
  const v1::ReactRequest message = Words("Hello, coach.");
  owners().Do([](Owners& o) { o.failures["SendMessage"] = absl::DeadlineExceededError("slow"); });
  EXPECT_FALSE(dialog().React(Deadline(), message).ok());
  owners().Do([](Owners& o) { o.failures.erase("SendMessage"); });
  EXPECT_TRUE(React(message).typing());
  owners().Do([](Owners& o) { EXPECT_THAT(o.messages, SizeIs(1)); });
}

TEST_F(DialogWordsTest, AnUpdateThatComesAgainIsAnsweredAlike) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const v1::ReactRequest answer = Words("Where my books are.");
  const v1::DialogReaction first = React(answer);
  const v1::DialogReaction second = React(answer);
  EXPECT_EQ(TextOf(second), TextOf(first));
  EXPECT_TRUE(second.typing());
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(DialogWordsTest, AnAnswerThatComesAgainAfterTheSessionEndedIsNoMessageToTheCoach) {
  Start();
  Give("start");
  PutQuestion("q_10", "What makes you grow quiet?", 10);
  const v1::ReactRequest answer = Words("The sea, at night.");
  React(answer);
  Complete();
  EXPECT_EQ(KeptState(), "onboarding_complete");
  EXPECT_THAT(React(answer).messages(), IsEmpty());
  // Also when all that was known is lost.
  LoseState();
  EXPECT_THAT(React(answer).messages(), IsEmpty());
  owners().Do([](Owners& o) {
    EXPECT_THAT(o.answers, SizeIs(1));
    EXPECT_THAT(o.messages, IsEmpty());
  });
  Say("Hello, coach.");
  EXPECT_EQ(KeptState(), "chat_active");
  owners().Do([](Owners& o) { EXPECT_THAT(o.messages, SizeIs(1)); });
}

TEST_F(DialogWordsTest, WordsAfterTheSessionAreForTheCoachWhateverRedisRemembers) {
  Start();
  Give("start");
  PutQuestion("q_10", "What makes you grow quiet?", 10);
  Say("The sea, at night.");
  Complete();
  // As after a failover to a Redis that is behind.
  ASSERT_TRUE(
      dialog().SetDialogState(Deadline(), Moving(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER)).ok());
  const v1::DialogReaction reaction = Say("Hello, coach.");
  EXPECT_TRUE(reaction.typing()) << TextOf(reaction);
  owners().Do([](Owners& o) {
    EXPECT_THAT(o.answers, SizeIs(1));
    EXPECT_THAT(o.messages, SizeIs(1));
  });
  EXPECT_EQ(KeptState(), "chat_active");
}

TEST_F(DialogWordsTest, WhetherWordsWereAnAnswerIsAskedOnceAtMost) {
  Start();
  Give("start");
  Complete();
  LoseState();
  for (int i = 0; i < 5; ++i) Say("Hello, coach.");
  EXPECT_EQ(Calls("GetAnswer"), 1);
  EXPECT_EQ(Calls("SendMessage"), 5);
}

TEST_F(DialogWordsTest, WhatCannotBeReadGetsAClearAnswer) {
  Start();
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_VOICE)), HasSubstr("cannot listen"));
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_PHOTO)), HasSubstr("cannot look at pictures"));
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_STICKER)), HasSubstr("Words tell me more"));
  EXPECT_THAT(TextOf(Send(v1::CONTENT_KIND_UNSPECIFIED)), HasSubstr("only read text"));
  v1::DialogUpdate edited;
  edited.set_edited_words("/helper");
  EXPECT_THAT(TextOf(React(Next(edited))), HasSubstr("do not see edits"));
  v1::DialogUpdate left;
  left.set_left(true);
  EXPECT_TRUE(React(Next(left)).drop_waiting());
}

TEST_F(DialogWordsTest, AnOutageWhileWordsWaitForAQuestionIsNoPromise) {
  owners().failures["GetAnswer"] = absl::UnavailableError("down");
  Start();
  Give("start");
  // Consent is given, and the first question is still to come.
  owners().Do([&](Owners& o) { o.Of(kAnn).set_stage(session::v1::ONBOARDING_STAGE_STARTING); });
  LoseState();
  EXPECT_THAT(TextOf(Say("Where my books are.")),
              AllOf(HasSubstr("saved nothing"), Not(HasSubstr("next question"))));
}

}  // namespace
}  // namespace selfology::coaching_dialog
