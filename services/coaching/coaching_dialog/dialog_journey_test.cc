// The dialog with a person from the first word to the coach.
#include <cstdint>
#include <utility>

#include "common/observe/trace.h"
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
using ::testing::IsSupersetOf;
using ::testing::Not;
using ::testing::SizeIs;

class DialogJourneyTest : public DialogTest {};

TEST_F(DialogJourneyTest, FromStartToTheCoach) {
  Start();
  const v1::DialogReaction prompt = Give("start", "ref_spring");
  EXPECT_THAT(TextOf(prompt), HasSubstr("Welcome to Selfology"));
  EXPECT_EQ(prompt.focus(), v1::FOCUS_CHANGE_TAKE);
  EXPECT_EQ(prompt.language(), "en");
  EXPECT_EQ(KeptState(), "gdpr_pending");
  EXPECT_THAT(ButtonsOf(prompt), ElementsAre("consent:yes:2025-10-01", "consent:info:2025-10-01"));
  EXPECT_THAT(TextOf(Press("consent:info:2025-10-01")), HasSubstr("What I store"));
  const v1::DialogReaction agreed = Press("consent:yes:2025-10-01");
  EXPECT_THAT(TextOf(agreed), HasSubstr("Thank you for your trust"));
  EXPECT_TRUE(agreed.remove_buttons());
  EXPECT_TRUE(agreed.typing());
  EXPECT_EQ(KeptState(), "onboarding_active");

  const v1::DialogReaction question =
      PutQuestion("q_identity_001", "What makes you feel most alive?");
  EXPECT_THAT(TextOf(question),
              AllOf(HasSubstr("Question 1 of 10"), HasSubstr("Identity"), HasSubstr("alive?")));
  EXPECT_THAT(ButtonsOf(question),
              ElementsAre("why:q_identity_001", "example:q_identity_001", "skip:q_identity_001"));
  EXPECT_EQ(KeptState(), "waiting_for_answer");

  const v1::DialogReaction taken = Say("I feel most alive when I paint & teach.");
  EXPECT_TRUE(taken.typing());
  EXPECT_THAT(taken.messages(), IsEmpty()) << "feedback and the next question come by themselves";
  EXPECT_EQ(KeptState(), "processing_answer");
  PutQuestion("q_emotions_002", "What moved you lately?", 2);
  EXPECT_EQ(KeptState(), "waiting_for_answer");

  profile::v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.82);
  profile.mutable_big_five()->mutable_openness()->set_confidence(0.9);
  owners().Do([&](Owners& o) { o.profiles[kAnn] = profile; });
  Say("A song.");
  EXPECT_THAT(TextOf(Complete()),
              AllOf(HasSubstr("10 answers"), HasSubstr("82%"), HasSubstr("your coach")));
  EXPECT_EQ(KeptState(), "onboarding_complete");

  const v1::DialogReaction said = Say("I am anxious about my work.");
  EXPECT_TRUE(said.typing());
  EXPECT_EQ(KeptState(), "chat_active");
  EXPECT_EQ(Calls("GetAnswer"), 0) << "what was an answer is known";

  owners().Do([&](Owners& o) {
    ASSERT_THAT(o.answers, SizeIs(2));
    EXPECT_EQ(o.answers[0].answer_text(), "I feel most alive when I paint & teach.");
    EXPECT_EQ(o.answers[0].question_id(), "q_identity_001");
    EXPECT_EQ(o.answers[0].idempotency_key(), "tg:1004");
    EXPECT_EQ(o.answers[1].question_id(), "q_emotions_002");
    ASSERT_THAT(o.messages, SizeIs(1));
    EXPECT_EQ(o.messages[0].message_text(), "I am anxious about my work.");
    // One trace id finds the whole of the journey.
    const auto journey = observe::TraceContext::Parse(said.traceparent());
    ASSERT_TRUE(journey.has_value()) << said.traceparent();
    for (size_t i = 0; i < o.calls.size(); ++i) {
      if (o.calls[i] == "SubmitAnswer" || o.calls[i] == "RecordConsent" ||
          o.calls[i] == "SendMessage") {
        EXPECT_EQ(o.traces[i], journey->trace_id.str()) << o.calls[i];
      }
    }
    EXPECT_THAT(o.calls,
                IsSupersetOf({"StartOnboarding", "RecordConsent", "SubmitAnswer", "SendMessage"}));
  });
}

TEST_F(DialogJourneyTest, InRussianFromTheFirstWord) {
  Start();
  language_ = "ru";
  const v1::DialogReaction prompt = Give("start");
  EXPECT_THAT(TextOf(prompt), HasSubstr("Добро пожаловать"));
  EXPECT_EQ(prompt.language(), "ru");
  EXPECT_THAT(TextOf(Press("consent:yes:2025-10-01")), HasSubstr("Спасибо"));
}

TEST_F(DialogJourneyTest, PauseResumeSkipFinish) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const v1::DialogReaction skipped = Press("skip:q1");
  EXPECT_TRUE(skipped.remove_buttons());
  EXPECT_TRUE(skipped.typing());
  EXPECT_EQ(KeptState(), "onboarding_active");
  EXPECT_EQ(Calls("SkipQuestion:q1"), 1);
  PutQuestion("q2", "Whom do you miss?", 1, "q1");
  const v1::DialogReaction paused = Give("pause");
  EXPECT_THAT(TextOf(paused), HasSubstr("Paused"));
  EXPECT_THAT(ButtonsOf(paused), ElementsAre("resume:", "finish:"));
  EXPECT_EQ(KeptState(), "onboarding_paused");
  EXPECT_THAT(TextOf(Say("Can you hear me?")), HasSubstr("We are paused"));
  const v1::DialogReaction resumed = Press("resume:");
  EXPECT_TRUE(resumed.remove_buttons());
  EXPECT_EQ(resumed.focus(), v1::FOCUS_CHANGE_TAKE);
  EXPECT_THAT(TextOf(resumed), AllOf(HasSubstr("Welcome back"), HasSubstr("Whom do you miss?")));
  ASSERT_EQ(resumed.messages_size(), 2);
  EXPECT_EQ(resumed.messages(1).mark(), "q2");
  EXPECT_EQ(KeptState(), "waiting_for_answer");

  owners().Do([](Owners& o) {
    o.failures["CompleteSession"] = status::Error(mesh::v1::ERROR_CODE_SESSION_TOO_SHORT, "",
                                                  {{"answers_given", "3"}, {"min_answers", "5"}});
  });
  const v1::DialogReaction few = Give("finish");
  EXPECT_THAT(TextOf(few), HasSubstr("I need 2 more answers"));
  EXPECT_THAT(ButtonsOf(few), ElementsAre("finish:"));
  owners().Do([](Owners& o) { o.failures.clear(); });
  EXPECT_TRUE(Give("finish").typing());
  Complete();
  // What is over cannot be skipped.
  const v1::DialogReaction stale = Press("skip:q2");
  EXPECT_EQ(stale.notice(), "This button is no longer in use.");
  EXPECT_TRUE(stale.remove_buttons());
  EXPECT_EQ(Press("nothing:of the kind").notice(), "This button is no longer in use.");
}

TEST_F(DialogJourneyTest, APausedChatIsPausedForAsLongAsItTakes) {
  Start();
  Give("start");
  Complete();
  Say("Hello, coach.");
  EXPECT_EQ(Give("pause").menu(), "paused");
  LoseState();
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_CHAT_PAUSED);
  EXPECT_THAT(TextOf(Say("Are you there?")), HasSubstr("chat is paused"));
  const v1::DialogReaction menu = Give("start");
  EXPECT_THAT(TextOf(menu), HasSubstr("Our chat is paused"));
  EXPECT_THAT(ButtonsOf(menu), ElementsAre("resume:", "restart:"));
  const v1::DialogReaction resumed = Press("resume:");
  EXPECT_EQ(resumed.menu(), "chat");
  EXPECT_TRUE(resumed.remove_buttons());
  LoseState();
  EXPECT_NE(State(), v1::CONVERSATION_STATE_CHAT_PAUSED);
  owners().Do([](Owners& o) { EXPECT_THAT(o.messages, SizeIs(1)); });
  // Erased with all else.
  Say("I am back.");
  Give("pause");
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_CHAT_PAUSED);
  Press("delete:yes");
  EXPECT_NE(State(), v1::CONVERSATION_STATE_CHAT_PAUSED);
}

TEST_F(DialogJourneyTest, AQuestionThatCannotBeShownIsNoLoss) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  Give("pause");
  owners().Do([](Owners& o) { o.failures["GetQuestion"] = absl::InternalError("defect"); });
  EXPECT_THAT(TextOf(Give("resume")),
              AllOf(HasSubstr("Welcome back"), HasSubstr("send /start in a minute"),
                    Not(HasSubstr("saved"))));
  owners().Do([](Owners& o) { o.failures.clear(); });
  EXPECT_THAT(TextOf(Give("start")), HasSubstr("What is home to you?"));
}

TEST_F(DialogJourneyTest, TheChatPausesAndEndsToo) {
  Start();
  Give("start");
  Complete();
  // As she was told that it is there from now on.
  EXPECT_THAT(TextOf(Give("pause")), HasSubstr("I am silent now"));
  EXPECT_EQ(KeptState(), "chat_paused");
  LoseState();
  EXPECT_THAT(TextOf(Say("Are you there?")), HasSubstr("chat is paused"));
  Give("resume");
  Say("Hello, coach.");
  EXPECT_EQ(KeptState(), "chat_active");
  EXPECT_THAT(TextOf(Give("pause")), HasSubstr("I am silent now"));
  EXPECT_EQ(KeptState(), "chat_paused");
  EXPECT_THAT(TextOf(Say("Are you there?")), HasSubstr("chat is paused"));
  EXPECT_THAT(TextOf(Give("resume")), HasSubstr("I am listening"));
  EXPECT_THAT(TextOf(Give("finish")), HasSubstr("Thank you for the talk"));
  EXPECT_EQ(KeptState(), "onboarding_complete");
  EXPECT_THAT(TextOf(Give("finish")),
              AllOf(HasSubstr("nothing to finish"), HasSubstr("Write whenever you like")));
  owners().Do([](Owners& o) { EXPECT_THAT(o.messages, SizeIs(1)); });

  const v1::DialogReaction menu = Give("start");
  EXPECT_THAT(TextOf(menu), HasSubstr("Good to see you again"));
  EXPECT_THAT(ButtonsOf(menu), ElementsAre("restart:"));
  const v1::DialogReaction again = Press("restart:");
  EXPECT_THAT(TextOf(again), HasSubstr("Let us begin"));
  EXPECT_TRUE(again.remove_buttons());
  EXPECT_EQ(KeptState(), "onboarding_active");
  // Another journey, with a trace of its own.
  EXPECT_NE(observe::TraceContext::Parse(again.traceparent())->trace_id,
            observe::TraceContext::Parse(menu.traceparent())->trace_id);
}

TEST_F(DialogJourneyTest, ProfileAndLanguage) {
  Start();
  Give("start");
  EXPECT_THAT(TextOf(Give("profile")), HasSubstr("do not know enough"));
  profile::v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.6);
  profile.mutable_big_five()->mutable_openness()->set_confidence(0.9);
  owners().Do([&](Owners& o) { o.profiles[kAnn] = profile; });
  EXPECT_THAT(TextOf(Give("profile")), HasSubstr("60%  Openness"));

  const v1::DialogReaction choice = Give("language");
  EXPECT_THAT(TextOf(choice), HasSubstr("Which language"));
  EXPECT_THAT(ButtonsOf(choice), ElementsAre("language:en", "language:ru"));
  const v1::DialogReaction chosen = Press("language:ru");
  EXPECT_THAT(chosen.replacement(), HasSubstr("Теперь говорим по-русски"));
  EXPECT_THAT(chosen.messages(), IsEmpty());
  EXPECT_EQ(chosen.language(), "ru");
  EXPECT_EQ(Give("profile").language(), "ru") << "whatever her Telegram speaks";
  EXPECT_THAT(TextOf(Give("language", "en")), HasSubstr("We speak English"));
  EXPECT_THAT(TextOf(Give("language", "tlh")), HasSubstr("Which language"));
}

TEST_F(DialogJourneyTest, DeleteAsksTwiceAndErasesEverywhere) {
  Start();
  Give("start");
  EXPECT_EQ(Journeys(), 1);
  EXPECT_EQ(Rows("coaching_open_buttons"), 1);
  const v1::DialogReaction warning = Give("delete");
  EXPECT_THAT(TextOf(warning), HasSubstr("cannot be undone"));
  EXPECT_THAT(ButtonsOf(warning), ElementsAre("delete:yes", "delete:no"));
  EXPECT_THAT(Press("delete:no").replacement(), HasSubstr("Nothing was erased"));
  owners().Do([](Owners& o) { EXPECT_THAT(o.erased, SizeIs(0)); });

  const v1::DialogReaction gone = Press("delete:yes");
  EXPECT_THAT(gone.replacement(), HasSubstr("Everything about you has been erased"));
  EXPECT_EQ(gone.language(), "") << "nothing of her is to be remembered anew";
  owners().Do([](Owners& o) {
    EXPECT_THAT(o.erased, ElementsAre("analysis", "coach", "notification", "profile", "question",
                                      "session", "trait"));
  });
  EXPECT_EQ(Journeys(), 0);
  EXPECT_EQ(Rows("coaching_open_buttons"), 0);
  const auto keys = redis().Command(
      Deadline(), {"EXISTS", absl::StrCat("fsm:state:", kAnn), absl::StrCat("fsm:data:", kAnn)});
  ASSERT_TRUE(keys.ok()) << keys.status();
  EXPECT_EQ(keys->Integer(), absl::StatusOr<int64_t>(0));
}

TEST_F(DialogJourneyTest, AnErasureThatIsNotCompleteSaysSo) {
  owners().failures["Erase.trait"] = absl::InternalError("defect");
  Start();
  Give("start");
  EXPECT_THAT(Press("delete:yes").replacement(), HasSubstr("could not erase everything"));
  owners().Do([](Owners& o) { EXPECT_THAT(o.erased, Contains("coach")); });
}

TEST_F(DialogJourneyTest, ErrorsOfServicesAreExplainedWithoutTheirCodes) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const auto fail = [&](absl::Status failure) {
    owners().Do([&](Owners& o) { o.failures["SubmitAnswer"] = std::move(failure); });
  };
  const std::string code = "Code:";
  fail(status::InvalidField("answer_text", "must be 2 to 4096 characters"));
  EXPECT_THAT(TextOf(Say("x")), AllOf(HasSubstr("little short"), Not(HasSubstr(code))));
  // Asked again.
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  fail(status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, "none"));
  EXPECT_THAT(TextOf(Say("Late, but here.")),
              AllOf(HasSubstr("no open session"), Not(HasSubstr("SESSION_NOT_FOUND"))));
  fail(absl::InternalError("defect"));
  EXPECT_THAT(TextOf(Say("Hello?")),
              AllOf(HasSubstr("went wrong on my side"), Not(HasSubstr("INTERNAL"))));
  owners().Do([](Owners& o) { o.failures.clear(); });
  Say("Where I am understood.");
  EXPECT_EQ(KeptState(), "processing_answer");
  EXPECT_THAT(TextOf(Say("And one more thing.")), HasSubstr("have your answer"));
  EXPECT_THAT(Answers(), SizeIs(1));
}

TEST_F(DialogJourneyTest, WhoDeclinesIsLeftAlone) {
  Start();
  Give("start");
  const v1::DialogReaction declined = Press("consent:no:2025-10-01");
  EXPECT_THAT(TextOf(declined), HasSubstr("I keep quiet"));
  EXPECT_TRUE(declined.remove_buttons());
  EXPECT_FALSE(declined.typing());
  EXPECT_EQ(KeptState(), "gdpr_pending");
  for (const char* words : {"Thank you, no.", "Are you there?"}) {
    const v1::DialogReaction reminded = Say(words);
    EXPECT_THAT(TextOf(reminded), AllOf(HasSubstr("Without your consent"), HasSubstr("/start"),
                                        Not(HasSubstr("Welcome"))));
    EXPECT_THAT(ButtonsOf(reminded), IsEmpty());
    EXPECT_EQ(reminded.menu(), "welcome");
  }
  EXPECT_THAT(TextOf(Give("start")), HasSubstr("Is that all right"));
  EXPECT_THAT(TextOf(Say("Hm.")), HasSubstr("Without your consent"));
  // Whom the new text is for, sees it.
  owners().Do([&](Owners& o) { o.Of(kAnn).set_current_policy_version("2026-01-01"); });
  EXPECT_THAT(TextOf(Press("consent:yes:2025-10-01")), HasSubstr("Is that all right"));
  EXPECT_THAT(TextOf(Press("consent:yes:2026-01-01")), HasSubstr("Thank you for your trust"));
}

TEST_F(DialogJourneyTest, TheStateMayBeLostAtAnyTime) {
  Start();
  Give("start");
  PutQuestion("q1", "What is home to you?");
  const auto trace = [&] {
    return redis().Command(Deadline(), {"HGET", absl::StrCat("fsm:data:", kAnn), "trace"});
  };
  const auto journey = trace();
  LoseState();
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  // Redis has it again, with the trace it had.
  EXPECT_EQ(KeptState(), "waiting_for_answer");
  const auto ttl = redis().Command(Deadline(), {"TTL", absl::StrCat("fsm:state:", kAnn)});
  ASSERT_TRUE(ttl.ok()) << ttl.status();
  EXPECT_GT(*ttl->Integer(), 3500);
  ASSERT_TRUE(journey.ok() && trace().ok());
  EXPECT_EQ(*trace(), *journey);
  LoseState();
  Say("Where my books are.");
  ASSERT_THAT(Answers(), SizeIs(1));
  EXPECT_EQ(Answers()[0].question_id(), "q1");
}

TEST_F(DialogJourneyTest, WithoutItsOwnersItSaysSo) {
  owners().failures["GetOnboarding"] = absl::UnavailableError("down");
  Start();
  EXPECT_THAT(TextOf(Say("Hello?")), HasSubstr("saved nothing"));
  // Some things need nobody.
  EXPECT_THAT(TextOf(Give("language")), HasSubstr("Which language"));
}

}  // namespace
}  // namespace selfology::coaching_dialog
