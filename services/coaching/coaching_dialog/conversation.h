// What the dialog remembers about a conversation, and how it changes. A cache: all of it can be
// worked out anew from the services that own the facts (StateOf).
//
//   Conversation conversation = Rebuild(onboarding, chat);
//   AskQuestion(conversation, event);                       // state: waiting_for_answer
//
// Threads: values and pure functions. Sources: spec 000 "User States (FSM)", spec 001 "FSM States".
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>

#include "absl/time/time.h"
#include "common/observe/trace.h"
#include "selfology/coach/v1/coach.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/session/v1/session.pb.h"
#include "selfology/telegram/v1/telegram.pb.h"

namespace selfology::coaching_dialog {

namespace v1 = ::selfology::telegram::v1;

// Spec 001: "TTL: 3600s".
inline constexpr absl::Duration kRemembered = absl::Hours(1);

struct Conversation {
  int64_t user_id = 0;
  v1::ConversationState state = v1::CONVERSATION_STATE_UNSPECIFIED;
  int64_t session_id = 0;  // 0: none is open.
  // The last one asked; it waits for an answer in waiting_for_answer. In onboarding_active it was
  // skipped.
  std::string question_id = {};
  // The one before it, whose answer brought it; empty: not known.
  std::string answered_question_id = {};
  // Updates with higher numbers were not given as answers; 0: not known.
  int64_t answers_until = 0;
  int64_t conversation_id = 0;       // 0: no chat is open.
  std::string language = {};         // BCP 47; empty: not known yet.
  observe::TraceContext trace = {};  // Of the whole journey.
  absl::Time updated_at = absl::UnixEpoch();
  friend bool operator==(const Conversation&, const Conversation&) = default;
};

v1::ConversationState StateOf(const session::v1::Onboarding& onboarding, bool chat_is_open);

// Without a trace, which no owner knows.
Conversation Rebuild(const session::v1::Onboarding& onboarding,
                     const std::optional<coach::v1::Conversation>& open_chat);

// Takes over what a session says: its question, if one waits, and the state that follows.
void FollowSession(Conversation& conversation, const session::v1::Session& session);
void AskQuestion(Conversation& conversation, const events::v1::QuestionSelected& event);
// The session was paused, or goes on: whoever asked for it, in Telegram or elsewhere.
void PauseSession(Conversation& conversation, const events::v1::SessionPaused& event);
void ResumeSession(Conversation& conversation, const events::v1::SessionResumed& event);
void DeclineConsent(Conversation& conversation);
void CompleteSession(Conversation& conversation);
void HearCoach(Conversation& conversation, const events::v1::CoachMessageReady& event);
// Somebody wants it there. `session_id`: 0: as it was.
void MoveTo(Conversation& conversation, v1::ConversationState state, int64_t session_id);
// What no owner knows stays: whose it is, its language, its trace, which updates were answers.
void Forget(Conversation& conversation);

// Whether /start in this state begins a new journey, with a trace of its own.
bool IsBetweenJourneys(v1::ConversationState state);

v1::Conversation ToProto(const Conversation& conversation);

// All but the state, as the fields of a Redis hash, and back; what does not parse is left out.
using Fields = std::map<std::string, std::string>;
Fields ToFields(const Conversation& conversation);
Conversation FromFields(int64_t user_id, const std::string& state, const Fields& fields);

}  // namespace selfology::coaching_dialog
