#include "services/coaching/session/onboarding.h"

#include <random>

#include "absl/random/random.h"
#include "common/status/status.h"
#include "gtest/gtest.h"
#include "services/coaching/session/answering.h"

namespace selfology::session {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);
const Policy kPolicy;

Consent Agreed() { return {true, kPolicy.consent_version, kNow}; }

Person Someone() {
  Person person;
  person.user_id = 1;
  person.consent = Agreed();
  return person;
}

Session Started() { return Begin(Someone(), "en", kPolicy, kNow); }

Standing With(v1::SessionStatus status) {
  Standing standing{Someone(), Started()};
  standing.latest->status = status;
  standing.person.has_completed = status == v1::SESSION_STATUS_COMPLETED;
  return standing;
}

TEST(StageTest, ConsentComesFirst) {
  Standing standing = With(v1::SESSION_STATUS_ACTIVE);
  standing.person.consent.reset();
  EXPECT_EQ(StageOf(standing, kPolicy), v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  standing.person.consent = Consent{false, kPolicy.consent_version, kNow};
  EXPECT_EQ(StageOf(standing, kPolicy), v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
  standing.person.consent = Consent{true, "1999-01-01", kNow};
  EXPECT_EQ(StageOf(standing, kPolicy), v1::ONBOARDING_STAGE_CONSENT_REQUIRED);
}

TEST(StageTest, FollowsTheLatestSession) {
  EXPECT_EQ(StageOf({Someone(), {}}, kPolicy), v1::ONBOARDING_STAGE_READY);
  EXPECT_EQ(StageOf(With(v1::SESSION_STATUS_ACTIVE), kPolicy), v1::ONBOARDING_STAGE_IN_PROGRESS);
  EXPECT_EQ(StageOf(With(v1::SESSION_STATUS_PAUSED), kPolicy), v1::ONBOARDING_STAGE_PAUSED);
  EXPECT_EQ(StageOf(With(v1::SESSION_STATUS_TIMEOUT), kPolicy), v1::ONBOARDING_STAGE_READY);
  EXPECT_EQ(StageOf(With(v1::SESSION_STATUS_COMPLETED), kPolicy), v1::ONBOARDING_STAGE_COMPLETED);

  Standing again = With(v1::SESSION_STATUS_TIMEOUT);
  again.person.has_completed = true;
  EXPECT_EQ(StageOf(again, kPolicy), v1::ONBOARDING_STAGE_COMPLETED)
      << "a later session that timed out does not undo a completed one";
  again.person.start_requested_at = kNow;
  EXPECT_EQ(StageOf(again, kPolicy), v1::ONBOARDING_STAGE_STARTING);
}

TEST(StartTest, IsStuckWhenNoSessionHasBegunInTime) {
  Person person = Someone();
  EXPECT_FALSE(StartIsStuck(person, kNow)) << "none was asked for";
  person.start_requested_at = kNow;
  EXPECT_FALSE(StartIsStuck(person, kNow + absl::Seconds(14)));
  EXPECT_TRUE(StartIsStuck(person, kNow + absl::Seconds(15)));
}

TEST(MayBeginTest, OnlyWhenNoneIsOpenAndAfterACompletedOneOnlyAsARestart) {
  for (const bool restart : {false, true}) {
    EXPECT_TRUE(MayBegin({Someone(), {}}, restart));
    EXPECT_TRUE(MayBegin(With(v1::SESSION_STATUS_TIMEOUT), restart));
    EXPECT_FALSE(MayBegin(With(v1::SESSION_STATUS_ACTIVE), restart));
    EXPECT_FALSE(MayBegin(With(v1::SESSION_STATUS_PAUSED), restart));
    EXPECT_EQ(MayBegin(With(v1::SESSION_STATUS_COMPLETED), restart), restart);
  }
}

TEST(LanguageTest, TheProductSpeaksEnglishAndRussian) {
  EXPECT_EQ(LanguageToSpeak("en"), "en");
  EXPECT_EQ(LanguageToSpeak("ru-RU"), "ru");
  EXPECT_EQ(LanguageToSpeak("RU"), "ru");
  EXPECT_EQ(LanguageToSpeak("en_GB"), "en");
  EXPECT_EQ(LanguageToSpeak("rum"), "en");
  EXPECT_EQ(LanguageToSpeak(""), "en");
  EXPECT_EQ(LanguageToSpeak("de"), "en");
}

TEST(BeginTest, HoldsTheSessionInThePersonsLanguage) {
  Person person = Someone();
  EXPECT_EQ(Begin(person, "ru", kPolicy, kNow).language, "ru");
  person.language = "en";
  EXPECT_EQ(Begin(person, "ru", kPolicy, kNow).language, "en") << "what they chose counts more";
}

TEST(TimeOutTest, AtTheMinuteAndNotBefore) {
  Session session = Started();
  EXPECT_FALSE(TimeOut(session, kNow + absl::Minutes(30) - absl::Nanoseconds(1)));
  EXPECT_TRUE(TimeOut(session, kNow + absl::Minutes(30)));
  EXPECT_EQ(session.status, v1::SESSION_STATUS_TIMEOUT);
}

TEST(TimeOutTest, APausedSessionWaitsAsLongAsItTakes) {
  Session session = Started();
  ASSERT_TRUE(Pause(session, kNow));
  EXPECT_FALSE(TimeOut(session, kNow + absl::Hours(24 * 365)));
  ASSERT_TRUE(Resume(session, kPolicy, kNow + absl::Hours(5)));
  EXPECT_EQ(session.timeout_at, kNow + absl::Hours(5) + kPolicy.idle_timeout) << "a fresh 30 min";
}

TEST(CompleteTest, NeedsEnoughAnswersUnlessThereIsNothingToAskOrNoWish) {
  Session session = Started();
  session.answers_given = kPolicy.min_answers - 1;
  EXPECT_EQ(status::Reason(Complete(session, v1::COMPLETION_REASON_REQUESTED, kNow).status()),
            "SESSION_TOO_SHORT");
  EXPECT_EQ(session.status, v1::SESSION_STATUS_ACTIVE);
  Session exhausted = session;
  EXPECT_TRUE(*Complete(exhausted, v1::COMPLETION_REASON_NO_QUESTIONS_LEFT, kNow));
  Session broken_off = session;
  EXPECT_TRUE(*Complete(broken_off, v1::COMPLETION_REASON_BROKEN_OFF, kNow));
  ++session.answers_given;
  ASSERT_TRUE(Pause(session, kNow));
  EXPECT_TRUE(*Complete(session, v1::COMPLETION_REASON_REQUESTED, kNow)) << "a paused one too";
  EXPECT_EQ(session.completed_at, kNow);
}

TEST(CompleteTest, WhatHasEndedStaysAsItIs) {
  Session session = Started();
  Finish(session, v1::COMPLETION_REASON_ENOUGH_ANSWERS, kNow);
  const Session before = session;
  EXPECT_FALSE(*Complete(session, v1::COMPLETION_REASON_REQUESTED, kNow + absl::Hours(1)));
  EXPECT_EQ(session, before);

  Session late = Started();
  ASSERT_TRUE(TimeOut(late, kNow + absl::Hours(1)));
  EXPECT_EQ(status::Reason(Complete(late, v1::COMPLETION_REASON_REQUESTED, kNow).status()),
            "SESSION_NOT_ACTIVE");
}

TEST(OpenSessionTest, IsTheOneThatWasNamed) {
  Standing open = With(v1::SESSION_STATUS_ACTIVE);
  open.latest->session_id = 7;
  EXPECT_EQ(OpenSession(open).value(), *open.latest);
  EXPECT_EQ(OpenSession(open, 7).value(), *open.latest);
  EXPECT_EQ(status::Reason(OpenSession(open, 8).status()), "SESSION_NOT_FOUND");
  EXPECT_EQ(status::Reason(OpenSession({Someone(), {}}, 7).status()), "SESSION_NOT_FOUND");
  Finish(*open.latest, v1::COMPLETION_REASON_REQUESTED, kNow);
  EXPECT_EQ(status::Reason(OpenSession(open, 7).status()), "SESSION_NOT_FOUND");
}

TEST(SessionToCompleteTest, ACallerWhoRepeatsItselfGetsTheSameSession) {
  const Standing done = With(v1::SESSION_STATUS_COMPLETED);
  EXPECT_EQ(SessionToComplete(done, {}, 0).value(), *done.latest);
  EXPECT_EQ(status::Reason(SessionToComplete({Someone(), {}}, {}, 0).status()),
            "SESSION_NOT_FOUND");
  EXPECT_EQ(status::Reason(SessionToComplete(done, {}, 77).status()), "SESSION_NOT_FOUND");
}

// Whatever is done to a session in whatever order, its parts keep agreeing with one another.
TEST(SessionTest, StaysConsistentThroughRandomLives) {
  std::mt19937_64 random(1);
  for (int life = 0; life < 2000; ++life) {
    absl::Time now = kNow;
    Session session = Started();
    int accepted = 0;
    for (int step = 0; step < 60; ++step) {
      const Session before = session;
      now += absl::Minutes(absl::Uniform(random, 0, 12));
      switch (absl::Uniform(random, 0, 8)) {
        case 0:
          EXPECT_EQ(Pause(session, now), before.status == v1::SESSION_STATUS_ACTIVE);
          break;
        case 1:
          EXPECT_EQ(Resume(session, kPolicy, now), before.status == v1::SESSION_STATUS_PAUSED);
          break;
        case 2:
          EXPECT_EQ(TimeOut(session, now),
                    before.status == v1::SESSION_STATUS_ACTIVE && now >= before.timeout_at.value());
          break;
        case 3: {
          const bool long_enough = before.answers_given >= before.min_answers;
          if (absl::Bernoulli(random, 0.2)) {
            const auto completed = Complete(session, v1::COMPLETION_REASON_REQUESTED, now);
            EXPECT_EQ(completed.ok() && *completed, IsOpen(before) && long_enough);
          }
          break;
        }
        case 4: {
          AskedQuestion question;
          question.question_id = "next";
          question.question_number = before.answers_given + absl::Uniform(random, 0, 3);
          EXPECT_EQ(Ask(session, question),
                    IsOpen(before) && question.question_number == before.answers_given + 1);
          break;
        }
        default: {
          AskedQuestion question;
          question.question_id = "next";
          const auto taken = Accept(session, question, "an answer", kPolicy, now);
          EXPECT_EQ(taken.ok(), before.status == v1::SESSION_STATUS_ACTIVE &&
                                    before.current_question_id == "next");
          if (taken.ok()) {
            session = taken->session;
            EXPECT_EQ(taken->answer.answer_number, ++accepted);
            EXPECT_EQ(IsOpen(session), accepted < kPolicy.max_answers);
          }
        }
      }
      EXPECT_EQ(session.answers_given, accepted);
      EXPECT_LE(accepted, session.max_answers);
      EXPECT_EQ(session.completed_at.has_value(), session.status == v1::SESSION_STATUS_COMPLETED);
      EXPECT_EQ(session.completion_reason != v1::COMPLETION_REASON_UNSPECIFIED,
                session.status == v1::SESSION_STATUS_COMPLETED);
      if (session.status == v1::SESSION_STATUS_ACTIVE) {
        EXPECT_EQ(session.timeout_at, session.last_activity_at + kPolicy.idle_timeout);
      }
      if (!IsOpen(session)) EXPECT_TRUE(session.current_question_id.empty());
      if (!IsOpen(before)) EXPECT_EQ(session, before) << "an ended session never changes";
    }
  }
}

}  // namespace
}  // namespace selfology::session
