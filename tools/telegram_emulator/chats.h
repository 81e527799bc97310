// The chats between people and the bot, and the groups and channels that the bot may be in: who may
// write what where, and what the other side gets to know.
//
//   Chats chats({.id = 42}, &updates, &changes);
//   ASSIGN_OR_RETURN(User ann, chats.AddUser({.first_name = "Ann", .language_code = "en"}));
//   // An update for the bot.
//   ASSIGN_OR_RETURN(Message start, chats.UserSends(ann.id, "/start", 0, now));
//   ASSIGN_OR_RETURN(Message hello, chats.BotSends(ann.id, {.text = ...}, now));
//   ASSIGN_OR_RETURN(CallbackQuery press, chats.UserPresses(ann.id, hello.id, "Yes", now));
//
// A private chat has its person's id, a group or channel a negative one of its own. Errors:
// INVALID_ARGUMENT is Telegram's "Bad Request: " and PERMISSION_DENIED its "Forbidden: ", both in
// its words; NOT_FOUND and FAILED_PRECONDITION tell a person's program that there is no such user,
// message or button. A pure core: not thread-safe, time is passed in. It remembers the latest
// kMostMessages of each chat.
//
// Otherwise than Telegram: everybody may read and write in every group, and only a channel's owner
// in the channel; a channel's reactions are counted at once, not minutes later.
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
#include "tools/telegram_emulator/pressed_keyboards.h"
#include "tools/telegram_emulator/update_queue.h"

namespace selfology::telegram_emulator {

// How long the bot has to answer a press. Telegram does not say; answers after some half a minute
// have been refused.
inline constexpr absl::Duration kCallbackQueryLifetime = absl::Seconds(60);
// https://core.telegram.org/bots/api#deletemessage
inline constexpr absl::Duration kDeletableFor = absl::Hours(48);
// https://core.telegram.org/bots/api#sendmediagroup
inline constexpr size_t kMostInAlbum = 10;

// What is remembered, so that an emulator that runs for months stays small.
inline constexpr size_t kMostMessages = 5000;    // Of each chat.
inline constexpr size_t kMostCallbacks = 10000;  // Of all chats.

// What somebody wants to send, or an old message to become.
struct Draft {
  FormattedText text = {};  // The caption, where there is media.
  Json markup = {};         // From ParseKeyboard.
  int64_t reply_to_id = 0;  // 0: no reply.
  bool allow_without_reply = false;
  bool silent = false;
  Media media = {};
  std::string quote = {};  // Of the message replied to; empty: none.
};

class Chats {
 public:
  // Both outlive the chats.
  Chats(Bot bot, UpdateQueue* updates, ChangeLog* changes);

  // What people do (chats_people.cc). chat_id 0: in their own chat with the bot.

  // Of id 0 gets a free one. ALREADY_EXISTS; INVALID_ARGUMENT without a first name.
  absl::StatusOr<User> AddUser(User user);
  absl::StatusOr<Message> UserSends(int64_t user_id, std::string_view text, int64_t reply_to_id,
                                    absl::Time now, int64_t chat_id = 0);
  // Several: an album.
  absl::StatusOr<std::vector<Message>> UserSends(int64_t user_id, std::vector<Draft> drafts,
                                                 absl::Time now, int64_t chat_id = 0);
  absl::StatusOr<Message> UserEdits(int64_t user_id, int64_t message_id, std::string_view text,
                                    absl::Time now, int64_t chat_id = 0);
  // By the button's label or its callback_data.
  absl::StatusOr<CallbackQuery> UserPresses(int64_t user_id, int64_t message_id,
                                            std::string_view button, absl::Time now,
                                            int64_t chat_id = 0);
  // In place of the person's earlier reactions to it; none: takes them away.
  absl::StatusOr<Message> UserReacts(int64_t user_id, int64_t message_id, Reactions reactions,
                                     absl::Time now, int64_t chat_id = 0);
  absl::Status SetBlocked(int64_t user_id, bool blocked, absl::Time now);

  // A "supergroup" or "channel" of this owner, without the bot.
  absl::StatusOr<Group> AddGroup(Group group);
  // "member", "administrator", "left" or "kicked", as the owner wishes.
  absl::StatusOr<Group> SetBotStatus(int64_t chat_id, std::string_view status, bool may_post,
                                     absl::Time now);

  // What the bot does (chats_bot.cc).

  absl::StatusOr<Message> BotSends(int64_t chat_id, Draft draft, absl::Time now);
  absl::StatusOr<std::vector<Message>> BotSendsAlbum(int64_t chat_id, std::vector<Draft> drafts,
                                                     absl::Time now);
  absl::StatusOr<Message> BotEdits(int64_t chat_id, int64_t message_id, Draft draft,
                                   absl::Time now);
  absl::StatusOr<Message> BotEditsCaption(int64_t chat_id, int64_t message_id, Draft draft,
                                          absl::Time now);
  absl::StatusOr<Message> BotEditsMarkup(int64_t chat_id, int64_t message_id, Json markup,
                                         absl::Time now);
  absl::Status BotDeletes(int64_t chat_id, int64_t message_id, absl::Time now);
  // Leaves out what is not there; changes nothing if one may not be deleted.
  absl::Status BotDeletes(int64_t chat_id, const std::vector<int64_t>& message_ids, absl::Time now);
  absl::Status BotReacts(int64_t chat_id, int64_t message_id, Reactions reactions);
  absl::Status BotAnswers(std::string_view callback_query_id, std::string_view text,
                          bool show_alert, absl::Time now);
  // "typing", shown for 5 s or until the bot's next message.
  absl::Status BotActs(int64_t chat_id, std::string_view action, absl::Time now);
  absl::Status BotLeaves(int64_t chat_id, absl::Time now);

  // The chat as the bot may see it. INVALID_ARGUMENT "chat not found": also for people who never
  // wrote to the bot; PERMISSION_DENIED: a group that it is not in.
  absl::StatusOr<Json> ChatForBot(int64_t chat_id) const;
  // Of "@name"; 0: there is none.
  int64_t ChatNamed(std::string_view name) const;
  Json MessageForBot(const Message& message) const;

  const Bot& bot() const { return bot_; }
  void SetBot(Bot bot);
  const User* FindUser(int64_t id) const;
  const Group* FindGroup(int64_t id) const;
  const CallbackQuery* FindCallback(std::string_view id) const;
  const std::map<int64_t, User>& users() const { return users_; }
  const std::map<int64_t, Group>& groups() const { return groups_; }
  // Of one chat by id, the oldest first, deleted ones too.
  const std::map<int64_t, Message>& Chat(int64_t chat_id) const;
  std::vector<Message> Messages(int64_t chat_id) const;  // The same.
  const PressedKeyboards& pressed_keyboards() const { return pressed_keyboards_; }

  // Applies a change told before: kinds "bot", "user", "group", "message", "callback".
  void Restore(std::string_view kind, const Json& value);

 private:
  absl::StatusOr<User*> Writer(int64_t user_id);
  // Whether a person may write in this chat, which may be their own.
  absl::Status MayWrite(int64_t user_id, int64_t chat_id);
  bool BotReads(const Message& message) const;
  void Tell(std::string_view kind, const Message& message, absl::Time now);
  void TellMember(const Json& chat, const Json& from, Json before, Json after, absl::Time now);

  absl::Status Reachable(int64_t chat_id) const;
  absl::Status Fill(const Draft& draft, Message& message) const;
  absl::StatusOr<Message*> Editable(int64_t chat_id, int64_t message_id);
  absl::StatusOr<Message> Change(Message& message, Draft draft, absl::Time now);
  absl::Status Deletable(const Message& message, absl::Time now) const;

  Json ChatJson(int64_t chat_id) const;
  Message* FindMessage(int64_t chat_id, int64_t message_id);
  const Message* FindMessage(int64_t chat_id, int64_t message_id) const;
  Message& Add(Message message);
  Message& Remember(const Message& message);
  void Remember(const CallbackQuery& query);
  int64_t NextMessageId(int64_t chat_id);
  std::string NextAlbum();
  void Changed(const Message& message);
  void Changed(const User& user);
  void Changed(const Group& group);

  Bot bot_;
  UpdateQueue& updates_;
  ChangeLog& changes_;
  std::map<int64_t, User> users_;
  std::map<int64_t, Group> groups_;
  // By chat, then by id; ids count, as in Telegram, over all private chats of the bot, but begin
  // anew in each group and channel.
  std::map<int64_t, std::map<int64_t, Message>> messages_;
  std::map<int64_t, int64_t> last_message_ids_;  // By group.
  std::map<std::string, CallbackQuery, std::less<>> callbacks_;
  PressedKeyboards pressed_keyboards_;
  int64_t next_user_id_;
  int64_t next_group_id_;  // Downwards.
  int64_t next_message_id_ = 1;
  int64_t next_album_;
  int64_t next_callback_id_;
};

}  // namespace selfology::telegram_emulator
