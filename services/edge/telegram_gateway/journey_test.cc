#include <algorithm>
#include <string>

#include "selfology/mesh/v1/error.pb.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::AllOf;
using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::IsSupersetOf;
using ::testing::SizeIs;

class JourneyTest : public GatewayTest {};

TEST_F(JourneyTest, FromStartToTheCoach) {
  Start();
  const int64_t start = Say("/start ref_spring");
  const Message prompt = Await("Welcome to Selfology", start);
  AwaitState(v1::CONVERSATION_STATE_GDPR_PENDING);
  Press(prompt, "What is stored?");
  const Message explanation = Await("What I store");
  Press(explanation, "✅ I agree");
  Await("Thank you for your trust");
  AwaitState(v1::CONVERSATION_STATE_ONBOARDING_ACTIVE);

  PutQuestion("q_identity_001", "What makes you feel most alive?");
  const Message question = Await("Question 1 of 10");
  EXPECT_THAT(question.text, AllOf(HasSubstr("Identity"), HasSubstr("most alive?")));
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);

  Say("I feel most alive when I paint & teach.");
  AwaitState(v1::CONVERSATION_STATE_PROCESSING_ANSWER);
  // The next question is there first, and still comes second.
  MoveClock(absl::Seconds(5));  // Telegram's pace holds up neither.
  StopClock();
  PutQuestion("q_emotions_002", "What moved you lately?", 2);
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  PublishFeedback("q_identity_001", "You find meaning in creating.");
  const Message feedback = Await("You find meaning");
  StartClock();
  const Message second = Await("Question 2 of 10");
  EXPECT_LT(feedback.id, second.id) << Transcript();

  profile::v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.82);
  owners().Do([&](Owners& o) { o.profiles[ann()] = profile; });
  Say("A song.");
  MeshTest::Await("the answer",
                  [&] { return owners().Do([](Owners& o) { return o.answers.size() == 2; }); });
  PublishFeedback("q_emotions_002", "Music reaches you.");
  Complete();
  EXPECT_THAT(Await("your coach").text, AllOf(HasSubstr("10 answers"), HasSubstr("82%")));
  AwaitState(v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);

  Say("I am anxious about my work.");
  EXPECT_TRUE(telegram()
                  .AwaitCall([](const ApiCall& call) { return call.method == "sendChatAction"; },
                             testing::kPatience)
                  .ok());
  AwaitState(v1::CONVERSATION_STATE_CHAT_ACTIVE);
  events::v1::CoachMessageReady reply;
  reply.set_user_id(ann());
  reply.set_conversation_id(3);
  reply.set_message_text("What exactly <worries> you?");
  Publish(reply);
  Await("What exactly <worries> you?");
  AwaitQuiet();

  owners().Do([&](Owners& o) {
    ASSERT_THAT(o.answers, SizeIs(2));
    EXPECT_EQ(o.answers[0].answer_text(), "I feel most alive when I paint & teach.");
    EXPECT_EQ(o.answers[0].question_id(), "q_identity_001");
    EXPECT_THAT(o.answers[0].idempotency_key(), HasSubstr("tg:1000"));
    EXPECT_EQ(o.answers[1].question_id(), "q_emotions_002");
    ASSERT_THAT(o.messages, SizeIs(1));
    EXPECT_EQ(o.messages[0].message_text(), "I am anxious about my work.");
    // One trace id finds the whole of the journey.
    const std::string journey = o.traces.back();
    for (size_t i = 0; i < o.calls.size(); ++i) {
      if (o.calls[i] == "SubmitAnswer" || o.calls[i] == "RecordConsent" ||
          o.calls[i] == "SendMessage") {
        EXPECT_EQ(o.traces[i], journey) << o.calls[i];
      }
    }
    EXPECT_THAT(o.calls,
                IsSupersetOf({"StartOnboarding", "RecordConsent", "SubmitAnswer", "SendMessage"}));
  });
}

TEST_F(JourneyTest, InRussianFromTheFirstWord) {
  Start();
  const int64_t boris = *telegram().AddUser({.first_name = "Борис", .language_code = "ru"});
  ASSERT_TRUE(telegram().SendText(boris, "/start").ok());
  const auto prompt = telegram().AwaitMessage(boris, 0, testing::kPatience);
  ASSERT_TRUE(prompt.ok());
  EXPECT_THAT(prompt->text, HasSubstr("Добро пожаловать"));
  ASSERT_TRUE(telegram().PressButton(boris, prompt->id, "✅ Согласен(на)").ok());
  EXPECT_TRUE(telegram()
                  .AwaitMessage(
                      boris, [](const Message& m) { return absl::StrContains(m.text, "Спасибо"); },
                      testing::kPatience)
                  .ok());
}

TEST_F(JourneyTest, PauseResumeSkipFinish) {
  Start();
  Meet();
  PutQuestion("q1", "What is home to you?");
  const Message question = Await("Question 1 of 10");
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);

  Press(question, "Skip this one");
  AwaitState(v1::CONVERSATION_STATE_ONBOARDING_ACTIVE);
  owners().Do([](Owners& o) { EXPECT_THAT(o.calls, Contains("SkipQuestion:q1")); });
  PutQuestion("q2", "Whom do you miss?");
  const Message replacement = Await("Whom do you miss?");
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  const Message paused = Await("Paused", Say("/pause"));
  AwaitState(v1::CONVERSATION_STATE_ONBOARDING_PAUSED);
  Await("We are paused", Say("Can you hear me?"));
  Press(paused, "▶️ Go on");
  Await("Whom do you miss?", Await("Welcome back", paused.id).id);
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);

  owners().Do([](Owners& o) {
    o.failures["CompleteSession"] = status::Error(mesh::v1::ERROR_CODE_SESSION_TOO_SHORT, "",
                                                  {{"answers_given", "3"}, {"min_answers", "5"}});
  });
  Await("I need 2 answers more", Say("/finish"));
  owners().Do([](Owners& o) { o.failures.clear(); });
  Say("/finish");
  Complete();
  // What is over cannot be skipped.
  EXPECT_EQ(Press(replacement, "Skip this one").answer_text, "This button is no longer in use.");
}

// The gateway loses its database between the answer, which ends the session, and noting that the
// update was handled.
TEST_F(JourneyTest, AnAnswerThatComesAgainAfterTheSessionEndedIsNoMessageToTheCoach) {
  Start();
  Meet();
  PutQuestion("q_10", "What makes you grow quiet?", 10);
  Await("What makes you grow quiet?");
  Execute("ALTER TABLE handled_updates ADD CONSTRAINT none CHECK (outcome = '') NOT VALID");
  Say("The sea, at night.");
  MeshTest::Await("the answer",
                  [&] { return owners().Do([](Owners& o) { return o.answers.size() == 1; }); });
  Complete();
  AwaitState(v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  Execute("ALTER TABLE handled_updates DROP CONSTRAINT none");
  AwaitQuiet();
  owners().Do([](Owners& o) {
    EXPECT_THAT(o.answers, SizeIs(1));
    EXPECT_THAT(o.messages, IsEmpty());
  });
  Say("Hello, coach.");
  AwaitState(v1::CONVERSATION_STATE_CHAT_ACTIVE);
  owners().Do([](Owners& o) { EXPECT_THAT(o.messages, SizeIs(1)); });
}

TEST_F(JourneyTest, TheChatPausesAndEndsToo) {
  Start();
  Meet();
  Complete();
  Await("nothing to pause", Say("/pause"));
  Say("Hello, coach.");
  AwaitState(v1::CONVERSATION_STATE_CHAT_ACTIVE);
  Await("I am silent now", Say("/pause"));
  AwaitState(v1::CONVERSATION_STATE_CHAT_PAUSED);
  Await("chat is paused", Say("Are you there?"));
  Await("I am listening", Say("/resume"));
  Await("Thank you for the talk", Say("/finish"));
  AwaitState(v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
  Await("nothing to finish", Say("/finish"));
  owners().Do([](Owners& o) { EXPECT_THAT(o.messages, SizeIs(1)); });

  const Message menu = Await("Good to see you again", Say("/start"));
  Press(menu, "New questions");
  Await("Let us begin");
  AwaitState(v1::CONVERSATION_STATE_ONBOARDING_ACTIVE);
}

TEST_F(JourneyTest, ProfileLanguageHelp) {
  Start();
  Meet();
  Await("do not know enough", Say("/profile"));
  profile::v1::Profile profile;
  profile.mutable_big_five()->mutable_openness()->set_value(0.6);
  owners().Do([&](Owners& o) { o.profiles[ann()] = profile; });
  Await("60%  Openness", Say("/profile"));

  const Message choice = Await("Which language", Say("/language"));
  Press(choice, "Русский");
  // In place of the question.
  EXPECT_EQ(Await("Теперь говорим по-русски").id, choice.id);
  Await("/delete — Стереть всё о вас", Say("/help"));
  Await("We speak English", Say("/language en"));
  Await("Which language", Say("/language tlh"));
  Await("do not know this command", Say("/dance"));

  EXPECT_TRUE(telegram()
                  .AwaitCall(
                      [](const ApiCall& call) {
                        return call.method == "setMyCommands" &&
                               call.parameters.value("language_code", "") == "ru";
                      },
                      testing::kPatience)
                  .ok());
}

TEST_F(JourneyTest, DeleteAsksTwiceAndErasesEverywhere) {
  Start();
  Meet();
  const Message warning = Await("cannot be undone", Say("/delete"));
  Press(warning, "Keep it");
  EXPECT_EQ(Await("Nothing was erased").id, warning.id);
  owners().Do([](Owners& o) { EXPECT_THAT(o.erased, SizeIs(0)); });

  const Message again = Await("cannot be undone", Say("/delete"));
  Press(again, "Erase everything");
  Await("Everything about you has been erased");
  owners().Do([](Owners& o) {
    EXPECT_THAT(o.erased,
                ElementsAre("analysis", "coach", "profile", "question", "session", "trait"));
  });
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages"), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM journey_traces"), 0);
}

TEST_F(JourneyTest, AnErasureThatIsNotCompleteSaysSo) {
  owners().failures["Erase.trait"] = absl::InternalError("defect");
  Start();
  Meet();
  Press(Await("cannot be undone", Say("/delete")), "Erase everything");
  Await("could not erase everything");
  owners().Do([](Owners& o) { EXPECT_THAT(o.erased, Contains("coach")); });
}

TEST_F(JourneyTest, ErrorsOfServicesAreExplainedWithTheirCode) {
  Start();
  Meet();
  PutQuestion("q1", "What is home to you?");
  Await("Question 1 of 10");
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  const auto fail = [&](absl::Status failure) {
    owners().Do([&](Owners& o) { o.failures["SubmitAnswer"] = std::move(failure); });
  };
  fail(status::InvalidField("answer_text", "must be 2 to 4096 characters"));
  EXPECT_THAT(Await("little short", Say("x")).text, HasSubstr("INVALID_ARGUMENT"));
  // Asked again.
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  fail(status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, "none"));
  EXPECT_THAT(Await("no open session", Say("Late, but here.")).text,
              HasSubstr("SESSION_NOT_FOUND"));
  fail(absl::UnavailableError("database"));
  EXPECT_THAT(Await("I saved nothing", Say("Hello?")).text, HasSubstr("SERVICE_UNAVAILABLE"));
  owners().Do([](Owners& o) { o.failures.clear(); });
  Say("Where I am understood.");
  AwaitState(v1::CONVERSATION_STATE_PROCESSING_ANSWER);
  Await("have your answer", Say("And one more thing."));
  owners().Do([](Owners& o) { EXPECT_THAT(o.answers, SizeIs(1)); });
}

TEST_F(JourneyTest, OldConsentButtonsShowTheNewText) {
  Start();
  Meet();
  const Message prompt = Await("Is that all right");
  owners().Do([&](Owners& o) { o.Of(ann()).set_current_policy_version("2026-01-01"); });
  Press(prompt, "✅ I agree");
  const Message renewed = Await("Is that all right", prompt.id);
  Press(renewed, "consent:yes:2026-01-01");
  Await("Thank you for your trust");
}

TEST_F(JourneyTest, ATimeoutIsToldAndForgotten) {
  Start();
  Meet();
  PutQuestion("q1", "What is home to you?");
  Await("Question 1 of 10");
  AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  owners().Do([&](Owners& o) {
    o.Of(ann()).set_stage(session::v1::ONBOARDING_STAGE_READY);
    o.Of(ann()).mutable_session()->set_status(session::v1::SESSION_STATUS_TIMEOUT);
  });
  events::v1::SessionTimeout timeout;
  timeout.set_user_id(ann());
  timeout.set_session_id(9);
  timeout.set_answers_given(3);
  Publish(timeout);
  events::v1::StateChangeRequested change;
  change.set_user_id(ann());
  change.set_session_id(9);
  Publish(change);
  const Message told = Await("3 answers saved");
  AwaitState(v1::CONVERSATION_STATE_UNSPECIFIED);
  Await("Nothing is open", Say("I am back."));
  Press(told, "Begin");
  Await("Let us begin");
}

TEST_F(JourneyTest, AConversationFollowsOnlyWhatWasCommitted) {
  Start();
  Meet();
  AwaitState(v1::CONVERSATION_STATE_GDPR_PENDING);
  // Fails at COMMIT, when the handler has done its part.
  Execute(
      "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS"
      " 'BEGIN RAISE EXCEPTION $$refused$$; END'");
  Execute(
      "CREATE CONSTRAINT TRIGGER refuse AFTER INSERT ON outgoing_messages"
      " DEFERRABLE INITIALLY DEFERRED FOR EACH ROW WHEN (NEW.kind = 'question')"
      " EXECUTE FUNCTION refuse()");
  PutQuestion("q1", "What is home to you?");
  MeshTest::Await("the event to be given up",
                  [&] { return Rows("SELECT count(*) FROM dead_letters") == 1; });
  const auto word = redis().Command(Deadline(), {"GET", absl::StrCat("fsm:state:", ann())});
  EXPECT_EQ(word->String().value_or(""), "gdpr_pending");
}

}  // namespace
}  // namespace selfology::telegram_gateway
