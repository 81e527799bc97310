// Input and output of the actions (onboarding_actions.h, ...) for one update.
//
// Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "common/call/call.h"
#include "common/observe/span.h"
#include "selfology/telegram/v1/dialog.pb.h"
#include "services/coaching/coaching_dialog/catalogue.h"
#include "services/coaching/coaching_dialog/conversation.h"
#include "services/coaching/coaching_dialog/messages.h"

namespace selfology::coaching_dialog {

struct Turn {
  Call call;
  int64_t user_id = 0;
  std::string key = {};  // For RPCs: the same update asks for the same thing.
  int64_t update_number = 0;
  std::string shown_question = {};  // The last one the person saw; empty: not known.
  std::string shown_policy = {};  // The version of the consent's text that they saw last, likewise.
  int64_t message_id = 0;         // Telegram's number of what they did it with; 0: not known.
  Language language = Language::kEnglish;
  // Its call's, on the trace of the person's journey.
  observe::Span span = {};
  // As it was when the update came; state UNSPECIFIED: unavailable.
  Conversation conversation = {};
};

using Reaction = v1::DialogReaction;

inline Reaction Reply(v1::DialogMessage message) {
  Reaction reaction;
  *reaction.add_messages() = std::move(message);
  return reaction;
}

inline Reaction Reply(std::string html, std::vector<v1::ButtonRow> rows = {}) {
  return Reply(Html(kind::kReply, std::move(html), std::move(rows)));
}

inline Reaction Reply(const Turn& turn, Text text) {
  return Reply(std::string(Phrase(turn.language, text)));
}

// In place of the message whose button was pressed.
inline Reaction Replace(std::string_view html) {
  Reaction reaction;
  reaction.set_replacement(std::string(html));
  return reaction;
}

// Of a button that means nothing any more.
inline Reaction Stale(const Turn& turn) {
  Reaction reaction;
  reaction.set_remove_buttons(true);
  reaction.set_notice(std::string(Phrase(turn.language, Text::kStaleButton)));
  return reaction;
}

// What the buttons of the message with this key were for is done. Empty: there is none.
inline void Spend(Reaction& reaction, std::string key) {
  if (!key.empty()) reaction.add_spent_keys(std::move(key));
}

// More will come by itself, soon.
inline Reaction ShowTyping() {
  Reaction reaction;
  reaction.set_typing(true);
  return reaction;
}

}  // namespace selfology::coaching_dialog
