#include "tools/telegram_emulator/chats.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/keyboard.h"

namespace selfology::telegram_emulator {
namespace {

// Beyond 32 bits, as new accounts' are: a bot that cuts them off shows it.
constexpr int64_t kFirstUserId = 7'000'000'001;
// Likewise 64-bit numbers in a string.
constexpr int64_t kFirstCallbackId = 4'000'000'000'000'000'001;

absl::Status NoUser() { return absl::NotFoundError("no such user"); }
absl::Status NoMessage() { return absl::NotFoundError("no such message in this chat"); }

int64_t Seconds(absl::Time time) { return absl::ToUnixSeconds(time); }

// Strings in Telegram's chat_member updates.
std::string MemberStatus(bool blocked) { return blocked ? "kicked" : "member"; }

}  // namespace

Chats::Chats(Bot bot, UpdateQueue* updates, ChangeLog* changes)
    : bot_(std::move(bot)),
      updates_(*updates),
      changes_(*changes),
      next_user_id_(kFirstUserId),
      next_callback_id_(kFirstCallbackId) {}

absl::StatusOr<User> Chats::AddUser(User user) {
  if (user.first_name.empty()) return absl::InvalidArgumentError("first_name must not be empty");
  for (const std::string* text :
       {&user.first_name, &user.last_name, &user.username, &user.language_code}) {
    if (!IsUtf8(*text)) return absl::InvalidArgumentError("strings must be encoded in UTF-8");
  }
  if (user.id < 0) return absl::InvalidArgumentError("id must be positive");
  if (user.id == 0) user.id = next_user_id_;
  if (users_.contains(user.id)) return absl::AlreadyExistsError("there is a user of this id");
  next_user_id_ = std::max(next_user_id_, user.id + 1);
  users_[user.id] = user;
  Changed(user);
  return user;
}

absl::StatusOr<User*> Chats::Writer(int64_t user_id) {
  const auto found = users_.find(user_id);
  if (found == users_.end()) return NoUser();
  if (found->second.blocked) return absl::FailedPreconditionError("the user has blocked the bot");
  return &found->second;
}

absl::StatusOr<Message> Chats::UserSends(int64_t user_id, std::string_view text,
                                         int64_t reply_to_id, absl::Time now) {
  ASSIGN_OR_RETURN(User* const user, Writer(user_id));
  ASSIGN_OR_RETURN(FormattedText plain, PlainText(text));
  const Message* const replied = reply_to_id == 0 ? nullptr : FindMessage(user_id, reply_to_id);
  if (reply_to_id != 0 && replied == nullptr) return NoMessage();
  if (!user->started) {
    user->started = true;
    Changed(*user);
  }
  const Message& message = Add({.user_id = user_id,
                                .date = Seconds(now),
                                .text = std::move(plain.text),
                                .entities = std::move(plain.entities),
                                .reply_to_id = reply_to_id});
  updates_.Add("message", MessageForBot(message), now);
  return message;
}

absl::StatusOr<Message> Chats::UserEdits(int64_t user_id, int64_t message_id, std::string_view text,
                                         absl::Time now) {
  RETURN_IF_ERROR(Writer(user_id));
  Message* const message = FindMessage(user_id, message_id);
  if (message == nullptr || message->from_bot) return NoMessage();
  ASSIGN_OR_RETURN(FormattedText plain, PlainText(text));
  message->text = std::move(plain.text);
  message->entities = std::move(plain.entities);
  message->edit_date = Seconds(now);
  Changed(*message);
  updates_.Add("edited_message", MessageForBot(*message), now);
  return *message;
}

absl::StatusOr<CallbackQuery> Chats::UserPresses(int64_t user_id, int64_t message_id,
                                                 std::string_view button, absl::Time now) {
  ASSIGN_OR_RETURN(const User* const user, Writer(user_id));
  const Message* const message = FindMessage(user_id, message_id);
  if (message == nullptr) return NoMessage();
  const Json* const found = FindButton(message->markup, button);
  if (found == nullptr) return absl::NotFoundError("no such button under this message");
  CallbackQuery query{.id = absl::StrCat(next_callback_id_++),
                      .user_id = user_id,
                      .message_id = message_id,
                      .data = StringOr(*found, "callback_data"),
                      .date = Seconds(now)};
  if (query.data.empty()) return absl::FailedPreconditionError("this button does not call the bot");
  Remember(query);
  changes_.Add("callback", user_id, query.ToFullJson());
  updates_.Add("callback_query",
               {{"id", query.id},
                {"from", user->ToJson()},
                {"message", MessageForBot(*message)},
                {"chat_instance", absl::StrCat(user_id)},
                {"data", query.data}},
               now);
  return query;
}

absl::Status Chats::SetBlocked(int64_t user_id, bool blocked, absl::Time now) {
  const auto found = users_.find(user_id);
  if (found == users_.end()) return NoUser();
  User& user = found->second;
  if (user.blocked == blocked) return absl::OkStatus();
  user.blocked = blocked;
  Changed(user);
  const auto member = [this](bool kicked) {
    Json json = {{"user", bot_.ToJson()}, {"status", MemberStatus(kicked)}};
    if (kicked) json["until_date"] = 0;
    return json;
  };
  updates_.Add("my_chat_member",
               {{"chat", user.ToChatJson()},
                {"from", user.ToJson()},
                {"date", Seconds(now)},
                {"old_chat_member", member(!blocked)},
                {"new_chat_member", member(blocked)}},
               now);
  return absl::OkStatus();
}

absl::StatusOr<User> Chats::ChatForBot(int64_t chat_id) const {
  const User* const user = FindUser(chat_id);
  if (user == nullptr || !user->started) return absl::InvalidArgumentError("chat not found");
  return *user;
}

absl::StatusOr<User*> Chats::Reachable(int64_t chat_id) {
  RETURN_IF_ERROR(ChatForBot(chat_id));
  User& user = users_.at(chat_id);
  if (user.blocked) return absl::PermissionDeniedError("bot was blocked by the user");
  return &user;
}

absl::StatusOr<Message> Chats::BotSends(int64_t chat_id, Draft draft, absl::Time now) {
  RETURN_IF_ERROR(Reachable(chat_id));
  if (draft.reply_to_id != 0 && FindMessage(chat_id, draft.reply_to_id) == nullptr) {
    if (!draft.allow_without_reply) {
      return absl::InvalidArgumentError("message to be replied not found");
    }
    draft.reply_to_id = 0;
  }
  return Add({.user_id = chat_id,
              .from_bot = true,
              .date = Seconds(now),
              .text = std::move(draft.text.text),
              .entities = std::move(draft.text.entities),
              .markup = std::move(draft.markup),
              .reply_to_id = draft.reply_to_id,
              .silent = draft.silent});
}

absl::StatusOr<Message*> Chats::Editable(int64_t chat_id, int64_t message_id) {
  RETURN_IF_ERROR(Reachable(chat_id));
  Message* const message = FindMessage(chat_id, message_id);
  if (message == nullptr) return absl::InvalidArgumentError("message to edit not found");
  // One that came with a keyboard for the person cannot change any more, either.
  if (!message->from_bot || (!message->markup.is_null() && !IsInline(message->markup))) {
    return absl::InvalidArgumentError("message can't be edited");
  }
  return message;
}

absl::StatusOr<Message> Chats::BotEdits(int64_t chat_id, int64_t message_id, Draft draft,
                                        absl::Time now) {
  ASSIGN_OR_RETURN(Message* const message, Editable(chat_id, message_id));
  // Without a new inline keyboard the old one goes.
  if (!IsInline(draft.markup)) draft.markup = nullptr;
  if (message->text == draft.text.text && message->entities == draft.text.entities &&
      message->markup == draft.markup) {
    return absl::InvalidArgumentError(
        "message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message");
  }
  message->text = std::move(draft.text.text);
  message->entities = std::move(draft.text.entities);
  message->markup = std::move(draft.markup);
  message->edit_date = Seconds(now);
  Changed(*message);
  return *message;
}

absl::StatusOr<Message> Chats::BotEditsMarkup(int64_t chat_id, int64_t message_id, Json markup,
                                              absl::Time now) {
  ASSIGN_OR_RETURN(const Message* const message, Editable(chat_id, message_id));
  return BotEdits(chat_id, message_id,
                  {.text = {message->text, message->entities}, .markup = std::move(markup)}, now);
}

absl::Status Chats::BotDeletes(int64_t chat_id, int64_t message_id, absl::Time now) {
  RETURN_IF_ERROR(ChatForBot(chat_id));
  Message* const message = FindMessage(chat_id, message_id);
  if (message == nullptr) return absl::InvalidArgumentError("message to delete not found");
  if (absl::FromUnixSeconds(message->date) + kDeletableFor < now) {
    return absl::InvalidArgumentError("message can't be deleted for everyone");
  }
  message->deleted = true;
  Changed(*message);
  return absl::OkStatus();
}

absl::Status Chats::BotAnswers(std::string_view callback_query_id, std::string_view text,
                               bool show_alert, absl::Time now) {
  const auto found = callbacks_.find(callback_query_id);
  if (found == callbacks_.end() || found->second.answered ||
      absl::FromUnixSeconds(found->second.date) + kCallbackQueryLifetime < now) {
    return absl::InvalidArgumentError(
        "query is too old and response timeout expired or query ID is invalid");
  }
  // https://core.telegram.org/bots/api#answercallbackquery
  if (CodePoints(text) > 200) return absl::InvalidArgumentError("MESSAGE_TOO_LONG");
  CallbackQuery& query = found->second;
  query.answered = true;
  query.answer_text = std::string(text);
  query.show_alert = show_alert;
  changes_.Add("callback", query.user_id, query.ToFullJson());
  return absl::OkStatus();
}

absl::Status Chats::BotActs(int64_t chat_id, std::string_view action, absl::Time now) {
  RETURN_IF_ERROR(Reachable(chat_id));
  changes_.Add("action", chat_id,
               {{"user_id", chat_id}, {"action", action}, {"date", Seconds(now)}});
  return absl::OkStatus();
}

Json Chats::MessageForBot(const Message& message) const {
  const Message* const replied =
      message.reply_to_id == 0 ? nullptr : FindMessage(message.user_id, message.reply_to_id);
  return ToBotApiJson(message, users_.at(message.user_id), bot_, replied);
}

const User* Chats::FindUser(int64_t id) const {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

const CallbackQuery* Chats::FindCallback(std::string_view id) const {
  const auto found = callbacks_.find(id);
  return found == callbacks_.end() ? nullptr : &found->second;
}

std::vector<Message> Chats::Messages(int64_t user_id) const {
  std::vector<Message> chat;
  const auto found = messages_.find(user_id);
  if (found == messages_.end()) return chat;
  for (const auto& [id, message] : found->second) chat.push_back(message);
  return chat;
}

Message* Chats::FindMessage(int64_t chat_id, int64_t message_id) {
  return const_cast<Message*>(std::as_const(*this).FindMessage(chat_id, message_id));
}

const Message* Chats::FindMessage(int64_t chat_id, int64_t message_id) const {
  const auto chat = messages_.find(chat_id);
  if (chat == messages_.end()) return nullptr;
  const auto found = chat->second.find(message_id);
  return found == chat->second.end() || found->second.deleted ? nullptr : &found->second;
}

Message& Chats::Add(Message message) {
  message.id = next_message_id_++;
  Message& added = Remember(message);
  Changed(added);
  return added;
}

Message& Chats::Remember(const Message& message) {
  std::map<int64_t, Message>& chat = messages_[message.user_id];
  Message& remembered = chat[message.id] = message;
  if (chat.size() > kMostMessages) chat.erase(chat.begin());
  return remembered;
}

void Chats::Remember(const CallbackQuery& query) {
  callbacks_[query.id] = query;
  if (callbacks_.size() > kMostCallbacks) callbacks_.erase(callbacks_.begin());
}

void Chats::Changed(const Message& message) {
  changes_.Add("message", message.user_id, message.ToFullJson());
}

void Chats::Changed(const User& user) { changes_.Add("user", user.id, user.ToFullJson()); }

void Chats::Restore(std::string_view kind, const Json& value) {
  if (kind == "user") {
    const User user = User::FromFullJson(value);
    users_[user.id] = user;
    next_user_id_ = std::max(next_user_id_, user.id + 1);
  } else if (kind == "message") {
    const Message message = Message::FromFullJson(value);
    next_message_id_ = std::max(next_message_id_, message.id + 1);
    // A chat without its person would have nobody to show.
    if (users_.contains(message.user_id)) Remember(message);
  } else if (kind == "callback") {
    const CallbackQuery query = CallbackQuery::FromFullJson(value);
    int64_t number = 0;
    if (absl::SimpleAtoi(query.id, &number))
      next_callback_id_ = std::max(next_callback_id_, number + 1);
    Remember(query);
  }
}

}  // namespace selfology::telegram_emulator
