#include "services/coaching/coaching_dialog/chat_actions.h"

#include "common/text/text.h"
#include "services/coaching/coaching_dialog/cards.h"
#include "services/coaching/coaching_dialog/goal.h"
#include "services/coaching/coaching_dialog/messages.h"
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
  // In danger, without consent: nothing was stored, and no reply will come.
  if (!response->help().empty()) return Reply(Plain(kind::kCoach, response->help()));
  Become(turn, v1::CONVERSATION_STATE_CHAT_ACTIVE, response->message().conversation_id());
  Reaction reaction = ShowTyping();
  reaction.set_question(v1::DIALOG_QUESTION_NONE);
  if (turn.conversation.state != v1::CONVERSATION_STATE_CHAT_ACTIVE) {
    reaction.set_menu(std::string(menu::kChat));
  }
  return reaction;
}

Reaction ChatActions::Pause(const Turn& turn) {
  const bool is_paused = turn.conversation.state == v1::CONVERSATION_STATE_CHAT_PAUSED;
  if (is_paused) return ShowCard(conversations_, turn, PausedChatCard(turn));
  return End(turn, v1::CONVERSATION_STATE_CHAT_PAUSED);
}

Reaction ChatActions::Resume(const Turn& turn) {
  if (const absl::Status resumed = conversations_.ResumeChat(turn.call, turn.user_id);
      !resumed.ok()) {
    return Reply(texts::Failure(turn.language, resumed));
  }
  Become(turn, v1::CONVERSATION_STATE_CHAT_ACTIVE, 0);
  Reaction reaction = Reply(turn, Text::kChatResumed);
  SpendButtons(conversations_, turn, reaction);
  reaction.set_menu(std::string(menu::kChat));
  reaction.set_remove_buttons(true);
  return reaction;
}

Reaction ChatActions::Finish(const Turn& turn) {
  if (turn.conversation.state == v1::CONVERSATION_STATE_ONBOARDING_COMPLETE) {
    return Reply(turn, Text::kNoTalkToFinish);
  }
  return End(turn, v1::CONVERSATION_STATE_ONBOARDING_COMPLETE);
}

Reaction ChatActions::End(const Turn& turn, v1::ConversationState state) {
  const bool pauses = state == v1::CONVERSATION_STATE_CHAT_PAUSED;
  coach::v1::EndConversationRequest request;
  request.set_user_id(turn.user_id);
  request.set_reason(coach::v1::END_REASON_REQUESTED);
  const auto response = Patiently(
      turn.call, [&](const Call& once) { return peers_.coach.EndConversation(once, request); });
  // Not found: it has ended by itself meanwhile.
  if (!response.ok() && !absl::IsNotFound(response.status())) {
    return Reply(texts::Failure(turn.language, response.status()));
  }
  const absl::Status kept = pauses ? conversations_.PauseChat(turn.call, turn.user_id)
                                   : conversations_.ResumeChat(turn.call, turn.user_id);
  if (!kept.ok()) return Reply(texts::Failure(turn.language, kept));
  Become(turn, state, 0);
  Reaction reaction =
      pauses ? ShowCard(conversations_, turn, PausedChatCard(turn)) : Reply(turn, Text::kChatEnded);
  if (!pauses) SpendButtons(conversations_, turn, reaction);
  reaction.set_menu(std::string(MenuOf(state)));
  return reaction;
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
