// The endpoints of SessionService that only read.
#include <limits>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "common/idempotency/once.h"
#include "common/paging/page.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/session/session_messages.h"
#include "services/coaching/session/session_service.h"
#include "services/coaching/session/session_store.h"

namespace selfology::session {
namespace {

using postgres::Transaction;
using status::FieldViolations;

// Who asks for one thing has often just changed it: a replica might not know yet.
constexpr postgres::ReadOptions kNewest{.isolation = postgres::Isolation::kRepeatableRead,
                                        .newest = true};

absl::Status Check(int64_t user_id, std::string_view id_field = "", int64_t id = 1) {
  FieldViolations bad;
  bad.CheckUserId(user_id);
  if (id <= 0) bad.Add(id_field, "must be above 0");
  return bad.ToStatus();
}

}  // namespace

absl::StatusOr<v1::GetOnboardingResponse> SessionService::GetOnboarding(
    const Call& call, const v1::GetOnboardingRequest& request) {
  RETURN_IF_ERROR(Check(request.user_id()));
  ASSIGN_OR_RETURN(
      const Standing standing,
      database_.Read(
          call, [&](Transaction& tx) { return store::ReadStanding(tx, request.user_id()); },
          kNewest));
  v1::GetOnboardingResponse response;
  *response.mutable_onboarding() = ToProto(standing, policy_);
  return response;
}

absl::StatusOr<v1::GetSessionResponse> SessionService::GetSession(
    const Call& call, const v1::GetSessionRequest& request) {
  RETURN_IF_ERROR(Check(request.user_id(), "session_id", request.session_id()));
  ASSIGN_OR_RETURN(const std::optional<Session> session,
                   database_.Read(
                       call,
                       [&](Transaction& tx) {
                         return store::ReadSession(tx, request.user_id(), request.session_id());
                       },
                       kNewest));
  if (!session.has_value())
    return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, "no such session");
  v1::GetSessionResponse response;
  *response.mutable_session() = ToProto(*session);
  return response;
}

absl::StatusOr<v1::GetActiveSessionResponse> SessionService::GetActiveSession(
    const Call& call, const v1::GetActiveSessionRequest& request) {
  RETURN_IF_ERROR(Check(request.user_id()));
  ASSIGN_OR_RETURN(
      const Standing standing,
      database_.Read(
          call, [&](Transaction& tx) { return store::ReadStanding(tx, request.user_id()); },
          kNewest));
  ASSIGN_OR_RETURN(const Session session, OpenSession(standing));
  v1::GetActiveSessionResponse response;
  *response.mutable_session() = ToProto(session);
  return response;
}

absl::StatusOr<v1::ListSessionsResponse> SessionService::ListSessions(
    const Call& call, const v1::ListSessionsRequest& request) {
  RETURN_IF_ERROR(Check(request.user_id()));
  ASSIGN_OR_RETURN(const paging::Page page,
                   paging::Read(request, {.default_size = 20, .max_size = 200}));
  ASSIGN_OR_RETURN(const int64_t before, page.AfterId(std::numeric_limits<int64_t>::max()));
  ASSIGN_OR_RETURN(std::vector<Session> sessions, database_.Read(call, [&](Transaction& tx) {
    return store::ListSessions(tx, request.user_id(), request.status(), before, page.limit());
  }));
  v1::ListSessionsResponse response;
  response.set_next_page_token(page.Cut(sessions, &Session::session_id));
  for (const Session& session : sessions) *response.add_sessions() = ToProto(session);
  return response;
}

absl::StatusOr<v1::GetAnswerResponse> SessionService::GetAnswer(
    const Call& call, const v1::GetAnswerRequest& request) {
  if (!request.idempotency_key().empty() && request.answer_id() == 0) {
    return GetAnswerOfKey(call, request);
  }
  RETURN_IF_ERROR(Check(request.user_id(), "answer_id", request.answer_id()));
  ASSIGN_OR_RETURN(const std::optional<Answer> answer,
                   database_.Read(
                       call,
                       [&](Transaction& tx) {
                         return store::ReadAnswer(tx, request.user_id(), request.answer_id());
                       },
                       kNewest));
  if (!answer.has_value())
    return status::Error(mesh::v1::ERROR_CODE_ANSWER_NOT_FOUND, "no such answer");
  v1::GetAnswerResponse response;
  *response.mutable_answer() = ToProto(*answer);
  return response;
}

absl::StatusOr<v1::GetAnswerResponse> SessionService::GetAnswerOfKey(
    const Call& call, const v1::GetAnswerRequest& request) {
  RETURN_IF_ERROR(Check(request.user_id()));
  ASSIGN_OR_RETURN(const std::optional<std::string> remembered,
                   database_.Read(call,
                                  [&](Transaction& tx) {
                                    return idempotency::Recall(tx,
                                                               {.table = store::kRequests,
                                                                .user_id = request.user_id(),
                                                                .rpc = "SubmitAnswer",
                                                                .key = request.idempotency_key(),
                                                                .now = Now()});
                                  },
                                  {.newest = true}));
  if (!remembered.has_value())
    return status::Error(mesh::v1::ERROR_CODE_ANSWER_NOT_FOUND, "no answer has this key");
  v1::SubmitAnswerResponse submitted;
  if (!submitted.ParseFromString(*remembered)) {
    return absl::InternalError("a remembered response does not parse");
  }
  // Help was the response, and there was no question to keep the answer for.
  if (!submitted.has_answer())
    return status::Error(mesh::v1::ERROR_CODE_ANSWER_NOT_FOUND, "no answer was stored");
  v1::GetAnswerResponse response;
  *response.mutable_answer() = std::move(*submitted.mutable_answer());
  return response;
}

absl::StatusOr<v1::ListAnswersResponse> SessionService::ListAnswers(
    const Call& call, const v1::ListAnswersRequest& request) {
  FieldViolations bad = status::CheckUser(request);
  if (request.session_id() < 0) bad.Add("session_id", "must not be below 0");
  RETURN_IF_ERROR(bad.ToStatus());
  ASSIGN_OR_RETURN(const paging::Page page,
                   paging::Read(request, {.default_size = 50, .max_size = 200}));
  ASSIGN_OR_RETURN(const int64_t after, page.AfterId(0));
  ASSIGN_OR_RETURN(std::vector<Answer> answers, database_.Read(call, [&](Transaction& tx) {
    return store::ListAnswers(tx, request.user_id(), request.session_id(), after, page.limit());
  }));
  v1::ListAnswersResponse response;
  response.set_next_page_token(page.Cut(answers, &Answer::answer_id));
  for (const Answer& answer : answers) *response.add_answers() = ToProto(answer);
  return response;
}

}  // namespace selfology::session
