// What the routes of people and of groups share: reading and writing in a chat, which may be a
// person's own with the bot (chat_id 0).
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/http/server.h"
#include "tools/telegram_emulator/exchange.h"
#include "tools/telegram_emulator/json.h"

namespace selfology::telegram_emulator {

using Reply = absl::StatusOr<http::Response>;

// ?after=<message id>&from=bot&wait_ms=5000: waits until there is one.
Reply ReadMessages(Exchange& exchange, const http::Request& request, int64_t chat_id);

// {text, reply_to_message_id?, quote?} or {media: [{file_id, caption?}]}, of which several are an
// album: {"messages": [...]}.
Reply WriteMessage(Exchange& exchange, const Json& body, int64_t user_id, int64_t chat_id = 0);

// {text}
Reply CorrectMessage(Exchange& exchange, const Json& body, int64_t message_id, int64_t user_id,
                     int64_t chat_id = 0);

// {message_id, button}
Reply PressButton(Exchange& exchange, const Json& body, int64_t user_id, int64_t chat_id = 0);

// {message_id, reactions: ["..."]}
Reply ReactToMessage(Exchange& exchange, const Json& body, int64_t user_id, int64_t chat_id = 0);

}  // namespace selfology::telegram_emulator
