#include "services/coaching/session/answering.h"

#include <string>

#include "common/status/status.h"
#include "gtest/gtest.h"

namespace selfology::session {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'760'000'000);
const Policy kPolicy;

AskedQuestion Question(std::string id, int number = 1) {
  AskedQuestion question;
  question.question_id = std::move(id);
  question.question_text = "What makes you feel most alive?";
  question.domain = "IDENTITY";
  question.depth_level = question::v1::DEPTH_LEVEL_CONSCIOUS;
  question.question_number = number;
  return question;
}

// A session in which `current` waits for an answer.
Session Waiting(const AskedQuestion& current) {
  Person person;
  person.user_id = 7;
  Session session = Begin(person, "ru", kPolicy, kNow);
  session.session_id = 3;
  session.answers_given = current.question_number - 1;
  EXPECT_TRUE(Ask(session, current));
  return session;
}

std::string Refusal(const std::optional<Session>& latest,
                    const std::optional<AskedQuestion>& asked) {
  const auto accepted = Accept(latest, asked, "text", kPolicy, kNow);
  return status::Reason(accepted.status());
}

TEST(AcceptTest, TakesTheAnswerToTheCurrentQuestion) {
  const AskedQuestion question = Question("q", 3);
  const absl::Time now = kNow + absl::Minutes(10);
  const Accepted accepted = Accept(Waiting(question), question, "Painting.", kPolicy, now).value();
  EXPECT_EQ(accepted.answer.user_id, 7);
  EXPECT_EQ(accepted.answer.session_id, 3);
  EXPECT_EQ(accepted.answer.question, question);
  EXPECT_EQ(accepted.answer.text, "Painting.");
  EXPECT_EQ(accepted.answer.language, "ru");
  EXPECT_EQ(accepted.answer.answer_number, 3);
  EXPECT_EQ(accepted.answer.created_at, now);
  EXPECT_EQ(accepted.session.answers_given, 3);
  EXPECT_EQ(accepted.session.current_question_id, "");
  EXPECT_EQ(accepted.session.timeout_at, now + kPolicy.idle_timeout);
  EXPECT_EQ(accepted.session.status, v1::SESSION_STATUS_ACTIVE);
}

TEST(AcceptTest, TheLastAnswerCompletesTheSession) {
  const AskedQuestion question = Question("q", kPolicy.max_answers);
  const Accepted accepted = Accept(Waiting(question), question, "Done.", kPolicy, kNow).value();
  EXPECT_EQ(accepted.session.status, v1::SESSION_STATUS_COMPLETED);
  EXPECT_EQ(accepted.session.completion_reason, v1::COMPLETION_REASON_ENOUGH_ANSWERS);
  EXPECT_EQ(accepted.session.completed_at, kNow);
}

TEST(AcceptTest, ALateAnswerCountsUntilTheSessionIsEnded) {
  const AskedQuestion question = Question("q");
  EXPECT_TRUE(Accept(Waiting(question), question, "text", kPolicy, kNow + absl::Hours(1)).ok());
}

TEST(AcceptTest, EveryRefusalHasAReasonOfItsOwn) {
  const AskedQuestion current = Question("q");
  AskedQuestion answered = Question("answered");
  answered.answer_id = 5;
  Session session = Waiting(current);

  EXPECT_EQ(Refusal(std::nullopt, std::nullopt), "SESSION_NOT_FOUND");
  EXPECT_EQ(Refusal(session, std::nullopt), "QUESTION_NOT_FOUND");
  EXPECT_EQ(Refusal(session, Question("skipped")), "NO_QUESTION_PENDING");
  EXPECT_EQ(Refusal(session, answered), "ANSWER_ALREADY_SUBMITTED");

  Session paused = session;
  ASSERT_TRUE(Pause(paused, kNow));
  EXPECT_EQ(Refusal(paused, current), "SESSION_NOT_ACTIVE");

  Session between = session;
  between.current_question_id.clear();
  EXPECT_EQ(Refusal(between, std::nullopt), "NO_QUESTION_PENDING");

  Session over = session;
  ASSERT_TRUE(TimeOut(over, kNow + absl::Hours(1)));
  EXPECT_EQ(Refusal(over, current), "SESSION_NOT_FOUND");
  EXPECT_EQ(Refusal(over, answered), "ANSWER_ALREADY_SUBMITTED");
}

TEST(AcceptTest, WhenTheNextQuestionIsOnItsWaySaysWhenToComeBack) {
  Session between = Waiting(Question("q"));
  between.current_question_id.clear();
  const auto refused = Accept(between, std::nullopt, "text", kPolicy, kNow);
  EXPECT_TRUE(status::RetryAfter(refused.status()).has_value());
}

TEST(AcceptTest, AReplacementThatWasQuickerThanItsEventSaysWhenToComeBack) {
  const auto refused =
      Accept(Waiting(Question("skipped")), std::nullopt, "text", kPolicy, kNow).status();
  EXPECT_EQ(status::Reason(refused), "QUESTION_NOT_FOUND");
  EXPECT_TRUE(status::RetryAfter(refused).has_value());
}

TEST(AskTest, AQuestionThatComesTooLateChangesNothing) {
  Session session = Waiting(Question("second", 2));
  const Session before = session;
  EXPECT_FALSE(Ask(session, Question("first", 1)));
  EXPECT_FALSE(Ask(session, Question("third", 3)));
  EXPECT_EQ(session, before);
  EXPECT_TRUE(Ask(session, Question("instead of the second", 2)));
  EXPECT_EQ(session.current_question_id, "instead of the second");
  ASSERT_TRUE(Pause(session, kNow));
  EXPECT_TRUE(Ask(session, Question("while paused", 2))) << "it waits until the person resumes";
  Finish(session, v1::COMPLETION_REASON_REQUESTED, kNow);
  EXPECT_FALSE(Ask(session, Question("after the end", 2)));
}

TEST(CheckAnswerTextTest, TwoTo4096Characters) {
  const auto ok = [](std::string_view text) {
    status::FieldViolations bad;
    CheckAnswerText(text, bad);
    return bad.empty();
  };
  const auto repeat = [](std::string_view character, int times) {
    std::string text;
    for (int i = 0; i < times; ++i) text += character;
    return text;
  };
  EXPECT_FALSE(ok(""));
  EXPECT_FALSE(ok("я"));
  EXPECT_FALSE(ok("🎨"));
  EXPECT_TRUE(ok("да"));
  EXPECT_TRUE(ok(repeat("🎨", 4096)));
  EXPECT_FALSE(ok(repeat("🎨", 4097)));
  EXPECT_FALSE(ok(repeat("a", 10'000)));
  EXPECT_FALSE(ok(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace selfology::session
