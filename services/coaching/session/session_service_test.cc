#include "services/coaching/session/session_service.h"

#include <atomic>
#include <string>

#include "services/coaching/session/session_fixture_test.h"

namespace selfology::session {
namespace {

using testing::EqualsProto;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST_F(SessionTest, ConsentLeadsToASession) {
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  const auto start = Start(kUser, "before consent").value();
  EXPECT_FALSE(start.initiated());
  EXPECT_EQ(start.onboarding().stage(), v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  EXPECT_EQ(start.onboarding().current_policy_version(), Policy().consent_version);
  EXPECT_THAT(Published<UserOnboardingInitiated>(), IsEmpty());

  const auto agreed = Consent(kUser, true, "ru-RU").value();
  EXPECT_EQ(agreed.stage(), v1::ONBOARDING_STAGE_STARTING);
  EXPECT_EQ(agreed.language(), "ru");
  EXPECT_TRUE(agreed.consent().granted());

  const SessionCreated created = AwaitPublished<SessionCreated>().front();
  EXPECT_EQ(created.user_id(), kUser);
  EXPECT_EQ(created.language(), "ru");
  EXPECT_EQ(created.status(), v1::SESSION_STATUS_ACTIVE);
  EXPECT_EQ(created.timeout_at().seconds() - created.started_at().seconds(), 30 * 60);
  EXPECT_EQ(created.min_answers(), 5);
  EXPECT_EQ(created.max_answers(), 10);
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_IN_PROGRESS);
  EXPECT_EQ(Open(kUser)->session_id(), created.session_id());
}

TEST_F(SessionTest, StartedManyTimesAtOnceThereIsOneSession) {
  ASSERT_TRUE(Consent(kUser).ok());
  AtOnce(8, [&](int i) { EXPECT_TRUE(Start(kUser, absl::StrCat("start ", i)).ok()); });
  AwaitPublished<SessionCreated>();
  EXPECT_FALSE(Start(kUser, "once more")->initiated());
  EXPECT_THAT(Published<UserOnboardingInitiated>(), SizeIs(1));
  auto list = For<v1::ListSessionsRequest>(kUser);
  EXPECT_THAT(sessions_->ListSessions(Deadline(), list)->sessions(), SizeIs(1));
}

TEST_F(SessionTest, AnEventThatAsksForASecondSessionChangesNothing) {
  Onboarded(kUser);
  Publish(For<UserOnboardingInitiated>(kUser));
  Publish(For<UserOnboardingInitiated>(kUser + 1));  // Who never agreed.
  AwaitHandled("session_management", 3);
  EXPECT_THAT(Published<SessionCreated>(), SizeIs(1));
}

// As when its event was parked, or is stuck behind one that was.
TEST_F(SessionTest, WhoAsksAgainForASessionThatNeverBeganGetsIt) {
  SessionService service = Service();
  Onboarded(kUser);
  Pass(absl::Minutes(31));
  ASSERT_TRUE(service.TimeOutIdle(Deadline()).ok());
  const auto ask = [&](absl::Duration ago) {
    const auto asked =
        DatabaseAs("selfology_session").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.Execute(
              "UPDATE onboarding_people SET start_requested_at = $2 WHERE user_id = $1", kUser,
              clock()() - ago);
        });
    ASSERT_TRUE(asked.ok()) << asked.status();
  };
  ask(absl::ZeroDuration());
  EXPECT_FALSE(Start(kUser, "too soon")->initiated());
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_STARTING);

  ask(absl::Minutes(1));
  const auto again = Start(kUser, "again").value();
  EXPECT_TRUE(again.initiated());
  EXPECT_EQ(again.onboarding().stage(), v1::ONBOARDING_STAGE_IN_PROGRESS);
  AwaitPublished<SessionCreated>(2);
  EXPECT_FALSE(Start(kUser, "and again")->initiated());

  // The event comes after all, when even that session is over.
  Pass(absl::Minutes(31));
  ASSERT_TRUE(service.TimeOutIdle(Deadline()).ok());
  auto late = For<UserOnboardingInitiated>(kUser);
  late.set_restart(true);
  Publish(late);
  AwaitHandled("session_management", 2);
  EXPECT_THAT(Published<SessionCreated>(), SizeIs(2));
}

TEST_F(SessionTest, TheSameStartGetsTheSameResponse) {
  const v1::Session session = Onboarded(kUser);
  AnswerUpTo(session, 10);
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_COMPLETED);
  EXPECT_FALSE(Start(kUser, "no restart")->initiated());
  const auto restart = Start(kUser, "restart", true).value();
  EXPECT_TRUE(restart.initiated());
  AwaitPublished<SessionCreated>(2);
  EXPECT_THAT(Start(kUser, "restart", true).value(), EqualsProto(restart));
  EXPECT_THAT(Published<UserOnboardingInitiated>(), SizeIs(2));
}

TEST_F(SessionTest, AnAnswerSentTwiceIsStoredAndPublishedOnce) {
  const v1::Session session = Onboarded(kUser, "ru");
  Ask(session, "q_identity_001", 1);
  const auto first = Answer(kUser, "q_identity_001", "  Живопись. ", "key").value();
  const auto again = Answer(kUser, "q_identity_001", "Something else.", "key").value();
  EXPECT_THAT(again, EqualsProto(first));

  const auto events = Published<UserAnswerSubmitted>();
  ASSERT_THAT(events, SizeIs(1));
  EXPECT_EQ(events[0].answer_text(), "Живопись.");
  EXPECT_EQ(events[0].answer_length(), 9);
  EXPECT_EQ(events[0].answer_id(), first.answer().answer_id());
  EXPECT_EQ(events[0].question_text(), "What about q_identity_001?");
  EXPECT_EQ(events[0].domain(), "IDENTITY");
  EXPECT_EQ(events[0].language(), "ru");
  EXPECT_EQ(events[0].answer_number(), 1);
  EXPECT_FALSE(events[0].is_last());
  EXPECT_EQ(first.session().answers_given(), 1);
  EXPECT_EQ(first.session().current_question_id(), "");
}

TEST_F(SessionTest, OfManyAnswersAtOnceOneCounts) {
  const v1::Session session = Onboarded(kUser);
  Ask(session, "q_1", 1);
  std::atomic<int> taken = 0;
  std::atomic<int> refused = 0;
  AtOnce(8, [&](int i) {
    const auto answer = Answer(kUser, "q_1", absl::StrCat("Answer ", i), absl::StrCat("key ", i));
    taken += answer.ok();
    refused += ReasonOf(answer) == "ANSWER_ALREADY_SUBMITTED";
  });
  EXPECT_EQ(taken, 1);
  EXPECT_EQ(refused, 7);
  EXPECT_THAT(Published<UserAnswerSubmitted>(), SizeIs(1));
}

TEST_F(SessionTest, TheLastAnswerCompletesTheSessionOnceHoweverOftenItIsSent) {
  const v1::Session session = Onboarded(kUser);
  AnswerUpTo(session, 9);
  Ask(session, "q_10", 10);
  std::atomic<int> taken = 0;
  AtOnce(6, [&](int i) {
    const auto answer = Answer(kUser, "q_10", "The last.", absl::StrCat("key ", i % 3));
    if (answer.ok()) {
      ++taken;
      EXPECT_EQ(answer->session().status(), v1::SESSION_STATUS_COMPLETED);
    } else {
      EXPECT_EQ(ReasonOf(answer), "ANSWER_ALREADY_SUBMITTED");
    }
  });
  EXPECT_EQ(taken, 2) << "the two calls with the key that came first";
  const auto completed = Published<SessionCompleted>();
  ASSERT_THAT(completed, SizeIs(1));
  EXPECT_EQ(completed[0].answers_given(), 10);
  EXPECT_EQ(completed[0].reason(), v1::COMPLETION_REASON_ENOUGH_ANSWERS);
  EXPECT_THAT(Published<UserAnswerSubmitted>(), SizeIs(10));
  EXPECT_TRUE(Published<UserAnswerSubmitted>().back().is_last());
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_COMPLETED);
}

TEST_F(SessionTest, RefusesAnswersWithTheReason) {
  EXPECT_EQ(ReasonOf(Answer(kUser, "q_1", "An answer.", "a")), "SESSION_NOT_FOUND");
  const v1::Session session = Onboarded(kUser);
  const v1::Session other = Onboarded(kUser + 1);
  EXPECT_EQ(ReasonOf(Answer(kUser, "", "An answer.", "b")), "NO_QUESTION_PENDING");
  Ask(session, "q_1", 1);
  Ask(other, "q_other", 1);
  EXPECT_EQ(ReasonOf(Answer(kUser, "q_other", "An answer.", "c")), "QUESTION_NOT_FOUND")
      << "somebody else was asked that";
  Ask(session, "q_instead", 1);
  EXPECT_EQ(ReasonOf(Answer(kUser, "q_1", "An answer.", "d")), "NO_QUESTION_PENDING");
  EXPECT_EQ(FieldOf(Answer(kUser, "q_instead", " я ", "e")), "answer_text");
  EXPECT_EQ(FieldOf(Answer(kUser, "q_instead", std::string(10'000, 'a'), "e")), "answer_text");
  EXPECT_EQ(FieldOf(Answer(kUser, "q_instead", "An answer.", "")), "idempotency_key");
  EXPECT_EQ(FieldOf(Answer(0, "q_instead", "An answer.", "e")), "user_id");
  EXPECT_THAT(Published<UserAnswerSubmitted>(), IsEmpty());
  EXPECT_TRUE(Answer(kUser, "", "An answer.", "e").ok()) << "to whatever waits";
}

TEST_F(SessionTest, APausedSessionTakesNoAnswersAndDoesNotTimeOut) {
  const v1::Session session = Onboarded(kUser);
  Ask(session, "q_1", 1);
  const auto pause = For<v1::PauseSessionRequest>(kUser);
  EXPECT_EQ(sessions_->PauseSession(Deadline(), pause)->session().status(),
            v1::SESSION_STATUS_PAUSED);
  EXPECT_TRUE(sessions_->PauseSession(Deadline(), pause).ok());
  EXPECT_EQ(ReasonOf(Answer(kUser, "q_1", "An answer.", "a")), "SESSION_NOT_ACTIVE");
  EXPECT_EQ(Stage(kUser), v1::ONBOARDING_STAGE_PAUSED);
  Pass(absl::Hours(2));
  ASSERT_TRUE(Service().TimeOutIdle(Deadline()).ok());

  const auto resumed =
      sessions_->ResumeSession(Deadline(), For<v1::ResumeSessionRequest>(kUser)).value();
  EXPECT_EQ(resumed.session().current_question_id(), "q_1");
  EXPECT_TRUE(Answer(kUser, "q_1", "An answer.", "a").ok());

  const auto pauses = Published<SessionPaused>();
  ASSERT_THAT(pauses, SizeIs(1)) << "pausing it again is no news";
  EXPECT_EQ(pauses[0].session_id(), session.session_id());
  EXPECT_EQ(pauses[0].language(), "en");
  const auto resumptions = Published<SessionResumed>();
  ASSERT_THAT(resumptions, SizeIs(1));
  EXPECT_EQ(resumptions[0].session_id(), session.session_id());
  EXPECT_EQ(resumptions[0].current_question_id(), "q_1");
  EXPECT_GE(resumptions[0].resumed_at().seconds() - pauses[0].paused_at().seconds(), 2 * 3600);
  EXPECT_EQ(resumptions[0].timeout_at().seconds() - resumptions[0].resumed_at().seconds(), 30 * 60);
}

TEST_F(SessionTest, ActsOnTheSessionThatIsNamedAndOnNoOther) {
  const v1::Session session = Onboarded(kUser);
  Ask(session, "q_1", 1);
  auto answer = For<v1::SubmitAnswerRequest>(kUser);
  answer.set_idempotency_key("a");
  answer.set_answer_text("An answer.");
  auto pause = For<v1::PauseSessionRequest>(kUser);
  auto resume = For<v1::ResumeSessionRequest>(kUser);

  answer.set_session_id(session.session_id() + 1);
  EXPECT_EQ(ReasonOf(sessions_->SubmitAnswer(Deadline(), answer)), "SESSION_NOT_FOUND");
  pause.set_session_id(session.session_id() + 1);
  EXPECT_EQ(ReasonOf(sessions_->PauseSession(Deadline(), pause)), "SESSION_NOT_FOUND");
  resume.set_session_id(session.session_id() + 1);
  EXPECT_EQ(ReasonOf(sessions_->ResumeSession(Deadline(), resume)), "SESSION_NOT_FOUND");
  answer.set_session_id(-1);
  EXPECT_EQ(FieldOf(sessions_->SubmitAnswer(Deadline(), answer)), "session_id");
  pause.set_session_id(-1);
  EXPECT_EQ(FieldOf(sessions_->PauseSession(Deadline(), pause)), "session_id");

  pause.set_session_id(session.session_id());
  EXPECT_TRUE(sessions_->PauseSession(Deadline(), pause).ok());
  resume.set_session_id(session.session_id());
  EXPECT_TRUE(sessions_->ResumeSession(Deadline(), resume).ok());
  answer.set_session_id(session.session_id());
  EXPECT_TRUE(sessions_->SubmitAnswer(Deadline(), answer).ok());
}

TEST_F(SessionTest, CompletesOnRequestFromFiveAnswersOn) {
  const v1::Session session = Onboarded(kUser);
  auto request = For<v1::CompleteSessionRequest>(kUser);
  EXPECT_EQ(FieldOf(sessions_->CompleteSession(Deadline(), request)), "reason");
  request.set_reason(v1::COMPLETION_REASON_REQUESTED);
  EXPECT_EQ(ReasonOf(sessions_->CompleteSession(Deadline(), request)), "SESSION_TOO_SHORT");
  AnswerUpTo(session, 5);
  const auto completed = sessions_->CompleteSession(Deadline(), request).value();
  EXPECT_EQ(completed.session().completion_reason(), v1::COMPLETION_REASON_REQUESTED);
  EXPECT_THAT(sessions_->CompleteSession(Deadline(), request).value(), EqualsProto(completed));
  EXPECT_THAT(Published<SessionCompleted>(), SizeIs(1));
}

TEST_F(SessionTest, IsBrokenOffWithHoweverFewAnswers) {
  Onboarded(kUser);
  auto request = For<v1::CompleteSessionRequest>(kUser);
  request.set_reason(v1::COMPLETION_REASON_BROKEN_OFF);
  const auto completed = sessions_->CompleteSession(Deadline(), request).value();
  EXPECT_EQ(completed.session().completion_reason(), v1::COMPLETION_REASON_BROKEN_OFF);
  EXPECT_EQ(completed.session().answers_given(), 0);
  ASSERT_THAT(Published<SessionCompleted>(), SizeIs(1));
}

TEST_F(SessionTest, RefusedConsentPausesAndKeepsWhatThereIs) {
  const v1::Session session = Onboarded(kUser);
  AnswerUpTo(session, 1);
  EXPECT_EQ(Consent(kUser, false)->stage(), v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  EXPECT_EQ(Open(kUser)->status(), v1::SESSION_STATUS_PAUSED);
  const auto resume = For<v1::ResumeSessionRequest>(kUser);
  EXPECT_EQ(ReasonOf(sessions_->ResumeSession(Deadline(), resume)), "CONSENT_REQUIRED");
  EXPECT_EQ(Consent(kUser, true)->stage(), v1::ONBOARDING_STAGE_PAUSED);
  EXPECT_EQ(sessions_->ResumeSession(Deadline(), resume)->session().answers_given(), 1);
  EXPECT_THAT(Published<SessionPaused>(), SizeIs(1));
  EXPECT_THAT(Published<SessionResumed>(), SizeIs(1));
  const auto declined = Published<ConsentDeclined>();
  ASSERT_THAT(declined, SizeIs(1));
  EXPECT_EQ(declined[0].policy_version(), Policy().consent_version);
  EXPECT_EQ(declined[0].language(), "en");
}

TEST_F(SessionTest, EachDecisionAgainstConsentIsToldOnce) {
  ASSERT_TRUE(Consent(kUser, false).ok());
  ASSERT_TRUE(Consent(kUser, false).ok());
  EXPECT_THAT(Published<ConsentDeclined>(), SizeIs(1));
  EXPECT_THAT(Published<SessionPaused>(), IsEmpty()) << "there is none";
  ASSERT_TRUE(Consent(kUser, true).ok());
  ASSERT_TRUE(Consent(kUser, false).ok());
  EXPECT_THAT(Published<ConsentDeclined>(), SizeIs(2));
}

TEST_F(SessionTest, ConsentIsGivenToTheCurrentText) {
  auto request = For<v1::RecordConsentRequest>(kUser);
  request.set_granted(true);
  request.set_policy_version("1999-01-01");
  EXPECT_EQ(FieldOf(sessions_->RecordConsent(Deadline(), request)), "policy_version");
}

TEST_F(SessionTest, TheLanguageOfTheSessionFollowsThePerson) {
  const v1::Session session = Onboarded(kUser, "de");
  EXPECT_EQ(session.language(), "en");
  auto request = For<v1::SetLanguageRequest>(kUser);
  request.set_language("de");
  EXPECT_EQ(FieldOf(sessions_->SetLanguage(Deadline(), request)), "language");
  request.set_language("ru");
  EXPECT_EQ(sessions_->SetLanguage(Deadline(), request)->onboarding().session().language(), "ru");
  AnswerUpTo(session, 1);
  EXPECT_EQ(Published<UserAnswerSubmitted>().front().language(), "ru");
}

}  // namespace
}  // namespace selfology::session
