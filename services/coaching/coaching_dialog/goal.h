// Where a person's words go, by where their conversation stands.
//
//   switch (GoalOf(conversation.state)) { case Goal::kAnswer: ... }
//
// Threads: a pure function.
#pragma once

#include "selfology/telegram/v1/telegram.pb.h"

namespace selfology::coaching_dialog {

namespace v1 = ::selfology::telegram::v1;

enum class Goal {
  kConsent,        // Nothing begun: ask for consent, or say how to begin.
  kAnswer,         // To the question that waits.
  kPausedSession,  // Nowhere before /resume.
  kCoach,          // To the coach.
  kPausedChat,     // Nowhere before /resume.
  kUnknown,        // The state is not known.
};
Goal GoalOf(v1::ConversationState state);

}  // namespace selfology::coaching_dialog
