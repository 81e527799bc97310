// The reply_markup of a message: buttons under it, a keyboard instead of the person's own, or the
// order to put that away. Kept as Telegram's JSON, once checked.
//
//   ASSIGN_OR_RETURN(
//       Json markup,
//       ParseKeyboard(R"({"inline_keyboard": [[{"text": "Yes", "callback_data": "yes"}]]})"));
//   const Json* button = FindButton(markup, "Yes");
//
// Errors: INVALID_ARGUMENT in Telegram's words. Threads: pure functions.
// Source: https://core.telegram.org/bots/api#inlinekeyboardmarkup and below.
#pragma once

#include <string_view>

#include "absl/status/statusor.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

inline constexpr int kMaxCallbackDataBytes = 64;

// "" and markups that ask for nothing give null.
absl::StatusOr<Json> ParseKeyboard(std::string_view json);

// With buttons under the message; these alone are part of the message that the Bot API returns.
bool IsInline(const Json& markup);

// The first inline button with this label or, failing that, this callback_data; null: none.
const Json* FindButton(const Json& markup, std::string_view label_or_data);

}  // namespace selfology::telegram_emulator
