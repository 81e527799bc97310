// A Telegram update, read from JSON that may hold anything: Telegram adds fields and kinds at will,
// so whatever is missing, mistyped or new leaves its field empty and never fails the rest.
//
//   absl::StatusOr<Update> update = ParseUpdate(json);          // fails only without an update_id
//   absl::StatusOr<std::vector<Update>> updates = ParseUpdates(response_body);
//
// Errors: INVALID_ARGUMENT; messages never quote the JSON. Threads: pure functions.
// Source: https://core.telegram.org/bots/api#update
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::telegram_gateway {

enum class UpdateKind {
  kOther,          // Of a kind the bot does not use.
  kMessage,        // Somebody wrote.
  kEditedMessage,  // Somebody changed what they wrote.
  kButton,         // Somebody pressed a button.
  kMembership,     // Somebody blocked the bot, or lets it write again.
};

// What a message holds, as far as the bot's answer depends on it. kNone: nothing that somebody
// said, as when a message is pinned.
enum class Content { kNone, kText, kPicture, kVoice, kSticker, kDocument, kOther };

struct Update {
  int64_t update_id = 0;
  UpdateKind kind = UpdateKind::kOther;
  int64_t user_id = 0;  // Who sent it; 0: nobody.
  int64_t chat_id = 0;  // Equal to user_id in a private chat; 0: none.
  bool from_bot = false;
  bool private_chat = false;
  std::string language = {};  // What the person's Telegram speaks (BCP 47); may be empty.
  Content content = Content::kNone;
  std::string text = {};         // Of a message; of a button its callback_data.
  std::string caption = {};      // Of a message: the words under what is no text.
  std::string callback_id = {};  // Of a button: what to answer.
  int64_t message_id = 0;        // The message's own; of a button: under which message.
  absl::Time sent_at = absl::InfiniteFuture();  // The message, to the second; not said: infinite.
  bool blocked = false;                         // Of a membership.
  std::string json = {};  // All of it as ParseUpdate takes it, in UTF-8 and without U+0000.
};

absl::StatusOr<Update> ParseUpdate(std::string_view json);

// The updates of a getUpdates response with "ok": true. Those without a number, which could not
// even be confirmed, are left out.
absl::StatusOr<std::vector<Update>> ParseUpdates(std::string_view response);

// The first update_id in a text that is no JSON.
std::optional<int64_t> FindUpdateId(std::string_view text);

}  // namespace selfology::telegram_gateway
