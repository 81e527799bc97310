// Onboarding from consent to the last answer: sessions and questions, which know each other by
// events and one call.
#include <optional>
#include <set>
#include <string>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/question/v1/question_service_client.h"
#include "selfology/session/v1/session_service_client.h"
#include "services/coaching/question/module.h"
#include "services/coaching/session/module.h"
#include "testing/mesh_test.h"

namespace selfology {
namespace {

using ::testing::SizeIs;

using events::v1::QuestionSelected;
using events::v1::SessionCompleted;
using events::v1::UserAnswerSubmitted;

class OnboardingTest : public testing::MeshTest {
 protected:
  static constexpr int64_t kUser = 123456;

  void SetUp() override { Restart(); }

  void Restart() {
    StopMesh();
    StartMesh(testing::Modules(session::MakeModule(), question::MakeModule()));
    sessions_.emplace(Peer("session"));
    questions_.emplace(Peer("question"));
  }

  void Agree() {
    session::v1::RecordConsentRequest request;
    request.set_user_id(kUser);
    request.set_granted(true);
    request.set_policy_version("2025-10-01");
    request.set_language("ru");
    ASSERT_TRUE(sessions_->RecordConsent(Deadline(), request).ok());
  }

  void StartAgain() {
    session::v1::StartOnboardingRequest request;
    request.set_user_id(kUser);
    request.set_idempotency_key("restart");
    request.set_restart(true);
    ASSERT_TRUE(sessions_->StartOnboarding(Deadline(), request)->initiated());
  }

  // The question that the person sees after so many were selected.
  QuestionSelected Question(size_t selected) {
    return AwaitPublished<QuestionSelected>(selected)[selected - 1];
  }

  absl::StatusOr<session::v1::SubmitAnswerResponse> TryToAnswer(const std::string& question_id) {
    session::v1::SubmitAnswerRequest request;
    request.set_user_id(kUser);
    request.set_idempotency_key(absl::StrCat("answer to ", question_id));
    request.set_question_id(question_id);
    request.set_answer_text("Отвечаю как есть.");
    return sessions_->SubmitAnswer(Deadline(), request);
  }

  // Answers as soon as the session has heard of the question, too.
  session::v1::Session Answer(const QuestionSelected& question) {
    absl::StatusOr<session::v1::SubmitAnswerResponse> response;
    Await("the answer to be taken", [&] {
      response = TryToAnswer(question.question_id());
      return response.ok() || !status::RetryAfter(response.status()).has_value();
    });
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->session() : session::v1::Session();
  }

  // Leaves so many questions that one may begin with.
  void RetireAllBut(int kept) {
    question::v1::ListQuestionsRequest all;
    all.set_page_size(500);
    const auto bank = questions_->ListQuestions(Deadline(), all).value();
    for (const question::v1::Question& question : bank.questions()) {
      const bool easy = question.depth_level() == question::v1::DEPTH_LEVEL_SURFACE &&
                        question.energy_dynamics() == question::v1::ENERGY_DYNAMICS_OPENING;
      if (easy && kept-- > 0) continue;
      question::v1::UpdateQuestionRequest retire;
      retire.mutable_question()->set_question_id(question.question_id());
      retire.mutable_question()->set_retired(true);
      ASSERT_TRUE(questions_->UpdateQuestion(Deadline(), retire).ok());
    }
  }

  std::optional<session::v1::SessionServiceClient> sessions_;
  std::optional<question::v1::QuestionServiceClient> questions_;
};

TEST_F(OnboardingTest, TenQuestionsAndTenAnswersMakeASession) {
  Agree();
  std::set<std::string> asked;
  for (int number = 1; number <= 10; ++number) {
    if (number == 6) Restart();
    const QuestionSelected question = Question(number);
    EXPECT_EQ(question.question_number(), number);
    EXPECT_EQ(question.language(), "ru");
    EXPECT_TRUE(asked.insert(question.question_id()).second);
    const session::v1::Session session = Answer(question);
    EXPECT_EQ(session.answers_given(), number);
    EXPECT_EQ(session.status(), number < 10 ? session::v1::SESSION_STATUS_ACTIVE
                                            : session::v1::SESSION_STATUS_COMPLETED);
  }
  const auto completed = AwaitPublished<SessionCompleted>();
  EXPECT_EQ(completed.front().reason(), session::v1::COMPLETION_REASON_ENOUGH_ANSWERS);
  EXPECT_THAT(Published<UserAnswerSubmitted>(), SizeIs(10));
  EXPECT_THAT(Published<QuestionSelected>(), SizeIs(10));

  StartAgain();
  EXPECT_TRUE(asked.insert(Question(11).question_id()).second) << "a new session, a new question";
}

TEST_F(OnboardingTest, ASkippedQuestionNoLongerTakesAnAnswer) {
  Agree();
  const QuestionSelected first = Question(1);
  question::v1::SkipQuestionRequest skip;
  skip.set_user_id(kUser);
  skip.set_session_id(first.session_id());
  skip.set_question_id(first.question_id());
  ASSERT_TRUE(questions_->SkipQuestion(Deadline(), skip).ok());
  const QuestionSelected instead = Question(2);
  Await("the session to hear of it", [&] {
    session::v1::GetActiveSessionRequest open;
    open.set_user_id(kUser);
    return sessions_->GetActiveSession(Deadline(), open)->session().current_question_id() ==
           instead.question_id();
  });
  EXPECT_EQ(status::Reason(TryToAnswer(first.question_id()).status()), "NO_QUESTION_PENDING");
  EXPECT_EQ(Answer(instead).answers_given(), 1);
}

TEST_F(OnboardingTest, WhenNothingIsLeftToAskTheSessionIsComplete) {
  RetireAllBut(3);
  Agree();
  for (int number = 1; number <= 3; ++number) Answer(Question(number));
  const SessionCompleted completed = AwaitPublished<SessionCompleted>().front();
  EXPECT_EQ(completed.reason(), session::v1::COMPLETION_REASON_NO_QUESTIONS_LEFT);
  EXPECT_EQ(completed.answers_given(), 3);

  StartAgain();
  EXPECT_EQ(AwaitPublished<SessionCompleted>(2)[1].answers_given(), 0) << "not even a first one";
}

}  // namespace
}  // namespace selfology
