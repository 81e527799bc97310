#include "services/coaching/session/onboarding.h"

#include "common/language/language.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::session {
namespace {

// Usually it takes well under a second; a service that is being replaced takes some.
constexpr absl::Duration kStartsWithin = absl::Seconds(15);

absl::Status NotFound(std::string_view message) {
  return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_FOUND, message);
}

bool HasCurrentConsent(const Person& person, const Policy& policy) {
  return person.consent.has_value() && person.consent->granted &&
         person.consent->policy_version == policy.consent_version;
}

}  // namespace

bool IsOpen(const Session& session) {
  return session.status == v1::SESSION_STATUS_ACTIVE || session.status == v1::SESSION_STATUS_PAUSED;
}

v1::OnboardingStage StageOf(const Standing& standing, const Policy& policy) {
  const auto& [person, latest] = standing;
  if (!HasCurrentConsent(person, policy)) return v1::ONBOARDING_STAGE_CONSENT_REQUIRED;
  if (latest.has_value() && latest->status == v1::SESSION_STATUS_ACTIVE) {
    return v1::ONBOARDING_STAGE_IN_PROGRESS;
  }
  if (latest.has_value() && latest->status == v1::SESSION_STATUS_PAUSED) {
    return v1::ONBOARDING_STAGE_PAUSED;
  }
  if (person.start_requested_at.has_value()) return v1::ONBOARDING_STAGE_STARTING;
  return person.has_completed ? v1::ONBOARDING_STAGE_COMPLETED : v1::ONBOARDING_STAGE_READY;
}

std::string LanguageToSpeak(std::string_view tag) {
  return std::string(language::TagOf(language::LanguageOf(tag)));
}

bool StartIsStuck(const Person& person, absl::Time now) {
  return person.start_requested_at.has_value() && now >= *person.start_requested_at + kStartsWithin;
}

bool MayBegin(const Standing& standing, bool restart) {
  if (standing.latest.has_value() && IsOpen(*standing.latest)) return false;
  return restart || !standing.person.has_completed;
}

Session Begin(const Person& person, std::string_view language, const Policy& policy,
              absl::Time now) {
  Session session;
  session.user_id = person.user_id;
  session.status = v1::SESSION_STATUS_ACTIVE;
  session.language = LanguageToSpeak(person.language.empty() ? language : person.language);
  session.min_answers = policy.min_answers;
  session.max_answers = policy.max_answers;
  session.started_at = now;
  session.last_activity_at = now;
  session.timeout_at = now + policy.idle_timeout;
  return session;
}

absl::Status CheckIsLatest(const Standing& standing, int64_t session_id) {
  const bool is_latest = standing.latest.has_value() && standing.latest->session_id == session_id;
  return session_id == 0 || is_latest ? absl::OkStatus() : NotFound("this session is not open");
}

absl::StatusOr<Session> OpenSession(const Standing& standing, int64_t session_id) {
  if (absl::Status named = CheckIsLatest(standing, session_id); !named.ok()) return named;
  if (standing.latest.has_value() && IsOpen(*standing.latest)) return *standing.latest;
  return NotFound("no session is open");
}

absl::StatusOr<Session> SessionToComplete(const Standing& standing,
                                          const std::optional<Session>& asked_for,
                                          int64_t session_id) {
  if (session_id != 0) {
    if (asked_for.has_value()) return *asked_for;
    return NotFound("no such session");
  }
  if (standing.latest.has_value() && standing.latest->status == v1::SESSION_STATUS_COMPLETED) {
    return *standing.latest;
  }
  return OpenSession(standing);
}

void Finish(Session& session, v1::CompletionReason reason, absl::Time now) {
  session.status = v1::SESSION_STATUS_COMPLETED;
  session.completed_at = now;
  session.completion_reason = reason;
  session.current_question_id.clear();
}

bool Pause(Session& session, absl::Time now) {
  if (session.status != v1::SESSION_STATUS_ACTIVE) return false;
  session.status = v1::SESSION_STATUS_PAUSED;
  session.last_activity_at = now;
  session.timeout_at.reset();
  return true;
}

bool Resume(Session& session, const Policy& policy, absl::Time now) {
  if (session.status != v1::SESSION_STATUS_PAUSED) return false;
  session.status = v1::SESSION_STATUS_ACTIVE;
  session.last_activity_at = now;
  session.timeout_at = now + policy.idle_timeout;
  return true;
}

absl::StatusOr<bool> Complete(Session& session, v1::CompletionReason reason, absl::Time now) {
  if (session.status == v1::SESSION_STATUS_COMPLETED) return false;
  if (!IsOpen(session)) {
    return status::Error(mesh::v1::ERROR_CODE_SESSION_NOT_ACTIVE, "the session has timed out");
  }
  if (session.answers_given < session.min_answers && reason == v1::COMPLETION_REASON_REQUESTED) {
    return status::Error(mesh::v1::ERROR_CODE_SESSION_TOO_SHORT, "too few answers to finish",
                         {{"answers_given", std::to_string(session.answers_given)},
                          {"min_answers", std::to_string(session.min_answers)}});
  }
  Finish(session, reason, now);
  return true;
}

bool TimeOut(Session& session, absl::Time now) {
  if (session.status != v1::SESSION_STATUS_ACTIVE || now < session.timeout_at) return false;
  session.status = v1::SESSION_STATUS_TIMEOUT;
  session.current_question_id.clear();
  return true;
}

}  // namespace selfology::session
