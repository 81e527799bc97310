// Questions over the real thing, with sessions that the test tells of in the session service's
// place.
#pragma once

#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "selfology/question/v1/question_service_client.h"
#include "services/coaching/question/module.h"
#include "testing/mesh_test.h"
#include "testing/proto_matchers.h"

namespace selfology::question {

using events::v1::QuestionSelected;
using events::v1::SessionCreated;
using events::v1::SessionTimeout;
using events::v1::UserAnswerSubmitted;

class QuestionTest : public testing::MeshTest {
 protected:
  static constexpr int64_t kUser = 123456;

  void SetUp() override {
    StartMesh(testing::Modules(MakeModule()));
    questions_.emplace(Peer("question"));
  }

  // Everything selected for a session so far, once there are so many.
  std::vector<QuestionSelected> Selected(int64_t session_id, size_t count) {
    return AwaitPublished<QuestionSelected>(
        count, [=](const QuestionSelected& event) { return event.session_id() == session_id; });
  }

  // Begins a session; its first question.
  QuestionSelected Begin(int64_t session_id, int64_t user = kUser, std::string language = "en") {
    SessionCreated event;
    event.set_user_id(user);
    event.set_session_id(session_id);
    event.set_status(session::v1::SESSION_STATUS_ACTIVE);
    event.set_language(std::move(language));
    event.set_min_answers(5);
    event.set_max_answers(10);
    Publish(event);
    return Selected(session_id, 1).front();
  }

  static UserAnswerSubmitted AnswerTo(const QuestionSelected& question,
                                      std::string language = "en") {
    UserAnswerSubmitted event;
    event.set_user_id(question.user_id());
    event.set_session_id(question.session_id());
    event.set_question_id(question.question_id());
    event.set_answer_text("An answer.");
    event.set_answer_length(10);
    event.set_domain(question.domain());
    event.set_answer_number(question.question_number());
    event.set_language(std::move(language));
    event.set_is_last(question.question_number() == 10);
    return event;
  }

  // Answers it; the next question.
  QuestionSelected AnswerAndGoOn(const QuestionSelected& question, std::string language = "en") {
    const size_t before = Selected(question.session_id(), 1).size();
    Publish(AnswerTo(question, std::move(language)));
    return Selected(question.session_id(), before + 1).back();
  }

  absl::StatusOr<v1::Selection> SelectNext(int64_t session_id, int answers_given,
                                           bool preview = false) {
    v1::SelectNextQuestionRequest request;
    request.set_user_id(kUser);
    request.set_session_id(session_id);
    request.set_answers_given(answers_given);
    request.set_preview(preview);
    const auto response = questions_->SelectNextQuestion(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->selection();
  }

  absl::StatusOr<v1::Selection> Skip(int64_t session_id, std::string question_id,
                                     bool heavy_welcome = false) {
    v1::SkipQuestionRequest request;
    request.set_user_id(kUser);
    request.set_session_id(session_id);
    request.set_question_id(std::move(question_id));
    request.set_heavy_welcome(heavy_welcome);
    const auto response = questions_->SkipQuestion(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->selection();
  }

  absl::StatusOr<v1::Question> Get(std::string question_id, std::string language = "") {
    v1::GetQuestionRequest request;
    request.set_question_id(std::move(question_id));
    request.set_language(std::move(language));
    const auto response = questions_->GetQuestion(Deadline(), request);
    if (!response.ok()) return response.status();
    return response->question();
  }

  int64_t Erase(int64_t user) {
    v1::DeleteUserDataRequest request;
    request.set_user_id(user);
    return questions_->DeleteUserData(Deadline(), request)->deleted_rows();
  }

  std::optional<v1::QuestionServiceClient> questions_;
};

template <typename T>
std::string ReasonOf(const absl::StatusOr<T>& result) {
  return status::Reason(result.status());
}

template <typename T>
std::string FieldOf(const absl::StatusOr<T>& result) {
  const auto violations = status::Violations(result.status());
  return violations.empty() ? "" : violations.front().field;
}

}  // namespace selfology::question
