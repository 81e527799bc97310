// Decides by the state of the conversation where a person's words go, and which commands are
// offered.
//
//   switch (GoalOf(conversation.state)) { case Goal::kAnswer: ... }
//   reaction.set_menu(std::string(MenuOf(conversation.state)));
//
// Threads: pure functions.
#pragma once

#include <string_view>

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

// DialogCommand.menus.
namespace menu {
inline constexpr std::string_view kWelcome = "welcome";  // Before consent.
inline constexpr std::string_view kQuestions = "questions";
inline constexpr std::string_view kPaused = "paused";  // The questions or the chat.
inline constexpr std::string_view kChat = "chat";
}  // namespace menu

// One of these; empty while the state is not known.
std::string_view MenuOf(v1::ConversationState state);

}  // namespace selfology::coaching_dialog
