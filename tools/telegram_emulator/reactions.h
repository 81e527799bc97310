// Reactions to messages: which there are, and how a channel counts them.
//
//   ASSIGN_OR_RETURN(Reactions reactions, ParseReactions(parameters.Text("reaction")));
//
// Errors: INVALID_ARGUMENT in Telegram's words. Threads: pure functions.
// Source: https://core.telegram.org/bots/api#reactiontype and below.
#pragma once

#include <cstdint>
#include <map>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "tools/telegram_emulator/json.h"
#include "tools/telegram_emulator/message.h"

namespace selfology::telegram_emulator {

// Emojis that Telegram has as reactions.
absl::Status CheckReactions(const Reactions& reactions);

// setMessageReaction's [{"type": "emoji", "emoji": "..."}]; "" is none.
absl::StatusOr<Reactions> ParseReactions(std::string_view json);

// https://core.telegram.org/bots/api#reactioncount
Json CountsJson(const std::map<int64_t, Reactions>& reactions);

}  // namespace selfology::telegram_emulator
