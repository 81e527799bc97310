#include "services/coaching/coaching_dialog/conversation.h"

#include <algorithm>
#include <utility>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/enums/word.h"
#include "common/timestamps/timestamp.h"
#include "services/coaching/coaching_dialog/goal.h"

namespace selfology::coaching_dialog {
namespace {

v1::ConversationState StateOf(const session::v1::Session& session) {
  switch (session.status()) {
    case session::v1::SESSION_STATUS_ACTIVE:
      if (!session.current_question_id().empty()) {
        return v1::CONVERSATION_STATE_WAITING_FOR_ANSWER;
      }
      return session.answers_given() > 0 ? v1::CONVERSATION_STATE_PROCESSING_ANSWER
                                         : v1::CONVERSATION_STATE_ONBOARDING_ACTIVE;
    case session::v1::SESSION_STATUS_PAUSED:
      return v1::CONVERSATION_STATE_ONBOARDING_PAUSED;
    case session::v1::SESSION_STATUS_COMPLETED:
      return v1::CONVERSATION_STATE_ONBOARDING_COMPLETE;
    default:
      return v1::CONVERSATION_STATE_NEW_USER;
  }
}

bool IsOpen(const session::v1::Session& session) {
  return session.status() == session::v1::SESSION_STATUS_ACTIVE ||
         session.status() == session::v1::SESSION_STATUS_PAUSED;
}

int64_t Number(const Fields& fields, const char* name) {
  int64_t number = 0;
  const auto field = fields.find(name);
  return field != fields.end() && absl::SimpleAtoi(field->second, &number) ? number : 0;
}

std::string Text(const Fields& fields, const char* name) {
  const auto field = fields.find(name);
  return field == fields.end() ? "" : field->second;
}

}  // namespace

v1::ConversationState StateOf(const session::v1::Onboarding& onboarding, bool chat_is_open) {
  switch (onboarding.stage()) {
    case session::v1::ONBOARDING_STAGE_CONSENT_REQUIRED:
      return onboarding.has_consent() ? v1::CONVERSATION_STATE_GDPR_PENDING
                                      : v1::CONVERSATION_STATE_NEW_USER;
    case session::v1::ONBOARDING_STAGE_READY:
      return v1::CONVERSATION_STATE_NEW_USER;
    case session::v1::ONBOARDING_STAGE_STARTING:
      return v1::CONVERSATION_STATE_ONBOARDING_ACTIVE;
    case session::v1::ONBOARDING_STAGE_IN_PROGRESS:
    case session::v1::ONBOARDING_STAGE_PAUSED:
      return StateOf(onboarding.session());
    case session::v1::ONBOARDING_STAGE_COMPLETED:
      return chat_is_open ? v1::CONVERSATION_STATE_CHAT_ACTIVE
                          : v1::CONVERSATION_STATE_ONBOARDING_COMPLETE;
    default:
      return v1::CONVERSATION_STATE_UNSPECIFIED;
  }
}

Conversation Rebuild(const session::v1::Onboarding& onboarding,
                     const std::optional<coach::v1::Conversation>& open_chat,
                     std::optional<absl::Time> paused_at) {
  Conversation conversation;
  conversation.user_id = onboarding.user_id();
  conversation.state = StateOf(onboarding, open_chat.has_value());
  conversation.language = onboarding.language();
  if (IsOpen(onboarding.session())) {
    conversation.session_id = onboarding.session().session_id();
    conversation.question_id = onboarding.session().current_question_id();
  }
  NoteEnded(conversation, onboarding.session());
  if (open_chat.has_value()) conversation.conversation_id = open_chat->conversation_id();
  if (GoalOf(conversation.state) == Goal::kCoach && paused_at.has_value() &&
      *paused_at > timestamps::FromProto(onboarding.session().started_at())) {
    conversation.state = v1::CONVERSATION_STATE_CHAT_PAUSED;
  }
  return conversation;
}

void FollowSession(Conversation& conversation, const session::v1::Session& session) {
  NoteEnded(conversation, session);
  conversation.state = StateOf(session);
  conversation.session_id = IsOpen(session) ? session.session_id() : 0;
  if (!session.current_question_id().empty()) {
    conversation.question_id = session.current_question_id();
  } else if (conversation.state == v1::CONVERSATION_STATE_ONBOARDING_ACTIVE) {
    conversation.question_id.clear();
  }
  // Else the next question is on its way, and the last one tells late answers to it apart.
}

void NoteEnded(Conversation& conversation, const session::v1::Session& session) {
  if (IsOpen(session)) return;
  conversation.ended_session_id = std::max(conversation.ended_session_id, session.session_id());
}

bool HasMovedOn(const Conversation& conversation, int64_t session_id) {
  if (session_id < std::max(conversation.session_id, conversation.ended_session_id)) return true;
  return conversation.state == v1::CONVERSATION_STATE_ONBOARDING_ACTIVE &&
         conversation.session_id == 0 && session_id == conversation.ended_session_id;
}

bool AskQuestion(Conversation& conversation, const events::v1::QuestionSelected& event) {
  const bool over = event.session_id() <= conversation.ended_session_id ||
                    event.session_id() < conversation.session_id;
  if (over || conversation.state == v1::CONVERSATION_STATE_GDPR_PENDING) return false;
  // A question that was under way when the person paused waits for /resume.
  if (conversation.state != v1::CONVERSATION_STATE_ONBOARDING_PAUSED) {
    conversation.state = v1::CONVERSATION_STATE_WAITING_FOR_ANSWER;
  }
  conversation.session_id = event.session_id();
  // The event may come again.
  if (conversation.question_id == event.question_id()) return true;
  if (event.replaces_question_id().empty() && !conversation.question_id.empty()) {
    conversation.answered_question_id = conversation.question_id;
  }
  conversation.question_id = event.question_id();
  return true;
}

void CompleteSession(Conversation& conversation, int64_t session_id) {
  const bool known = session_id <= conversation.ended_session_id;
  if (known || session_id < conversation.session_id) return;
  const bool withdrawn = conversation.state == v1::CONVERSATION_STATE_GDPR_PENDING;
  if (session_id != conversation.session_id || withdrawn) return Forget(conversation);
  conversation.ended_session_id = session_id;
  LeaveSession(conversation);
}

void LeaveSession(Conversation& conversation) {
  conversation.state = v1::CONVERSATION_STATE_ONBOARDING_COMPLETE;
  conversation.session_id = 0;
  // The last question has its answer. May be done again.
  if (conversation.question_id.empty()) return;
  conversation.answered_question_id = conversation.question_id;
  conversation.question_id.clear();
}

void HearCoach(Conversation& conversation, const events::v1::CoachMessageReady& event) {
  // Late replies change nothing for those who have paused the chat or begun another session.
  if (conversation.state == v1::CONVERSATION_STATE_CHAT_ACTIVE) {
    conversation.conversation_id = event.conversation_id();
  } else if (conversation.state == v1::CONVERSATION_STATE_ONBOARDING_COMPLETE) {
    // The chat has begun elsewhere, or it has been finished since: the coach knows.
    Forget(conversation);
  }
}

void MoveTo(Conversation& conversation, v1::ConversationState state, int64_t session_id) {
  conversation.state = state;
  if (session_id != 0) conversation.session_id = session_id;
  // It was not skipped.
  if (state == v1::CONVERSATION_STATE_ONBOARDING_ACTIVE) conversation.question_id.clear();
}

void Forget(Conversation& conversation) {
  conversation = Conversation{.user_id = conversation.user_id,
                              .answers_until = conversation.answers_until,
                              .answer_message_id = conversation.answer_message_id,
                              .answer_length = conversation.answer_length,
                              .heavy_offer = conversation.heavy_offer,
                              .open_key = conversation.open_key,
                              .language = conversation.language,
                              .trace = conversation.trace,
                              .updated_at = conversation.updated_at};
}

std::string PassButtons(Conversation& conversation, std::string_view key) {
  if (conversation.open_key == key) return "";
  return std::exchange(conversation.open_key, std::string(key));
}

bool IsBetweenJourneys(v1::ConversationState state) {
  switch (state) {
    case v1::CONVERSATION_STATE_GDPR_PENDING:
    case v1::CONVERSATION_STATE_ONBOARDING_ACTIVE:
    case v1::CONVERSATION_STATE_WAITING_FOR_ANSWER:
    case v1::CONVERSATION_STATE_PROCESSING_ANSWER:
    case v1::CONVERSATION_STATE_ONBOARDING_PAUSED:
      return false;
    default:
      return true;
  }
}

v1::Conversation ToProto(const Conversation& conversation) {
  v1::Conversation message;
  message.set_user_id(conversation.user_id);
  message.set_state(conversation.state);
  message.set_session_id(conversation.session_id);
  if (conversation.state == v1::CONVERSATION_STATE_WAITING_FOR_ANSWER) {
    message.set_question_id(conversation.question_id);
  }
  message.set_conversation_id(conversation.conversation_id);
  message.set_language(conversation.language);
  message.set_trace_id(conversation.trace.trace_id.str());
  *message.mutable_updated_at() = timestamps::ToProto(conversation.updated_at);
  *message.mutable_expires_at() = timestamps::ToProto(conversation.updated_at + kRemembered);
  return message;
}

Fields ToFields(const Conversation& conversation) {
  return {{"session_id", absl::StrCat(conversation.session_id)},
          {"ended_session_id", absl::StrCat(conversation.ended_session_id)},
          {"question_id", conversation.question_id},
          {"answered_question_id", conversation.answered_question_id},
          {"answers_until", absl::StrCat(conversation.answers_until)},
          {"answer_message_id", absl::StrCat(conversation.answer_message_id)},
          {"answer_length", absl::StrCat(conversation.answer_length)},
          {"heavy_offer", conversation.heavy_offer},
          {"open_key", conversation.open_key},
          {"conversation_id", absl::StrCat(conversation.conversation_id)},
          {"language", conversation.language},
          {"trace", conversation.trace.Format()},
          {"updated_us", absl::StrCat(absl::ToUnixMicros(conversation.updated_at))}};
}

Conversation FromFields(int64_t user_id, const std::string& state, const Fields& fields) {
  return {.user_id = user_id,
          .state = enums::FromWord<v1::ConversationState>(state),
          .session_id = Number(fields, "session_id"),
          .ended_session_id = Number(fields, "ended_session_id"),
          .question_id = Text(fields, "question_id"),
          .answered_question_id = Text(fields, "answered_question_id"),
          .answers_until = Number(fields, "answers_until"),
          .answer_message_id = Number(fields, "answer_message_id"),
          .answer_length = static_cast<int>(Number(fields, "answer_length")),
          .heavy_offer = Text(fields, "heavy_offer"),
          .open_key = Text(fields, "open_key"),
          .conversation_id = Number(fields, "conversation_id"),
          .language = Text(fields, "language"),
          .trace =
              observe::TraceContext::Parse(Text(fields, "trace")).value_or(observe::TraceContext{}),
          .updated_at = absl::FromUnixMicros(Number(fields, "updated_us"))};
}

}  // namespace selfology::coaching_dialog
