// What people ask of the questions, and what they are offered between them.
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/coaching_dialog/dialog_fixture_test.h"

namespace selfology::coaching_dialog {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;
using ::testing::SizeIs;

class DialogGuideTest : public DialogTest {
 protected:
  // A question with guidance waits.
  void BeAsked(const std::string& id = "q1", int number = 1) {
    PutQuestion(id, "What is home to you?", number);
    owners().Do([&](Owners& o) {
      o.questions[id].set_why("It shows where you rest.");
      o.questions[id].set_rephrased("Where do you feel at home?");
      o.questions[id].set_example("At my grandmother's table.");
    });
  }

  events::v1::QuestionSelected Deepening(const std::string& id, int number) {
    events::v1::QuestionSelected event = Selected(id, "What do you long for?", number);
    event.set_strategy(question::v1::SELECTION_STRATEGY_DEEPENING);
    owners().Do([&](Owners& o) {
      o.Of(kAnn).mutable_session()->set_current_question_id(id);
      o.Of(kAnn).mutable_session()->set_answers_given(number - 1);
    });
    return event;
  }

  void PutStatements(int count) {
    owners().Do([&](Owners& o) {
      for (int i = 1; i <= count; ++i) {
        trait::v1::Statement statement;
        statement.set_statement_id(absl::StrCat("s", i));
        statement.set_text(absl::StrCat("Statement ", i, "."));
        for (const char* choice : {"not at all", "b", "c", "d", "very much"}) {
          statement.add_choices(choice);
        }
        o.statements.push_back(statement);
      }
    });
  }
};

TEST_F(DialogGuideTest, WhatIsAskedOfAQuestionIsAnsweredAndItGoesOnWaiting) {
  Start();
  Give("start");
  BeAsked();
  EXPECT_THAT(TextOf(Say("why do you ask that?")), HasSubstr("It shows where you rest."));
  EXPECT_THAT(TextOf(Say("I don't understand the question")),
              HasSubstr("Where do you feel at home?"));
  EXPECT_THAT(TextOf(Say("Can you give me an exmaple?")), HasSubstr("At my grandmother's table."));
  EXPECT_THAT(TextOf(Give("why")), HasSubstr("It shows where you rest."));
  EXPECT_THAT(TextOf(Give("example")), HasSubstr("grandmother's table"));
  EXPECT_THAT(TextOf(Say("help")), AllOf(HasSubstr("your own words"), HasSubstr("mine to keep")));
  EXPECT_THAT(TextOf(Say("how long?")), HasSubstr("question 1 of 10"));
  EXPECT_THAT(TextOf(Say("who reads this?")), HasSubstr("No person reads along"));
  for (const char* button : {"why:q1", "example:q1"}) {
    const v1::DialogReaction pressed = Press(button);
    EXPECT_THAT(pressed.messages(), SizeIs(1)) << button;
    EXPECT_FALSE(pressed.remove_buttons()) << "the question goes on waiting";
    EXPECT_THAT(pressed.spent_keys(), IsEmpty());
  }
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  Say("Why I left home? Because of the sea.");
  ASSERT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(Answers()[0].question_id(), "q1");
  EXPECT_EQ(Press("why:q1").notice(), "This button is no longer in use.");
  EXPECT_EQ(Press("example:q2").notice(), "This button is no longer in use.");
}

TEST_F(DialogGuideTest, TheFormOfAddressIsChosenInWordsAndTheQuestionAskedAgain) {
  Start();
  Give("start");
  BeAsked();
  const std::string informal = TextOf(Say("давай на ты"));
  EXPECT_THAT(informal, HasSubstr("What is home to you?"));
  EXPECT_EQ(owners().Do([](Owners& o) { return o.PreferencesOf(kAnn).form_of_address(); }),
            notification::v1::FORM_OF_ADDRESS_INFORMAL);
  Say("лучше на вы");
  EXPECT_EQ(owners().Do([](Owners& o) { return o.PreferencesOf(kAnn).form_of_address(); }),
            notification::v1::FORM_OF_ADDRESS_FORMAL);
  EXPECT_THAT(TextOf(Say("Is that normal?")),
              AllOf(HasSubstr("people differ"), HasSubstr("<b>What is home to you?</b>")));
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(KeptState(), "waiting_for_answer");
}

TEST_F(DialogGuideTest, AQuestionWithoutGuidanceIsExplainedAsWellAsMayBe) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  EXPECT_THAT(TextOf(Say("зачем этот вопрос?")), HasSubstr("what matters to you"));
  EXPECT_THAT(TextOf(Say("what?")), HasSubstr("no wrong way"));
  owners().Do([](Owners& o) { o.failures["GetQuestion"] = absl::InternalError("defect"); });
  EXPECT_THAT(TextOf(Press("why:q1")), HasSubstr("went wrong on my side"));
  EXPECT_THAT(Answers(), IsEmpty());
}

TEST_F(DialogGuideTest, QuestionsArePassedOverInWords) {
  Start();
  Give("start");
  BeAsked();
  const v1::DialogReaction skipped = Say("не хочу отвечать");
  EXPECT_TRUE(skipped.typing());
  EXPECT_THAT(skipped.messages(), IsEmpty());
  EXPECT_THAT(skipped.spent_keys(), ElementsAre("question:9:q1"));
  EXPECT_EQ(Calls("SkipQuestion:q1"), 1);
  EXPECT_EQ(KeptState(), "onboarding_active");
  PutQuestion("q2", "Whom do you miss?", 1, "q1");
  const v1::DialogReaction kept = Say("None of your business!");
  EXPECT_THAT(TextOf(kept), HasSubstr("stays yours"));
  EXPECT_TRUE(kept.typing());
  EXPECT_EQ(Calls("SkipQuestion:q2"), 1);
  EXPECT_THAT(Answers(), IsEmpty());

  PutQuestion("q3", "What did you dream?", 1, "q2");
  owners().Do([](Owners& o) {
    o.failures["SkipQuestion:q3"] = status::Error(mesh::v1::ERROR_CODE_NO_QUESTIONS_LEFT, "none");
  });
  EXPECT_THAT(TextOf(Say("mine to keep")),
              AllOf(HasSubstr("no other question"), Not(HasSubstr("stays yours"))));
}

TEST_F(DialogGuideTest, WhatIsForTheCoachIsNoAnswerAndMayEndTheQuestions) {
  Start();
  Give("start");
  BeAsked();
  EXPECT_THAT(TextOf(Say("make me a plan for the week")), HasSubstr("as your coach"));
  EXPECT_THAT(TextOf(Say("you didn't listen")), HasSubstr("I am sorry"));
  EXPECT_THAT(TextOf(Say("thank you")), HasSubstr("waits for you"));
  EXPECT_THAT(Answers(), IsEmpty());
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  const v1::DialogReaction ended = Press("finish");
  EXPECT_TRUE(ended.remove_buttons());
  EXPECT_EQ(Calls("CompleteSession"), 1);
  owners().Do([](Owners& o) {
    EXPECT_EQ(o.Of(kAnn).session().completion_reason(), session::v1::COMPLETION_REASON_BROKEN_OFF)
        << "with however few answers, as it says";
  });
}

TEST_F(DialogGuideTest, WhoIsPausedMayEndTheQuestions) {
  Start();
  Give("start");
  BeAsked();
  Say("that's enough questions");
  const v1::DialogReaction paused = Say("Help me to write to my boss.");
  EXPECT_THAT(TextOf(paused), HasSubstr("end the questions"));
  EXPECT_THAT(ButtonsOf(paused), ElementsAre("resume:", "finish:"));
  EXPECT_TRUE(Press("finish:").typing());
  EXPECT_EQ(Calls("CompleteSession"), 1);
}

TEST_F(DialogGuideTest, InATalkTheAccountIsSpokenOfInWords) {
  Start();
  Give("start");
  Complete();
  EXPECT_THAT(ButtonsOf(Say("delete my data")), ElementsAre("delete:yes", "delete:no"));
  EXPECT_THAT(ButtonsOf(Say("удали всё обо мне")), ElementsAre("delete:yes", "delete:no"));
  EXPECT_EQ(Say("Let's speak Russian now").language(), "ru");
  EXPECT_EQ(Calls("SendMessage"), 0) << "none of it is for the coach";
  Say("forget everything about my boss");
  Say("Русский язык");
  EXPECT_EQ(Calls("SendMessage"), 2);
}

TEST_F(DialogGuideTest, WhoHasNotAgreedMayAskToBeErased) {
  Start();
  Give("start");
  EXPECT_THAT(ButtonsOf(Say("delete my data")), ElementsAre("delete:yes", "delete:no"));
  Say("no thanks");
  EXPECT_THAT(ButtonsOf(Say("delete my data")), ElementsAre("delete:yes", "delete:no"));
  EXPECT_THAT(TextOf(Say("hello?")), HasSubstr("/tasks and /feed work without it"));
}

TEST_F(DialogGuideTest, TheButtonToEndTheQuestionsEndsNoChat) {
  Start();
  Give("start");
  EXPECT_EQ(Press("finish").notice(), "This button is no longer in use.");
  EXPECT_EQ(Calls("CompleteSession"), 0);
}

TEST_F(DialogGuideTest, ErasingIsAskedForInWords) {
  Start();
  Give("start");
  BeAsked();
  EXPECT_THAT(TextOf(Say("delete everything you have about me")), HasSubstr("cannot be undone"));
  EXPECT_THAT(Answers(), IsEmpty());
  Give("pause");
  EXPECT_THAT(TextOf(Say("удалите мои данные")), HasSubstr("cannot be undone"));
}

TEST_F(DialogGuideTest, TheLanguageIsChangedInWordsAndTheQuestionAskedAgain) {
  Start();
  Give("start");
  BeAsked();
  const v1::DialogReaction changed = Say("можно по-русски?");
  EXPECT_EQ(changed.language(), "ru");
  ASSERT_THAT(changed.messages(), Not(IsEmpty()));
  EXPECT_THAT(changed.messages(0).message_text(), HasSubstr("по-русски"));
  EXPECT_THAT(changed.messages().rbegin()->message_text(), HasSubstr("What is home to you?"));
  EXPECT_THAT(Answers(), IsEmpty());
}

TEST_F(DialogGuideTest, PausingAndGoingOnInWords) {
  Start();
  Give("start");
  BeAsked();
  EXPECT_THAT(TextOf(Say("let's continue later")), HasSubstr("Paused"));
  EXPECT_EQ(KeptState(), "onboarding_paused");
  EXPECT_THAT(TextOf(Say("My mother called.")), HasSubstr("We are paused"));
  EXPECT_THAT(TextOf(Say("how long will it take?")), HasSubstr("question 1 of 10"));
  EXPECT_THAT(TextOf(Say("продолжим")), HasSubstr("What is home to you?"));
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  EXPECT_TRUE(Say("I want to finish").typing());
  EXPECT_EQ(Calls("CompleteSession"), 1);
  EXPECT_THAT(Answers(), IsEmpty());
}

TEST_F(DialogGuideTest, ConsentIsGivenInPlainWordsByWhoHasSeenTheText) {
  Start();
  EXPECT_THAT(TextOf(Say("yes")), HasSubstr("Welcome to Selfology")) << "to what?";
  EXPECT_EQ(Calls("RecordConsent"), 0);
  for (const char* unclear : {"yes but", "ну да", "maybe", "yes?"}) {
    const v1::DialogReaction again = Say(unclear);
    EXPECT_THAT(TextOf(again), AllOf(HasSubstr("plain yes or no"), Not(HasSubstr("Welcome"))));
    EXPECT_THAT(ButtonsOf(again), Contains("consent:yes:2025-10-01"));
  }
  const v1::DialogReaction how_long = Say("How long does it take?");
  EXPECT_THAT(TextOf(how_long), HasSubstr("about fifteen minutes"));
  EXPECT_THAT(ButtonsOf(how_long), Contains("consent:yes:2025-10-01"));
  const v1::DialogReaction who = Say("who reads this?");
  EXPECT_THAT(TextOf(who), HasSubstr("What I store"));
  EXPECT_THAT(ButtonsOf(who), ElementsAre("consent:yes:2025-10-01", "consent:no:2025-10-01"));
  EXPECT_EQ(Calls("RecordConsent"), 0);
  const v1::DialogReaction agreed = Say("Yes, I agree");
  EXPECT_THAT(TextOf(agreed), HasSubstr("Thank you for your trust"));
  EXPECT_THAT(agreed.spent_keys(), ElementsAre(who.messages(0).key()));
  EXPECT_EQ(KeptState(), "onboarding_active");
  EXPECT_THAT(TextOf(Say("Hello?")), HasSubstr("on its way")) << "no question was shown yet";
}

TEST_F(DialogGuideTest, WordsDoNotAgreeToATextThatHasChanged) {
  Start();
  Give("start");
  owners().Do([&](Owners& o) { o.Of(kAnn).set_current_policy_version("2026-01-01"); });
  EXPECT_THAT(TextOf(Say("да, согласна")), HasSubstr("Welcome to Selfology"));
  EXPECT_EQ(Calls("RecordConsent"), 0);
  EXPECT_THAT(TextOf(Say("да, согласна")), HasSubstr("Thank you for your trust"));
}

TEST_F(DialogGuideTest, ConsentIsRefusedInWords) {
  Start();
  Give("start");
  EXPECT_THAT(TextOf(Say("no thanks")), HasSubstr("I keep quiet"));
  EXPECT_EQ(Calls("RecordConsent"), 1);
  const v1::DialogReaction again = Say("yes");
  EXPECT_THAT(TextOf(again), HasSubstr("Welcome to Selfology")) << "decided anew, on the text";
  EXPECT_EQ(Calls("RecordConsent"), 1);
}

TEST_F(DialogGuideTest, ALinkMayTellTheLanguage) {
  Start();
  const v1::DialogReaction welcome = Give("start", "spring_ru");
  EXPECT_THAT(TextOf(welcome), HasSubstr("Добро пожаловать"));
  EXPECT_EQ(welcome.language(), "ru");
  EXPECT_THAT(TextOf(Say("хм")), HasSubstr("ясное «да» или «нет»"));
}

TEST_F(DialogGuideTest, AHeavyQuestionComesByInvitation) {
  Start();
  Give("start");
  BeAsked("q6", 6);
  Say(std::string(150, 'x'));
  const auto event = Deepening("q7", 7);
  const v1::DialogReaction asked = Render(event);
  ASSERT_EQ(asked.messages_size(), 2);
  EXPECT_THAT(asked.messages(1).message_text(), HasSubstr("questions that go deeper"));
  EXPECT_THAT(ButtonsOf(asked), AllOf(Contains("heavy:yes:q7"), Contains("heavy:no:q7")));
  EXPECT_THAT(Render(event).messages(), SizeIs(2)) << "the same event, the same answer";

  EXPECT_EQ(Press("heavy:yes:q6").notice(), "This button is no longer in use.");
  const v1::DialogReaction welcome = Press("heavy:yes:q7");
  EXPECT_TRUE(welcome.typing());
  EXPECT_THAT(welcome.spent_keys(), ElementsAre("question:9:q7", "heavy:9:q7"));
  owners().Do([](Owners& o) {
    ASSERT_THAT(o.skipped, SizeIs(1));
    EXPECT_EQ(o.skipped[0].question_id(), "q7");
    EXPECT_TRUE(o.skipped[0].heavy_welcome());
  });
  events::v1::QuestionSelected heavy = Deepening("q8", 7);
  heavy.set_replaces_question_id("q7");
  heavy.set_energy_dynamics(question::v1::ENERGY_DYNAMICS_HEAVY);
  const v1::DialogReaction instead = Render(heavy);
  EXPECT_THAT(TextOf(instead), HasSubstr("may weigh on you"));
  EXPECT_THAT(instead.messages(), SizeIs(1));
  Say(std::string(150, 'x'));
  EXPECT_THAT(Render(Deepening("q9", 8)).messages(), SizeIs(1)) << "one offer a session";
}

TEST_F(DialogGuideTest, AnOfferThatIsNotTakenGoesWithItsQuestion) {
  Start();
  Give("start");
  BeAsked("q6", 6);
  Say("Yes, mostly.");
  Render(Deepening("q7", 7));
  const v1::DialogReaction declined = Press("heavy:no:q7");
  EXPECT_THAT(declined.notice(), HasSubstr("not today"));
  EXPECT_EQ(Calls("SkipQuestion:q7"), 0);
  EXPECT_THAT(Say("The sea.").spent_keys(), ElementsAre("question:9:q7", "heavy:9:q7"));
}

TEST_F(DialogGuideTest, StatementsAreRatedWithATapWhileTheQuestionWaits) {
  PutStatements(3);
  Start();
  Give("start");
  EXPECT_THAT(PutQuestion("q2", "Whom do you miss?", 2).messages(), SizeIs(1));
  Say("My sister, every day.");
  const v1::DialogReaction asked = PutQuestion("q3", "What is home to you?", 3);
  ASSERT_EQ(asked.messages_size(), 2);
  EXPECT_THAT(asked.messages(1).message_text(),
              AllOf(HasSubstr("1 of 3"), HasSubstr("Statement 1.")));
  EXPECT_EQ(asked.messages(1).key(), "statement:9:3");

  const v1::DialogReaction next = Press("rate:4:1:s1");
  ASSERT_EQ(next.messages_size(), 1);
  EXPECT_THAT(next.messages(0).message_text(),
              AllOf(HasSubstr("2 of 3"), HasSubstr("Statement 2.")));
  EXPECT_EQ(next.messages(0).tag(), asked.messages(1).tag()) << "it takes its place";
  EXPECT_THAT(ButtonsOf(next), Contains("rate:5:0:s2"));
  const v1::DialogReaction done = Press("rate:2:0:s2");
  EXPECT_THAT(done.messages(), IsEmpty());
  EXPECT_THAT(done.replacement(), HasSubstr("2 of 3"));
  Press("rate:1:0:s2");
  owners().Do([](Owners& o) {
    ASSERT_THAT(o.ratings, SizeIs(2));
    EXPECT_EQ(o.ratings[0].rating(), 4);
    EXPECT_EQ(o.ratings[1].rating(), 1) << "the last tap counts";
  });
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  Say("Where my books are.");
  EXPECT_THAT(Answers(), SizeIs(2));

  EXPECT_THAT(Press("rate:3:0:s3").replacement(), HasSubstr("last one"));
  EXPECT_EQ(Press("rate:3:0:unknown").notice(), "This button is no longer in use.");
  EXPECT_THAT(PutQuestion("q5", "What do you fear?", 5).messages(), SizeIs(1)) << "all are rated";
}

TEST_F(DialogGuideTest, MoreStatementsAreOfferedInTheEnd) {
  PutStatements(9);
  Start();
  Give("start");
  BeAsked();
  const v1::DialogReaction completed = Complete();
  ASSERT_EQ(completed.messages_size(), 3);
  EXPECT_THAT(completed.messages(1).message_text(), HasSubstr("Five more taps"));
  EXPECT_THAT(completed.messages(2).message_text(), HasSubstr("check in now and then"));
  EXPECT_THAT(ButtonsOf(Press("rate:4:4:s1")), Contains("rate:4:3:s2"));
}

TEST_F(DialogGuideTest, WhoWouldRatherTalkIsNotAskedForStatements) {
  PutStatements(9);
  Start();
  Give("start");
  BeAsked();
  const v1::DialogReaction completed = Complete(session::v1::COMPLETION_REASON_BROKEN_OFF);
  ASSERT_THAT(completed.messages(), Not(IsEmpty()));
  EXPECT_THAT(completed.messages(0).message_text(), HasSubstr("we stop here"));
  for (const v1::DialogMessage& message : completed.messages()) {
    EXPECT_THAT(message.message_text(), Not(HasSubstr("Five more taps")));
  }
}

TEST_F(DialogGuideTest, WhoWantsNoStatementsSeesNone) {
  PutStatements(9);
  Start();
  Give("start");
  EXPECT_THAT(PutQuestion("q3", "What is home to you?", 3).messages(), SizeIs(2));
  EXPECT_THAT(Press("statements:off").replacement(), HasSubstr("no more of these"));
  Say("Where my books are.");
  EXPECT_THAT(PutQuestion("q5", "What do you fear?", 5).messages(), SizeIs(1));
  const v1::DialogReaction completed = Complete();
  ASSERT_EQ(completed.messages_size(), 2);
  EXPECT_THAT(completed.messages(1).message_text(), HasSubstr("check in now and then"));
}

TEST_F(DialogGuideTest, QuestionsComeWithoutStatementsWhereThereAreNone) {
  owners().failures["GetNextStatement"] = absl::UnavailableError("down");
  Start();
  Give("start");
  EXPECT_THAT(PutQuestion("q3", "What is home to you?", 3).messages(), SizeIs(1));
  owners().Do([](Owners& o) { o.failures["RateStatement"] = absl::InternalError("defect"); });
  EXPECT_THAT(TextOf(Press("rate:4:1:s1")), HasSubstr("went wrong on my side"));
}

}  // namespace
}  // namespace selfology::coaching_dialog
