// The cached state of a conversation, and its changes. Only a cache: it can be determined anew from
// the services that own the facts (StateOf) and from this service's tables
// (coaching_dialog_store.h).
//
//   Conversation conversation = Rebuild(onboarding, chat);
//   AskQuestion(conversation, event);                       // state: waiting_for_answer
//
// Threads: values and pure functions. Requirements: R000-18, R001-12.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "common/observe/trace.h"
#include "selfology/coach/v1/coach.pb.h"
#include "selfology/events/v1/chat.pb.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/session/v1/session.pb.h"
#include "selfology/telegram/v1/telegram.pb.h"

namespace selfology::coaching_dialog {

namespace v1 = ::selfology::telegram::v1;

// R001-18.
inline constexpr absl::Duration kRemembered = absl::Hours(1);

struct Conversation {
  int64_t user_id = 0;
  v1::ConversationState state = v1::CONVERSATION_STATE_UNSPECIFIED;
  int64_t session_id = 0;        // 0: none is open.
  int64_t ended_session_id = 0;  // The last one that is known to be over; 0: none is.
  // The last one asked; it waits for an answer in waiting_for_answer. In onboarding_active it was
  // skipped.
  std::string question_id = {};
  // The one before it, whose answer brought it; empty: not known.
  std::string answered_question_id = {};
  // Updates with higher numbers were not given as answers; 0: not known.
  int64_t answers_until = 0;
  int64_t answer_message_id = 0;  // Telegram's number of the latest answer; 0: not known.
  int answer_length = 0;          // Its characters; 0: not known.
  std::string heavy_offer = {};   // The key of the last offer of a heavy question; empty: of none.
  std::string open_key = {};      // Of the message whose buttons are of use; empty: of none.
  int64_t conversation_id = 0;    // 0: no chat is open.
  std::string language = {};      // BCP 47; empty: not known yet.
  observe::TraceContext trace = {};  // Of the whole journey.
  absl::Time updated_at = absl::UnixEpoch();
  friend bool operator==(const Conversation&, const Conversation&) = default;
};

v1::ConversationState StateOf(const session::v1::Onboarding& onboarding, bool chat_is_open);

// Without what no owner knows (see Forget). paused_at: since when the chat is paused; a session
// that began later ends the pause.
Conversation Rebuild(const session::v1::Onboarding& onboarding,
                     const std::optional<coach::v1::Conversation>& open_chat,
                     std::optional<absl::Time> paused_at);

// Takes over what a session says: its question, if one waits, and the state that follows.
void FollowSession(Conversation& conversation, const session::v1::Session& session);
// A session that is over is remembered, so that what is told of it later changes nothing.
void NoteEnded(Conversation& conversation, const session::v1::Session& session);
// Whether another session is over or has been asked for since this one: nothing is to be said of
// its end any more.
bool HasMovedOn(const Conversation& conversation, int64_t session_id);
// False: it is not to be asked; its session is over, another has begun since, or consent was
// withdrawn.
bool AskQuestion(Conversation& conversation, const events::v1::QuestionSelected& event);
// Events may come late. Where it is in doubt what has happened since, the state is forgotten.
void CompleteSession(Conversation& conversation, int64_t session_id);
// Through with the questions.
void LeaveSession(Conversation& conversation);
void HearCoach(Conversation& conversation, const events::v1::CoachMessageReady& event);
// Somebody wants it there. `session_id`: 0: as it was.
void MoveTo(Conversation& conversation, v1::ConversationState state, int64_t session_id);
// What no owner knows stays: whose it is, its language, its trace, which updates were answers,
// whose buttons are of use.
void Forget(Conversation& conversation);

// The message with this key has the buttons from now on; empty: none has. The key of the one whose
// buttons are of no use any more; empty: of none.
std::string PassButtons(Conversation& conversation, std::string_view key);

// Whether /start in this state begins a new journey, with a trace of its own.
bool IsBetweenJourneys(v1::ConversationState state);

v1::Conversation ToProto(const Conversation& conversation);

// All but the state, as the fields of a Redis hash, and back; what does not parse is left out.
using Fields = std::map<std::string, std::string>;
Fields ToFields(const Conversation& conversation);
Conversation FromFields(int64_t user_id, const std::string& state, const Fields& fields);

}  // namespace selfology::coaching_dialog
