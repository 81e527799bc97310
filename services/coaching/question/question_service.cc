#include "services/coaching/question/question_service.h"

#include <optional>
#include <utility>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/question/question_store.h"
#include "services/coaching/question/question_update.h"

namespace selfology::question {
namespace {

using postgres::Transaction;
using status::FieldViolations;

absl::Status NoQuestionsLeft() {
  return status::Error(mesh::v1::ERROR_CODE_NO_QUESTIONS_LEFT,
                       "the person has been asked everything that fits");
}

absl::Status NoQuestionPending() {
  return status::Error(mesh::v1::ERROR_CODE_NO_QUESTION_PENDING,
                       "this question does not wait for an answer");
}

template <typename Request>
FieldViolations CheckSession(const Request& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.session_id() <= 0) bad.Add("session_id", "must be above 0");
  return bad;
}

absl::StatusOr<store::Standing> Known(absl::StatusOr<std::optional<store::Standing>> standing) {
  RETURN_IF_ERROR(standing);
  if (standing->has_value()) return **std::move(standing);
  return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, "no such session is known yet");
}

// Whether a question may be chosen for a place that has none yet.
absl::Status MayGoOn(const SessionState& session, const History& history, int answers_given) {
  if (session.ended) {
    return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_ACTIVE, "the session has ended");
  }
  if (answers_given > LatestNumber(history, session.session_id)) {
    return status::InvalidField("answers_given", "must not be more than questions were asked");
  }
  return answers_given < session.max_questions ? absl::OkStatus() : NoQuestionsLeft();
}

}  // namespace

QuestionService::QuestionService(postgres::Database& database, std::shared_ptr<LiveBank> bank,
                                 Clock clock)
    : database_(database), bank_(std::move(bank)), clock_(std::move(clock)) {}

absl::Time QuestionService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<v1::SelectNextQuestionResponse> QuestionService::SelectNextQuestion(
    const Call& call, const v1::SelectNextQuestionRequest& request) {
  FieldViolations bad = CheckSession(request);
  if (request.answers_given() < 0) bad.Add("answers_given", "must not be below 0");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(call));
  const absl::Time now = Now();

  const auto select = [&](Transaction& tx, absl::StatusOr<std::optional<store::Standing>> known,
                          Effect effect) -> absl::StatusOr<v1::SelectNextQuestionResponse> {
    ASSIGN_OR_RETURN(store::Standing standing, Known(std::move(known)));
    auto& [session, person] = standing;
    if (!request.language().empty()) session.language = request.language();
    if (Holder(person.history, session.session_id, request.answers_given() + 1) == nullptr) {
      RETURN_IF_ERROR(MayGoOn(session, person.history, request.answers_given()));
    }
    ASSIGN_OR_RETURN(const std::optional<Selected> next,
                     SelectNext(tx, bank, person, session, request.answers_given(), now, effect));
    if (!next.has_value()) return NoQuestionsLeft();
    v1::SelectNextQuestionResponse response;
    ASSIGN_OR_RETURN(*response.mutable_selection(), ToProto(*next, bank, session.language));
    return response;
  };
  const int64_t user_id = request.user_id();
  const int64_t session_id = request.session_id();
  if (request.preview()) {
    return database_.Read(call,
                          [&](Transaction& tx) {
                            return select(tx, store::ReadStanding(tx, user_id, session_id),
                                          Effect::kPreview);
                          },
                          {.newest = true});
  }
  return database_.Write(call, [&](Transaction& tx) {
    return select(tx, store::LockStanding(tx, user_id, session_id), Effect::kRecord);
  });
}

absl::StatusOr<v1::SkipQuestionResponse> QuestionService::SkipQuestion(
    const Call& call, const v1::SkipQuestionRequest& request) {
  FieldViolations bad = CheckSession(request);
  if (request.question_id().empty()) bad.Add("question_id", "must be set");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(call));
  const absl::Time now = Now();

  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SkipQuestionResponse> {
    ASSIGN_OR_RETURN(const std::optional<store::Standing> standing,
                     store::LockStanding(tx, request.user_id(), request.session_id()));
    if (!standing.has_value()) return NoQuestionPending();
    const auto& [session, person] = *standing;
    const Selected* skipped = Find(person.history, session.session_id, request.question_id());
    if (skipped == nullptr) return NoQuestionPending();

    std::optional<Selected> instead;
    if (!skipped->replaced_by.empty()) {
      instead = *Find(person.history, session.session_id, skipped->replaced_by);
    } else if (session.ended || skipped->answer_length.has_value() ||
               skipped->number < LatestNumber(person.history, session.session_id)) {
      return NoQuestionPending();
    } else {
      ASSIGN_OR_RETURN(instead, SelectInstead(tx, bank, person, session, *skipped,
                                              request.heavy_welcome(), now));
      if (!instead.has_value()) return NoQuestionsLeft();
    }
    v1::SkipQuestionResponse response;
    ASSIGN_OR_RETURN(*response.mutable_selection(), ToProto(*instead, bank, session.language));
    return response;
  });
}

absl::StatusOr<v1::UpdateQuestionResponse> QuestionService::UpdateQuestion(
    const Call& call, const v1::UpdateQuestionRequest& request) {
  if (request.question().question_id().empty()) {
    return status::InvalidField("question.question_id", "must be set");
  }
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(v1::Question question,
                   database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::Question> {
                     ASSIGN_OR_RETURN(const std::optional<v1::Question> stored,
                                      store::LockQuestion(tx, request.question().question_id()));
                     ASSIGN_OR_RETURN(
                         v1::Question updated,
                         Updated(stored.has_value() ? &*stored : nullptr, request, now));
                     if (!stored.has_value() || updated.version() != stored->version()) {
                       RETURN_IF_ERROR(store::SaveQuestion(tx, updated));
                     }
                     return updated;
                   }));
  // Also after a call that changed nothing: it may be the repetition of one that failed here.
  RETURN_IF_ERROR(bank_->Forget(call));
  v1::UpdateQuestionResponse response;
  *response.mutable_question() = InLanguage(std::move(question), request.question().language());
  return response;
}

}  // namespace selfology::question
