// What the gateway remembers about a conversation, and how it changes. A cache: all of it can be
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

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

// Spec 001: "TTL: 3600s".
inline constexpr absl::Duration kRemembered = absl::Hours(1);

struct Conversation {
  int64_t user_id = 0;
  v1::ConversationState state = v1::CONVERSATION_STATE_UNSPECIFIED;
  int64_t session_id = 0;  // 0: none is open.
  std::string question_id =
      {};                       // The last one asked; it waits for an answer in waiting_for_answer.
  int64_t conversation_id = 0;  // 0: no chat is open.
  std::string language = {};    // BCP 47; empty: not known yet.
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
void CompleteSession(Conversation& conversation);
void HearCoach(Conversation& conversation, const events::v1::CoachMessageReady& event);
// Whose it is, its language and its trace are all that stays.
void Forget(Conversation& conversation);

// Whether /start in this state begins a new journey, with a trace of its own.
bool IsBetweenJourneys(v1::ConversationState state);

v1::Conversation ToProto(const Conversation& conversation);

// All but the state, as the fields of a Redis hash, and back; what does not parse is left out.
using Fields = std::map<std::string, std::string>;
Fields ToFields(const Conversation& conversation);
Conversation FromFields(int64_t user_id, const std::string& state, const Fields& fields);

}  // namespace selfology::telegram_gateway
