#include "services/coaching/coaching_dialog/goal.h"

namespace selfology::coaching_dialog {

Goal GoalOf(v1::ConversationState state) {
  switch (state) {
    case v1::CONVERSATION_STATE_NEW_USER:
    case v1::CONVERSATION_STATE_GDPR_PENDING:
      return Goal::kConsent;
    case v1::CONVERSATION_STATE_ONBOARDING_ACTIVE:
    case v1::CONVERSATION_STATE_WAITING_FOR_ANSWER:
    case v1::CONVERSATION_STATE_PROCESSING_ANSWER:
      return Goal::kAnswer;
    case v1::CONVERSATION_STATE_ONBOARDING_PAUSED:
      return Goal::kPausedSession;
    case v1::CONVERSATION_STATE_ONBOARDING_COMPLETE:
    case v1::CONVERSATION_STATE_CHAT_ACTIVE:
      return Goal::kCoach;
    case v1::CONVERSATION_STATE_CHAT_PAUSED:
      return Goal::kPausedChat;
    default:
      return Goal::kUnknown;
  }
}

std::string_view MenuOf(v1::ConversationState state) {
  switch (GoalOf(state)) {
    case Goal::kConsent:
      return menu::kWelcome;
    case Goal::kAnswer:
      return menu::kQuestions;
    case Goal::kPausedSession:
    case Goal::kPausedChat:
      return menu::kPaused;
    case Goal::kCoach:
      return menu::kChat;
    case Goal::kUnknown:
      break;
  }
  return "";
}

}  // namespace selfology::coaching_dialog
