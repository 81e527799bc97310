// The endpoints of QuestionService that only read the bank.
#include <utility>

#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/question/question_service.h"

namespace selfology::question {
namespace {

constexpr int kMostIds = 100;

bool Fits(const v1::Question& question, const v1::ListQuestionsRequest& request) {
  return (request.include_retired() || !question.retired()) &&
         (request.domain().empty() || question.domain() == request.domain()) &&
         (request.depth_level() == v1::DEPTH_LEVEL_UNSPECIFIED ||
          question.depth_level() == request.depth_level()) &&
         (request.energy_dynamics() == v1::ENERGY_DYNAMICS_UNSPECIFIED ||
          question.energy_dynamics() == request.energy_dynamics()) &&
         (request.language().empty() || Speaks(question, request.language()));
}

}  // namespace

absl::StatusOr<v1::GetQuestionResponse> QuestionService::GetQuestion(
    const Call& call, const v1::GetQuestionRequest& request) {
  if (request.question_id().empty()) return status::InvalidField("question_id", "must be set");
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(call));
  const v1::Question* question = bank.Find(request.question_id());
  if (question == nullptr) {
    return status::Error(mesh::v1::ERROR_CODE_QUESTION_NOT_FOUND, "no such question");
  }
  v1::GetQuestionResponse response;
  *response.mutable_question() = InLanguage(*question, request.language());
  return response;
}

absl::StatusOr<v1::BatchGetQuestionsResponse> QuestionService::BatchGetQuestions(
    const Call& call, const v1::BatchGetQuestionsRequest& request) {
  if (request.question_ids().empty() || request.question_ids_size() > kMostIds) {
    return status::InvalidField("question_ids", "must be 1 to 100");
  }
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(call));
  v1::BatchGetQuestionsResponse response;
  for (const std::string& question_id : request.question_ids()) {
    if (const v1::Question* question = bank.Find(question_id); question != nullptr) {
      *response.add_questions() = InLanguage(*question, request.language());
    }
  }
  return response;
}

absl::StatusOr<v1::ListQuestionsResponse> QuestionService::ListQuestions(
    const Call& call, const v1::ListQuestionsRequest& request) {
  ASSIGN_OR_RETURN(const paging::Page page,
                   paging::Read(request, {.default_size = 50, .max_size = 500}));
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(call));
  v1::ListQuestionsResponse response;
  for (const v1::Question& question : bank.questions()) {
    if (question.question_id() <= page.after || !Fits(question, request)) continue;
    if (response.questions_size() == page.size) {
      const auto& last = response.questions(response.questions_size() - 1);
      response.set_next_page_token(page.TokenAfter(last.question_id()));
      break;
    }
    *response.add_questions() = InLanguage(question, request.language());
  }
  return response;
}

absl::StatusOr<v1::ListDomainsResponse> QuestionService::ListDomains(
    const Call& call, const v1::ListDomainsRequest& /*request*/) {
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(call));
  v1::ListDomainsResponse response;
  for (v1::Domain& domain : bank.Domains()) *response.add_domains() = std::move(domain);
  return response;
}

}  // namespace selfology::question
