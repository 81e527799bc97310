// One update on its way to an answer: what the actions (onboarding_actions.h, ...) are given, and
// what they give.
//
// Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/call/call.h"
#include "services/edge/telegram_gateway/catalogue.h"
#include "services/edge/telegram_gateway/conversation.h"
#include "services/edge/telegram_gateway/outgoing.h"

namespace selfology::telegram_gateway {

struct Turn {
  Call call;
  int64_t update_id = 0;
  int64_t user_id = 0;
  Language language = Language::kEnglish;
  // As it was when the update came; state UNSPECIFIED: unavailable.
  Conversation conversation;

  // For RPCs: the same update asks for the same thing.
  std::string key() const { return absl::StrCat("tg:", update_id); }
};

struct Reaction {
  std::vector<v1::SendMessageRequest> replies = {};
  std::string in_place = {};  // HTML that takes the place of the message whose button was pressed.
  bool remove_buttons = false;  // From that message.
  std::string notice = {};      // Shown over the chat for a moment.
  bool typing = false;          // Something will come by itself, soon.
  bool silence = false;         // The person wants nothing more of what waits to be sent.
};

inline Reaction Reply(v1::SendMessageRequest body) {
  Reaction reaction;
  reaction.replies.push_back(std::move(body));
  return reaction;
}

inline Reaction Reply(std::string html, std::vector<v1::ButtonRow> rows = {}) {
  return Reply(Html(std::move(html), std::move(rows)));
}

inline Reaction Reply(const Turn& turn, Text text) {
  return Reply(std::string(Phrase(turn.language, text)));
}

}  // namespace selfology::telegram_gateway
