#include "services/coaching/session/session_events.h"

#include <optional>
#include <utility>

#include "common/events/outbox.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/session/answering.h"
#include "services/coaching/session/session_messages.h"
#include "services/coaching/session/session_store.h"

namespace selfology::session {

SessionEvents::SessionEvents(Clock clock, Policy policy)
    : clock_(std::move(clock)), policy_(std::move(policy)) {}

absl::Status SessionEvents::OpenSession(const events::v1::UserOnboardingInitiated& event,
                                        events::Handling& handling) const {
  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  ASSIGN_OR_RETURN(Standing standing, store::ReadStanding(tx, event.user_id()));
  Person& person = standing.person;
  // Withdrawn, or begun without this event, which took too long.
  if (!person.start_requested_at.has_value()) return absl::OkStatus();
  person.start_requested_at.reset();
  store::SavePerson(tx, person);
  const bool agreed = person.consent.has_value() && person.consent->granted;
  if (!agreed || !MayBegin(standing, event.restart())) return absl::OkStatus();
  Session session =
      Begin(person, event.language(), policy_, timestamps::WholeMicroseconds(clock_()));
  RETURN_IF_ERROR(store::InsertSession(tx, session));
  return events::Publish(tx, CreatedEvent(session));
}

absl::Status SessionEvents::NoteQuestion(const events::v1::QuestionSelected& event,
                                         events::Handling& handling) const {
  postgres::Transaction& tx = handling.tx();
  store::LockUser(tx, event.user_id());
  ASSIGN_OR_RETURN(std::optional<Session> session,
                   store::ReadSession(tx, event.user_id(), event.session_id()));
  const AskedQuestion question = FromEvent(event);
  if (!session.has_value() || !Ask(*session, question)) return absl::OkStatus();
  store::SaveQuestion(tx, session->session_id, question);
  store::SaveSession(tx, *session);
  return absl::OkStatus();
}

}  // namespace selfology::session
