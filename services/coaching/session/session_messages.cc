#include "services/coaching/session/session_messages.h"

#include <string>

#include "common/enums/word.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/safety/v1/safety.pb.h"
#include "services/coaching/lib/safety/safety.h"

namespace selfology::session {

using timestamps::ToProto;

v1::Session ToProto(const Session& session) {
  v1::Session message;
  message.set_session_id(session.session_id);
  message.set_user_id(session.user_id);
  message.set_status(session.status);
  message.set_language(session.language);
  message.set_answers_given(session.answers_given);
  message.set_min_answers(session.min_answers);
  message.set_max_answers(session.max_answers);
  message.set_current_question_id(session.current_question_id);
  *message.mutable_started_at() = ToProto(session.started_at);
  if (session.status == v1::SESSION_STATUS_ACTIVE) {
    *message.mutable_timeout_at() = ToProto(session.timeout_at.value());
  }
  *message.mutable_last_activity_at() = ToProto(session.last_activity_at);
  if (session.completed_at.has_value()) {
    *message.mutable_completed_at() = ToProto(*session.completed_at);
  }
  message.set_completion_reason(session.completion_reason);
  return message;
}

v1::Answer ToProto(const Answer& answer) {
  v1::Answer message;
  message.set_answer_id(answer.answer_id);
  message.set_user_id(answer.user_id);
  message.set_session_id(answer.session_id);
  message.set_question_id(answer.question.question_id);
  message.set_question_text(answer.question.question_text);
  message.set_domain(answer.question.domain);
  message.set_depth_level(answer.question.depth_level);
  message.set_answer_text(answer.text);
  message.set_answer_length(text::Characters(answer.text));
  message.set_language(answer.language);
  message.set_answer_number(answer.answer_number);
  *message.mutable_created_at() = ToProto(answer.created_at);
  message.set_withheld(answer.withheld);
  return message;
}

v1::Onboarding ToProto(const Standing& standing, const Policy& policy) {
  const Person& person = standing.person;
  v1::Onboarding message;
  message.set_user_id(person.user_id);
  message.set_stage(StageOf(standing, policy));
  message.set_language(person.language);
  if (person.consent.has_value()) {
    v1::Consent& consent = *message.mutable_consent();
    consent.set_granted(person.consent->granted);
    consent.set_policy_version(person.consent->policy_version);
    *consent.mutable_decided_at() = ToProto(person.consent->decided_at);
  }
  message.set_current_policy_version(policy.consent_version);
  if (standing.latest.has_value()) *message.mutable_session() = ToProto(*standing.latest);
  return message;
}

AskedQuestion FromEvent(const events::v1::QuestionSelected& event) {
  return {.question_id = event.question_id(),
          .question_text = event.question_text(),
          .domain = event.domain(),
          .depth_level = event.depth_level(),
          .question_number = event.question_number(),
          .answer_id = std::nullopt};
}

events::v1::UserOnboardingInitiated InitiatedEvent(const Person& person, bool restart) {
  events::v1::UserOnboardingInitiated event;
  event.set_user_id(person.user_id);
  event.set_language(LanguageToSpeak(person.language));
  event.set_restart(restart);
  return event;
}

events::v1::SessionCreated CreatedEvent(const Session& session) {
  events::v1::SessionCreated event;
  event.set_user_id(session.user_id);
  event.set_session_id(session.session_id);
  event.set_status(session.status);
  *event.mutable_started_at() = ToProto(session.started_at);
  *event.mutable_timeout_at() = ToProto(session.timeout_at.value());
  event.set_language(session.language);
  event.set_min_answers(session.min_answers);
  event.set_max_answers(session.max_answers);
  return event;
}

events::v1::UserAnswerSubmitted SubmittedEvent(const Accepted& accepted) {
  const Answer& answer = accepted.answer;
  events::v1::UserAnswerSubmitted event;
  event.set_user_id(answer.user_id);
  event.set_session_id(answer.session_id);
  event.set_question_id(answer.question.question_id);
  event.set_answer_text(answer.text);
  event.set_answer_length(text::Characters(answer.text));
  event.set_answer_id(answer.answer_id);
  event.set_question_text(answer.question.question_text);
  event.set_domain(answer.question.domain);
  event.set_depth_level(answer.question.depth_level);
  event.set_language(answer.language);
  event.set_answer_number(answer.answer_number);
  event.set_is_last(!IsOpen(accepted.session));
  return event;
}

events::v1::SessionCompleted CompletedEvent(const Session& session) {
  events::v1::SessionCompleted event;
  event.set_user_id(session.user_id);
  event.set_session_id(session.session_id);
  event.set_answers_given(session.answers_given);
  *event.mutable_started_at() = ToProto(session.started_at);
  *event.mutable_completed_at() = ToProto(session.completed_at.value());
  event.set_reason(session.completion_reason);
  event.set_language(session.language);
  return event;
}

events::v1::SessionTimeout TimeoutEvent(const Session& session) {
  events::v1::SessionTimeout event;
  event.set_user_id(session.user_id);
  event.set_session_id(session.session_id);
  event.set_answers_given(session.answers_given);
  *event.mutable_last_activity_at() = ToProto(session.last_activity_at);
  *event.mutable_timeout_at() = ToProto(session.timeout_at.value());
  event.set_language(session.language);
  return event;
}

events::v1::SessionPaused PausedEvent(const Session& session) {
  events::v1::SessionPaused event;
  event.set_user_id(session.user_id);
  event.set_session_id(session.session_id);
  *event.mutable_paused_at() = ToProto(session.last_activity_at);
  event.set_language(session.language);
  return event;
}

events::v1::SessionResumed ResumedEvent(const Session& session) {
  events::v1::SessionResumed event;
  event.set_user_id(session.user_id);
  event.set_session_id(session.session_id);
  *event.mutable_resumed_at() = ToProto(session.last_activity_at);
  *event.mutable_timeout_at() = ToProto(session.timeout_at.value());
  event.set_current_question_id(session.current_question_id);
  event.set_language(session.language);
  return event;
}

events::v1::ConsentDeclined DeclinedEvent(const Person& person) {
  events::v1::ConsentDeclined event;
  event.set_user_id(person.user_id);
  event.set_policy_version(person.consent.value().policy_version);
  *event.mutable_declined_at() = ToProto(person.consent.value().decided_at);
  event.set_language(person.language);
  return event;
}

events::v1::SafetyDangerNoticed NoticedEvent(int64_t user_id, const Heard& heard,
                                             std::string_view language, bool began) {
  events::v1::SafetyDangerNoticed event;
  event.set_user_id(user_id);
  event.set_danger(enums::FromWord<::selfology::safety::v1::Danger>(safety::NameOf(heard.noticed)));
  event.set_level(
      enums::FromWord<::selfology::safety::v1::DangerLevel>(safety::NameOf(heard.level)));
  event.set_language(std::string(language));
  event.set_mode_began(began);
  return event;
}

}  // namespace selfology::session
