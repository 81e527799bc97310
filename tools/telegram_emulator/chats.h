// The private chats between people and the bot: who may write what to whom, and what the other side
// gets to know.
//
//   Chats chats({.bot = {.id = 42}}, &updates, &changes);
//   ASSIGN_OR_RETURN(User ann, chats.AddUser({.first_name = "Ann", .language_code = "en"}));
//   // An update for the bot.
//   ASSIGN_OR_RETURN(Message start, chats.UserSends(ann.id, "/start", {}, now));
//   ASSIGN_OR_RETURN(Message hello, chats.BotSends(ann.id, {.text = ...}, now));
//   ASSIGN_OR_RETURN(CallbackQuery press, chats.UserPresses(ann.id, hello.id, "Yes", now));
//
// Errors: INVALID_ARGUMENT is Telegram's "Bad Request: " and PERMISSION_DENIED its "Forbidden: ",
// both in its words; NOT_FOUND and FAILED_PRECONDITION tell a person's program that there is no
// such user, message or button. A pure core: not thread-safe, time is passed in. It remembers the
// latest kMostMessages of each chat.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tools/telegram_emulator/change_log.h"
#include "tools/telegram_emulator/message.h"
#include "tools/telegram_emulator/update_queue.h"

namespace selfology::telegram_emulator {

// How long the bot has to answer a press. Telegram does not say; answers after some half a minute
// have been refused.
inline constexpr absl::Duration kCallbackQueryLifetime = absl::Seconds(60);
// https://core.telegram.org/bots/api#deletemessage
inline constexpr absl::Duration kDeletableFor = absl::Hours(48);

// What is remembered, so that an emulator that runs for months stays small.
inline constexpr size_t kMostMessages = 5000;    // Of each chat.
inline constexpr size_t kMostCallbacks = 10000;  // Of all chats.

// What the bot wants to send, or an old message to become.
struct Draft {
  FormattedText text = {};
  Json markup = {};         // From ParseKeyboard.
  int64_t reply_to_id = 0;  // 0: no reply.
  bool allow_without_reply = false;
  bool silent = false;
};

class Chats {
 public:
  // Both outlive the chats.
  Chats(Bot bot, UpdateQueue* updates, ChangeLog* changes);

  // Of id 0 gets a free one. ALREADY_EXISTS; INVALID_ARGUMENT without a first name.
  absl::StatusOr<User> AddUser(User user);
  absl::StatusOr<Message> UserSends(int64_t user_id, std::string_view text, int64_t reply_to_id,
                                    absl::Time now);
  absl::StatusOr<Message> UserEdits(int64_t user_id, int64_t message_id, std::string_view text,
                                    absl::Time now);
  // By the button's label or its callback_data.
  absl::StatusOr<CallbackQuery> UserPresses(int64_t user_id, int64_t message_id,
                                            std::string_view button, absl::Time now);
  absl::Status SetBlocked(int64_t user_id, bool blocked, absl::Time now);

  absl::StatusOr<Message> BotSends(int64_t chat_id, Draft draft, absl::Time now);
  absl::StatusOr<Message> BotEdits(int64_t chat_id, int64_t message_id, Draft draft,
                                   absl::Time now);
  absl::StatusOr<Message> BotEditsMarkup(int64_t chat_id, int64_t message_id, Json markup,
                                         absl::Time now);
  absl::Status BotDeletes(int64_t chat_id, int64_t message_id, absl::Time now);
  absl::Status BotAnswers(std::string_view callback_query_id, std::string_view text,
                          bool show_alert, absl::Time now);
  // "typing", shown for 5 s or until the bot's next message.
  absl::Status BotActs(int64_t chat_id, std::string_view action, absl::Time now);

  // INVALID_ARGUMENT "chat not found": also for people who never wrote to the bot.
  absl::StatusOr<User> ChatForBot(int64_t chat_id) const;
  Json MessageForBot(const Message& message) const;

  const Bot& bot() const { return bot_; }
  void set_bot_id(int64_t id) { bot_.id = id; }
  const User* FindUser(int64_t id) const;
  const CallbackQuery* FindCallback(std::string_view id) const;
  const std::map<int64_t, User>& users() const { return users_; }
  // Of one chat, the oldest first, deleted ones too.
  std::vector<Message> Messages(int64_t user_id) const;

  // Applies a change told before: kinds "user", "message", "callback".
  void Restore(std::string_view kind, const Json& value);

 private:
  absl::StatusOr<User*> Writer(int64_t user_id);
  // The chat, if the bot may write there.
  absl::StatusOr<User*> Reachable(int64_t chat_id);
  absl::StatusOr<Message*> Editable(int64_t chat_id, int64_t message_id);
  Message* FindMessage(int64_t chat_id, int64_t message_id);
  const Message* FindMessage(int64_t chat_id, int64_t message_id) const;
  Message& Add(Message message);
  Message& Remember(const Message& message);
  void Remember(const CallbackQuery& query);
  void Changed(const Message& message);
  void Changed(const User& user);

  Bot bot_;
  UpdateQueue& updates_;
  ChangeLog& changes_;
  std::map<int64_t, User> users_;
  // By user, then by id; ids count, as in Telegram, over all private chats of the bot.
  std::map<int64_t, std::map<int64_t, Message>> messages_;
  std::map<std::string, CallbackQuery, std::less<>> callbacks_;
  int64_t next_user_id_;
  int64_t next_message_id_ = 1;
  int64_t next_callback_id_;
};

}  // namespace selfology::telegram_emulator
