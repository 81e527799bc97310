// Actions about the chat with the coach: messages, pausing, ending. As onboarding_actions.h.
#pragma once

#include <string>

#include "absl/status/statusor.h"
#include "services/coaching/coaching_dialog/conversations.h"
#include "services/coaching/coaching_dialog/peers.h"
#include "services/coaching/coaching_dialog/turn.h"

namespace selfology::coaching_dialog {

class ChatActions {
 public:
  // The references outlive it.
  ChatActions(const Peers& peers, Conversations& conversations)
      : peers_(peers), conversations_(conversations) {}

  // An error: nobody knows whether the coach has it (MayHaveHappened).
  absl::StatusOr<Reaction> Say(const Turn& turn, const std::string& text);
  Reaction Pause(const Turn& turn);
  Reaction Resume(const Turn& turn);
  Reaction Finish(const Turn& turn);

 private:
  // Ends the open conversation, if there is one, and goes on in `state`.
  Reaction End(const Turn& turn, v1::ConversationState state);
  void Become(const Turn& turn, v1::ConversationState state, int64_t conversation_id);

  const Peers& peers_;
  Conversations& conversations_;
};

}  // namespace selfology::coaching_dialog
