// The people, groups, messages and pressed buttons that chats are made of, and their JSON:
// Telegram's own for the bot, and the same with a little more for the chat page and the file
// ("deleted", "reply_keyboard"...).
//
// Times are whole Unix seconds, as Telegram's are. Plain values.
// Sources: https://core.telegram.org/bots/api#user, #chat, #message, #callbackquery,
// #chatmemberupdated.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "tools/telegram_emulator/json.h"
#include "tools/telegram_emulator/media.h"
#include "tools/telegram_emulator/text.h"

namespace selfology::telegram_emulator {

// A person with a Telegram account. The id is also that of the private chat with the bot.
struct User {
  int64_t id = 0;
  std::string first_name = {};
  std::string last_name = {};
  std::string username = {};
  std::string language_code = {};  // "en", "ru"
  bool started = false;  // Wrote to the bot at least once; before that it may not write either.
  bool blocked = false;  // Wants nothing more from the bot.

  Json ToJson() const;      // https://core.telegram.org/bots/api#user
  Json ToChatJson() const;  // https://core.telegram.org/bots/api#chat
  Json ToFullJson() const;
  static User FromFullJson(const Json& json);
};

// The bot, as people see it.
struct Bot {
  int64_t id = 0;
  std::string first_name = "Selfology";
  std::string username = "selfology_bot";

  Json ToJson() const;
};

// A group or channel, and what the bot is in it.
struct Group {
  int64_t id = 0;         // Negative, beyond 32 bits.
  std::string type = {};  // "supergroup", "channel"
  std::string title = {};
  std::string username = {};        // Empty: it is private.
  int64_t owner_id = 0;             // The person who made it.
  std::string bot_status = "left";  // "left", "member", "administrator", "kicked"
  bool bot_may_post = true;         // As a channel's administrator.
  bool bot_was_in = false;          // At least once: the bot knows that it exists.

  bool is_channel() const { return type == "channel"; }
  Json ToChatJson() const;
  // The bot as a member: https://core.telegram.org/bots/api#chatmember
  Json MemberJson(const Bot& bot) const;
  Json ToFullJson() const;
  static Group FromFullJson(const Json& json);
};

// The reactions of one person, or of the bot, to one message: emojis.
using Reactions = std::vector<std::string>;

struct Message {
  int64_t id = 0;
  int64_t user_id = 0;  // Whose chat it is in; in a group or channel, its id.
  bool from_bot = false;
  int64_t date = 0;
  int64_t edit_date = 0;  // 0: never edited.
  std::string text = {};  // The caption, where there is media.
  std::vector<Entity> entities = {};
  Json markup = {};         // Checked by ParseKeyboard; null: none.
  int64_t reply_to_id = 0;  // 0: no reply.
  bool silent = false;      // Sent without a sound.
  bool deleted = false;
  int64_t from_id = 0;  // Who wrote it in a group or channel; 0: the bot, or whose chat it is.
  Media media = {};
  std::string album = {};                       // Messages with the same belong together.
  std::string quote = {};                       // Of the message replied to.
  int quote_position = 0;                       // UTF-16 units.
  std::map<int64_t, Reactions> reactions = {};  // By person; 0: the bot's.
  bool is_join = false;                         // Says only that the bot was added to the group.

  Json ToFullJson() const;
  static Message FromFullJson(const Json& json);
};

// Whom a message is shown to be in and from.
struct Setting {
  Json chat = {};
  Json from = {};     // Null: from the channel itself.
  Json bot = {};      // The bot as a user.
  Json replied = {};  // The message it replies to; null: none.
};

// The message as the Bot API shows it.
Json ToBotApiJson(const Message& message, const Setting& setting);

// [{"type": "emoji", "emoji": "..."}]
Json ReactionsJson(const Reactions& reactions);

// A press of an inline button, until the bot answers it.
struct CallbackQuery {
  std::string id = {};
  int64_t user_id = 0;
  int64_t message_id = 0;
  std::string data = {};
  int64_t date = 0;
  bool answered = false;
  std::string answer_text = {};  // Shown to the person; may be empty.
  bool show_alert = false;       // As a window that must be closed.
  int64_t chat_id = 0;           // 0: the person's own chat.

  Json ToFullJson() const;
  static CallbackQuery FromFullJson(const Json& json);
};

}  // namespace selfology::telegram_emulator
