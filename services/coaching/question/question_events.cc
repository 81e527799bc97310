#include "services/coaching/question/question_events.h"

#include <optional>
#include <string>
#include <utility>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/question/question_store.h"
#include "services/coaching/question/selection.h"

namespace selfology::question {
namespace {

absl::Status EndSession(postgres::Transaction& tx, int64_t user_id, int64_t session_id) {
  ASSIGN_OR_RETURN(std::optional<SessionState> session,
                   store::LockSession(tx, user_id, session_id));
  if (!session.has_value()) return absl::OkStatus();
  session->ended = true;
  store::SaveSession(tx, *session);
  return absl::OkStatus();
}

Interests InterestsOf(const profile::v1::Profile& profile) {
  return Interests(profile.domain_affinities().begin(), profile.domain_affinities().end());
}

}  // namespace

QuestionEvents::QuestionEvents(std::shared_ptr<LiveBank> bank,
                               session::v1::SessionServiceClient sessions, Clock clock)
    : bank_(std::move(bank)), sessions_(std::move(sessions)), clock_(std::move(clock)) {}

absl::Status QuestionEvents::AskFirst(const events::v1::SessionCreated& event,
                                      events::Handling& handling) const {
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(handling.call()));
  const SessionState session{.session_id = event.session_id(),
                             .user_id = event.user_id(),
                             .language = event.language(),
                             .max_questions = event.max_answers()};
  store::InsertSession(handling.tx(), session);
  ASSIGN_OR_RETURN(const Person person, store::ReadPerson(handling.tx(), session.user_id));
  return Ask(bank, session, person, /*answers_given=*/0, handling);
}

absl::Status QuestionEvents::AskNext(const events::v1::UserAnswerSubmitted& event,
                                     events::Handling& handling) const {
  ASSIGN_OR_RETURN(const Bank bank, bank_->Read(handling.call()));
  postgres::Transaction& tx = handling.tx();
  ASSIGN_OR_RETURN(std::optional<store::Standing> standing,
                   store::LockStanding(tx, event.user_id(), event.session_id()));
  // Sessions are known by their first event; one that is not belongs to someone whose data were
  // erased.
  if (!standing.has_value()) return absl::OkStatus();
  auto& [session, person] = *standing;
  store::SaveAnswered(tx, event.user_id(), event.question_id(), event.answer_length());
  NoteAnswered(person.history, event.question_id(), event.answer_length());
  if (session.language != event.language()) {
    session.language = event.language();
    store::SaveSession(tx, session);
  }
  if (event.is_last() || session.ended) return absl::OkStatus();
  return Ask(bank, session, person, event.answer_number(), handling);
}

absl::Status QuestionEvents::Ask(const Bank& bank, const SessionState& session,
                                 const Person& person, int answers_given,
                                 events::Handling& handling) const {
  postgres::Transaction& tx = handling.tx();
  ASSIGN_OR_RETURN(const std::optional<Selected> next,
                   SelectNext(tx, bank, person, session, answers_given,
                              timestamps::WholeMicroseconds(clock_()), Effect::kRecord));
  if (next.has_value()) return absl::OkStatus();

  // Rare enough to hold the transaction meanwhile. Completing is idempotent, should this handler be
  // run again.
  session::v1::CompleteSessionRequest request;
  request.set_user_id(session.user_id);
  request.set_session_id(session.session_id);
  request.set_reason(session::v1::COMPLETION_REASON_NO_QUESTIONS_LEFT);
  absl::Status completed = sessions_.CompleteSession(handling.call(), request).status();
  const mesh::v1::ErrorCode reason = status::ErrorCodeOf(completed);
  // It has ended in another way, or was erased.
  if (reason == mesh::v1::ERROR_CODE_SESSION_NOT_ACTIVE ||
      reason == mesh::v1::ERROR_CODE_SESSION_NOT_FOUND) {
    return absl::OkStatus();
  }
  return completed;
}

absl::Status QuestionEvents::EndCompleted(const events::v1::SessionCompleted& event,
                                          events::Handling& handling) const {
  return EndSession(handling.tx(), event.user_id(), event.session_id());
}

absl::Status QuestionEvents::EndTimedOut(const events::v1::SessionTimeout& event,
                                         events::Handling& handling) const {
  return EndSession(handling.tx(), event.user_id(), event.session_id());
}

absl::Status QuestionEvents::NoteNewInterests(const events::v1::ProfileCreated& event,
                                              events::Handling& handling) const {
  store::SaveInterests(handling.tx(), event.user_id(), InterestsOf(event.profile()));
  return absl::OkStatus();
}

absl::Status QuestionEvents::NoteInterests(const events::v1::ProfileUpdated& event,
                                           events::Handling& handling) const {
  store::SaveInterests(handling.tx(), event.user_id(), InterestsOf(event.profile()));
  return absl::OkStatus();
}

}  // namespace selfology::question
