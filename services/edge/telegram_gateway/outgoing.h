// A message for a person, on its way from what caused it to Telegram.
//
//   Outgoing message{.user_id = user, .key = "event:0199...", .kind = Kind::kQuestion};
//   message.body.set_message_text(texts::Question(...));
//
// Plain values.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/telegram/v1/telegram.pb.h"
#include "selfology/telegram/v1/telegram_gateway_service.pb.h"

namespace selfology::telegram_gateway {

namespace v1 = ::selfology::telegram::v1;

enum class Kind {
  kReply,  // To a command, a button, an error.
  kQuestion,
  kFeedback,    // The quick look at an answer.
  kCompletion,  // Of a session.
  kCoach,
  kInsight,
  kNotice,     // For instance that the person writes too fast.
  kRequested,  // By another service.
};

std::string_view WordOf(Kind kind);
Kind KindOf(std::string_view word);  // kRequested for words not known.

// Whether a message that may have been sent is sent again rather than perhaps never: a question
// must arrive, a second "that was interesting" only puzzles.
bool IsEssential(Kind kind);

// After how long a message is not worth sending any more.
absl::Duration ShelfLife(Kind kind);

struct Outgoing {
  int64_t user_id = 0;
  std::string key = {};  // Of one user's messages with the same key only the first is sent.
  Kind kind = Kind::kReply;
  v1::SendMessageRequest body = {};  // Text, format, buttons, silence; the rest is not used.
  std::string traceparent = {};
};

// Buttons side by side, each a label with its callback_data.
using ButtonLabels = std::vector<std::pair<std::string_view, std::string>>;
v1::ButtonRow Row(const ButtonLabels& buttons);

// The body of a message in HTML.
v1::SendMessageRequest Html(std::string text, std::vector<v1::ButtonRow> rows = {});
v1::SendMessageRequest Plain(std::string text);

// The pieces that a body is sent in: one, unless it is too long for Telegram. Its buttons belong to
// the last.
std::vector<std::string> PiecesOf(const v1::SendMessageRequest& body);

}  // namespace selfology::telegram_gateway
