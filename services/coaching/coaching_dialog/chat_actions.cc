#include "services/coaching/coaching_dialog/chat_actions.h"

#include "common/text/text.h"
#include "services/coaching/coaching_dialog/texts.h"

namespace selfology::coaching_dialog {

absl::StatusOr<Reaction> ChatActions::Say(const Turn& turn, const std::string& text) {
  coach::v1::SendMessageRequest request;
  request.set_user_id(turn.user_id);
  request.set_idempotency_key(turn.key);
  request.set_message_text(text);
  request.set_language(std::string(TagOf(turn.language)));
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.coach.SendMessage(once, request); });
  if (MayHaveHappened(response.status())) return response.status();
  if (!response.ok()) {
    return Reply(
        texts::Failure(turn.language, response.status(), text::Characters(text::Trim(text))));
  }
  Become(turn, v1::CONVERSATION_STATE_CHAT_ACTIVE, response->message().conversation_id());
  return ShowTyping();
}

Reaction ChatActions::Pause(const Turn& turn) {
  if (turn.conversation.state != v1::CONVERSATION_STATE_CHAT_ACTIVE) {
    return Reply(turn, Text::kNothingToPause);
  }
  return End(turn, v1::CONVERSATION_STATE_CHAT_PAUSED, Text::kChatPaused);
}

Reaction ChatActions::Resume(const Turn& turn) {
  Become(turn, v1::CONVERSATION_STATE_CHAT_ACTIVE, 0);
  return Reply(turn, Text::kChatResumed);
}

Reaction ChatActions::Finish(const Turn& turn) {
  if (turn.conversation.state == v1::CONVERSATION_STATE_ONBOARDING_COMPLETE) {
    return Reply(turn, Text::kNothingToFinish);
  }
  return End(turn, v1::CONVERSATION_STATE_ONBOARDING_COMPLETE, Text::kChatEnded);
}

Reaction ChatActions::End(const Turn& turn, v1::ConversationState state, Text text) {
  coach::v1::EndConversationRequest request;
  request.set_user_id(turn.user_id);
  request.set_reason(coach::v1::END_REASON_REQUESTED);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.coach.EndConversation(once, request); });
  // Not found: it has ended by itself meanwhile.
  if (!response.ok() && !absl::IsNotFound(response.status())) {
    return Reply(texts::Failure(turn.language, response.status()));
  }
  Become(turn, state, 0);
  return Reply(turn, text);
}

void ChatActions::Become(const Turn& turn, v1::ConversationState state, int64_t conversation_id) {
  conversations_.Change(turn.call, turn.user_id, [&](Conversation& c) {
    // Unless another session has begun meanwhile.
    if (!IsBetweenJourneys(c.state)) return;
    c.state = state;
    c.conversation_id = conversation_id;
  });
}

}  // namespace selfology::coaching_dialog
