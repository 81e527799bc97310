// The gRPC endpoints of questions: validate, choose (smart_mix.h), one transaction, answer.
//
//   auto questions = std::make_shared<QuestionService>(mesh.database(), bank, mesh.clock());
//   mesh.Serve(questions);
//
// Errors: as question_service.proto says for each RPC; besides, SESSION_NOT_ACTIVE for a session
// that has ended. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "selfology/question/v1/question_service_endpoints.h"
#include "services/coaching/question/live_bank.h"
#include "services/coaching/question/selection.h"

namespace selfology::question {

class QuestionService : public v1::QuestionServiceEndpoints {
 public:
  using Clock = std::function<absl::Time()>;

  // The database must outlive the service.
  QuestionService(postgres::Database& database, std::shared_ptr<LiveBank> bank, Clock clock);

  absl::StatusOr<v1::SelectNextQuestionResponse> SelectNextQuestion(
      const Call& call, const v1::SelectNextQuestionRequest& request) override;
  absl::StatusOr<v1::SkipQuestionResponse> SkipQuestion(
      const Call& call, const v1::SkipQuestionRequest& request) override;
  absl::StatusOr<v1::GetQuestionResponse> GetQuestion(
      const Call& call, const v1::GetQuestionRequest& request) override;
  absl::StatusOr<v1::BatchGetQuestionsResponse> BatchGetQuestions(
      const Call& call, const v1::BatchGetQuestionsRequest& request) override;
  absl::StatusOr<v1::ListQuestionsResponse> ListQuestions(
      const Call& call, const v1::ListQuestionsRequest& request) override;
  absl::StatusOr<v1::ListDomainsResponse> ListDomains(
      const Call& call, const v1::ListDomainsRequest& request) override;
  absl::StatusOr<v1::UpdateQuestionResponse> UpdateQuestion(
      const Call& call, const v1::UpdateQuestionRequest& request) override;

 private:
  absl::Time Now() const;

  postgres::Database& database_;
  const std::shared_ptr<LiveBank> bank_;
  const Clock clock_;
};

}  // namespace selfology::question
