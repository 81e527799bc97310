// The people, messages and pressed buttons that chats are made of, and their JSON: Telegram's own
// for the bot, and the same with a little more for the chat page and the file ("deleted",
// "reply_keyboard"...).
//
// Times are whole Unix seconds, as Telegram's are. Plain values.
// Sources: https://core.telegram.org/bots/api#user, #chat, #message, #callbackquery.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "tools/telegram_emulator/json.h"
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

struct Message {
  int64_t id = 0;
  int64_t user_id = 0;  // Whose chat it is in.
  bool from_bot = false;
  int64_t date = 0;
  int64_t edit_date = 0;  // 0: never edited.
  std::string text = {};
  std::vector<Entity> entities = {};
  Json markup = {};         // Checked by ParseKeyboard; null: none.
  int64_t reply_to_id = 0;  // 0: no reply.
  bool silent = false;      // Sent without a sound.
  bool deleted = false;

  Json ToFullJson() const;
  static Message FromFullJson(const Json& json);
};

// The same as the Bot API shows it. `replied`: what it replies to, or null.
Json ToBotApiJson(const Message& message, const User& user, const Bot& bot, const Message* replied);

// A press of an inline button, until the bot answers it.
struct CallbackQuery {
  std::string id;
  int64_t user_id = 0;
  int64_t message_id = 0;
  std::string data;
  int64_t date = 0;
  bool answered = false;
  std::string answer_text = {};  // Shown to the person; may be empty.
  bool show_alert = false;       // As a window that must be closed.

  Json ToFullJson() const;
  static CallbackQuery FromFullJson(const Json& json);
};

}  // namespace selfology::telegram_emulator
