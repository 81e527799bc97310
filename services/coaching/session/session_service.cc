#include "services/coaching/session/session_service.h"

#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "common/events/outbox.h"
#include "common/idempotency/once.h"
#include "common/language/language.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/coaching/session/answering.h"
#include "services/coaching/session/help_first.h"
#include "services/coaching/session/session_messages.h"
#include "services/coaching/session/session_store.h"

namespace selfology::session {
namespace {

using postgres::Transaction;
using status::CheckUser;
using status::FieldViolations;

// Sets a session going unless one is open, on its way, or was completed before; true when it did.
absl::StatusOr<bool> SetGoing(Transaction& tx, Standing& standing, bool restart,
                              const Policy& policy, absl::Time now) {
  Person& person = standing.person;
  if (StartIsStuck(person, now)) {
    // Begun here. Its event, should it come after all, finds that nothing is asked for any more.
    person.start_requested_at.reset();
    if (!MayBegin(standing, /*restart=*/true)) return false;
    Session session = Begin(person, person.language, policy, now);
    RETURN_IF_ERROR(store::InsertSession(tx, session));
    RETURN_IF_ERROR(events::Publish(tx, CreatedEvent(session)));
    standing.latest = std::move(session);
    return true;
  }
  if (person.start_requested_at.has_value() || !MayBegin(standing, restart)) return false;
  person.start_requested_at = now;
  RETURN_IF_ERROR(events::Publish(tx, InitiatedEvent(person, restart)));
  return true;
}

void TakeFirstLanguage(Person& person, std::string_view language) {
  if (person.language.empty() && !language.empty()) person.language = LanguageToSpeak(language);
}

// `repeated`: they had decided so before.
absl::Status Refuse(Transaction& tx, Standing& standing, bool repeated, absl::Time now) {
  standing.person.start_requested_at.reset();
  if (standing.latest.has_value() && Pause(*standing.latest, now)) {
    store::SaveSession(tx, *standing.latest);
    RETURN_IF_ERROR(events::Publish(tx, PausedEvent(*standing.latest)));
  }
  return repeated ? absl::OkStatus() : events::Publish(tx, DeclinedEvent(standing.person));
}

std::string_view LanguageOf(const Standing& standing) {
  const bool in_session = standing.latest.has_value() && IsOpen(*standing.latest);
  return in_session ? standing.latest->language : standing.person.language;
}

// What somebody in danger is answered. `withheld`: their answer, or why there is nothing to keep it
// for; the help does not depend on that.
absl::StatusOr<v1::SubmitAnswerResponse> Help(Transaction& tx, int64_t user_id,
                                              const store::Answering& answering, const Heard& heard,
                                              absl::StatusOr<Accepted> withheld) {
  v1::SubmitAnswerResponse response;
  response.set_help(heard.help);
  if (withheld.ok()) {
    withheld->answer.answer_id = answering.answer_id;
    store::InsertWithheld(tx, withheld->answer, heard.open);
    store::SaveSession(tx, withheld->session);
    *response.mutable_answer() = ToProto(withheld->answer);
    *response.mutable_session() = ToProto(withheld->session);
  }
  if (heard.is_news) {
    RETURN_IF_ERROR(
        events::Publish(tx, NoticedEvent(user_id, heard, LanguageOf(answering.standing),
                                         answering.open_danger == safety::Danger::kNone)));
  }
  return response;
}

template <typename Request>
FieldViolations CheckUserAndSession(const Request& request) {
  FieldViolations bad = CheckUser(request);
  if (request.session_id() < 0) bad.Add("session_id", "must not be below 0");
  return bad;
}

}  // namespace

SessionService::SessionService(postgres::Database& database, Clock clock, Policy policy)
    : database_(database), clock_(std::move(clock)), policy_(std::move(policy)) {}

absl::Time SessionService::Now() const { return timestamps::WholeMicroseconds(clock_()); }

absl::StatusOr<v1::StartOnboardingResponse> SessionService::StartOnboarding(
    const Call& call, const v1::StartOnboardingRequest& request) {
  FieldViolations bad = CheckUser(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();

  const auto start = [&](Transaction& tx) -> absl::StatusOr<v1::StartOnboardingResponse> {
    v1::StartOnboardingResponse response;
    ASSIGN_OR_RETURN(Standing standing, store::ReadStanding(tx, request.user_id()));
    if (StageOf(standing, policy_) != v1::ONBOARDING_STAGE_CONSENT_REQUIRED) {
      TakeFirstLanguage(standing.person, request.language());
      ASSIGN_OR_RETURN(const bool initiated,
                       SetGoing(tx, standing, request.restart(), policy_, now));
      store::SavePerson(tx, standing.person);
      response.set_initiated(initiated);
    }
    *response.mutable_onboarding() = ToProto(standing, policy_);
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockUser(tx, request.user_id());
    return idempotency::Once<v1::StartOnboardingResponse>(
        tx,
        {store::kRequests, request.user_id(), "StartOnboarding", request.idempotency_key(), now},
        [&] { return start(tx); });
  });
}

absl::StatusOr<v1::RecordConsentResponse> SessionService::RecordConsent(
    const Call& call, const v1::RecordConsentRequest& request) {
  FieldViolations bad = CheckUser(request);
  if (request.policy_version() != policy_.consent_version) {
    bad.Add("policy_version", "must be the current one");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();

  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::RecordConsentResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(Standing standing, store::ReadStanding(tx, request.user_id()));
    Person& person = standing.person;
    const bool repeated = person.consent.has_value() &&
                          person.consent->granted == request.granted() &&
                          person.consent->policy_version == request.policy_version();
    if (!repeated) person.consent = Consent{request.granted(), request.policy_version(), now};
    TakeFirstLanguage(person, request.language());
    if (request.granted()) {
      RETURN_IF_ERROR(SetGoing(tx, standing, /*restart=*/false, policy_, now));
    } else {
      RETURN_IF_ERROR(Refuse(tx, standing, repeated, now));
    }
    store::SavePerson(tx, person);
    v1::RecordConsentResponse response;
    *response.mutable_onboarding() = ToProto(standing, policy_);
    return response;
  });
}

absl::StatusOr<v1::SetLanguageResponse> SessionService::SetLanguage(
    const Call& call, const v1::SetLanguageRequest& request) {
  FieldViolations bad = CheckUser(request);
  const std::optional<language::Language> spoken = language::Spoken(request.language());
  if (!spoken.has_value()) bad.Add("language", "must be a language the product speaks");
  RETURN_IF_ERROR(bad.ToStatus());

  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::SetLanguageResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(Standing standing, store::ReadStanding(tx, request.user_id()));
    standing.person.language = language::TagOf(*spoken);
    store::SavePerson(tx, standing.person);
    if (standing.latest.has_value() && IsOpen(*standing.latest)) {
      standing.latest->language = standing.person.language;
      store::SaveSession(tx, *standing.latest);
    }
    v1::SetLanguageResponse response;
    *response.mutable_onboarding() = ToProto(standing, policy_);
    return response;
  });
}

absl::StatusOr<v1::SubmitAnswerResponse> SessionService::SubmitAnswer(
    const Call& call, const v1::SubmitAnswerRequest& request) {
  const std::string text(text::Trim(request.answer_text()));
  FieldViolations bad = CheckUserAndSession(request);
  idempotency::CheckKey(request.idempotency_key(), bad);
  CheckAnswerText(text, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();

  const auto submit =
      [&](Transaction& tx,
          const store::Answering& answering) -> absl::StatusOr<v1::SubmitAnswerResponse> {
    const absl::Status is_latest = CheckIsLatest(answering.standing, request.session_id());
    const std::optional<Heard> heard =
        HelpFirst(text, answering.open_danger, LanguageOf(answering.standing),
                  answering.asked.has_value() ? answering.asked->question_text : "");
    if (heard.has_value()) {
      absl::StatusOr<Accepted> withheld =
          is_latest.ok() ? Withhold(answering.standing.latest, answering.asked, text, policy_, now)
                         : is_latest;
      return Help(tx, request.user_id(), answering, *heard, std::move(withheld));
    }
    RETURN_IF_ERROR(is_latest);
    ASSIGN_OR_RETURN(Accepted accepted,
                     Accept(answering.standing.latest, answering.asked, text, policy_, now));
    accepted.answer.answer_id = answering.answer_id;
    accepted.answer.question.answer_id = answering.answer_id;
    store::InsertAnswer(tx, accepted.answer);
    store::SaveSession(tx, accepted.session);
    if (answering.open_danger != safety::Danger::kNone) {
      store::CloseDanger(tx, request.user_id(), accepted.session.session_id);
    }
    RETURN_IF_ERROR(events::Publish(tx, SubmittedEvent(accepted)));
    if (!IsOpen(accepted.session)) {
      RETURN_IF_ERROR(events::Publish(tx, CompletedEvent(accepted.session)));
    }
    v1::SubmitAnswerResponse response;
    *response.mutable_answer() = ToProto(accepted.answer);
    *response.mutable_session() = ToProto(accepted.session);
    return response;
  };
  return database_.Write(call, [&](Transaction& tx) {
    store::LockUser(tx, request.user_id());
    const auto answering = store::AskAnswering(tx, request.user_id(), request.question_id());
    return idempotency::Once<v1::SubmitAnswerResponse>(
        tx, {store::kRequests, request.user_id(), "SubmitAnswer", request.idempotency_key(), now},
        [&]() -> absl::StatusOr<v1::SubmitAnswerResponse> {
          ASSIGN_OR_RETURN(const store::Answering known, answering());
          return submit(tx, known);
        });
  });
}

absl::StatusOr<v1::PauseSessionResponse> SessionService::PauseSession(
    const Call& call, const v1::PauseSessionRequest& request) {
  RETURN_IF_ERROR(CheckUserAndSession(request).ToStatus());
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::PauseSessionResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(const Standing standing, store::ReadStanding(tx, request.user_id()));
    ASSIGN_OR_RETURN(Session session, OpenSession(standing, request.session_id()));
    if (Pause(session, now)) {
      store::SaveSession(tx, session);
      RETURN_IF_ERROR(events::Publish(tx, PausedEvent(session)));
    }
    v1::PauseSessionResponse response;
    *response.mutable_session() = ToProto(session);
    return response;
  });
}

absl::StatusOr<v1::ResumeSessionResponse> SessionService::ResumeSession(
    const Call& call, const v1::ResumeSessionRequest& request) {
  RETURN_IF_ERROR(CheckUserAndSession(request).ToStatus());
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::ResumeSessionResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(const Standing standing, store::ReadStanding(tx, request.user_id()));
    ASSIGN_OR_RETURN(Session session, OpenSession(standing, request.session_id()));
    if (Resume(session, policy_, now)) {
      if (StageOf(standing, policy_) == v1::ONBOARDING_STAGE_CONSENT_REQUIRED) {
        return status::Error(mesh::v1::ERROR_CODE_CONSENT_REQUIRED,
                             "the person has not agreed to the processing of personal data");
      }
      store::SaveSession(tx, session);
      RETURN_IF_ERROR(events::Publish(tx, ResumedEvent(session)));
    }
    v1::ResumeSessionResponse response;
    *response.mutable_session() = ToProto(session);
    return response;
  });
}

absl::StatusOr<v1::CompleteSessionResponse> SessionService::CompleteSession(
    const Call& call, const v1::CompleteSessionRequest& request) {
  FieldViolations bad = CheckUserAndSession(request);
  if (request.reason() != v1::COMPLETION_REASON_REQUESTED &&
      request.reason() != v1::COMPLETION_REASON_NO_QUESTIONS_LEFT &&
      request.reason() != v1::COMPLETION_REASON_BROKEN_OFF) {
    bad.Add("reason", "must be REQUESTED, NO_QUESTIONS_LEFT or BROKEN_OFF");
  }
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  return database_.Write(call, [&](Transaction& tx) -> absl::StatusOr<v1::CompleteSessionResponse> {
    store::LockUser(tx, request.user_id());
    ASSIGN_OR_RETURN(const Standing standing, store::ReadStanding(tx, request.user_id()));
    ASSIGN_OR_RETURN(const std::optional<Session> asked_for,
                     store::ReadSession(tx, request.user_id(), request.session_id()));
    ASSIGN_OR_RETURN(Session session, SessionToComplete(standing, asked_for, request.session_id()));
    ASSIGN_OR_RETURN(const bool completed, Complete(session, request.reason(), now));
    if (completed) {
      store::SaveSession(tx, session);
      RETURN_IF_ERROR(events::Publish(tx, CompletedEvent(session)));
    }
    v1::CompleteSessionResponse response;
    *response.mutable_session() = ToProto(session);
    return response;
  });
}

}  // namespace selfology::session
