// What chats remember. What people and the bot do with it: chats_people.cc and chats_bot.cc.
#include "tools/telegram_emulator/chats.h"

#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"

namespace selfology::telegram_emulator {
namespace {

// Beyond 32 bits, as new accounts' are: a bot that cuts them off shows it.
constexpr int64_t kFirstUserId = 7'000'000'001;
// Likewise 64-bit numbers in a string.
constexpr int64_t kFirstCallbackId = 4'000'000'000'000'000'001;
constexpr int64_t kFirstAlbum = 13'000'000'000'000'001;
// As supergroups and channels have them.
constexpr int64_t kFirstGroupId = -1'002'000'000'001;

std::string_view WordFor(const Group& group) {
  return group.is_channel() ? "channel" : "supergroup";
}

}  // namespace

Chats::Chats(Bot bot, UpdateQueue* updates, ChangeLog* changes)
    : bot_(std::move(bot)),
      updates_(*updates),
      changes_(*changes),
      next_user_id_(kFirstUserId),
      next_group_id_(kFirstGroupId),
      next_album_(kFirstAlbum),
      next_callback_id_(kFirstCallbackId) {}

void Chats::SetBot(Bot bot) {
  bot_ = std::move(bot);
  changes_.Add("bot", 0, bot_.ToJson());
}

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

absl::StatusOr<Group> Chats::AddGroup(Group group) {
  if (group.title.empty()) return absl::InvalidArgumentError("title must not be empty");
  if (group.type != "supergroup" && group.type != "channel") {
    return absl::InvalidArgumentError("type must be supergroup or channel");
  }
  if (FindUser(group.owner_id) == nullptr) return absl::NotFoundError("no such user");
  if (group.id > 0) return absl::InvalidArgumentError("id must be negative");
  if (group.id == 0) group.id = next_group_id_;
  if (groups_.contains(group.id)) return absl::AlreadyExistsError("there is a group of this id");
  next_group_id_ = std::min(next_group_id_, group.id - 1);
  group.bot_status = "left";
  group.bot_was_in = false;
  groups_[group.id] = group;
  Changed(group);
  return group;
}

absl::StatusOr<Json> Chats::ChatForBot(int64_t chat_id) const {
  if (const Group* const group = FindGroup(chat_id)) {
    if (!group->bot_was_in) return absl::InvalidArgumentError("chat not found");
    if (group->bot_status == "left") {
      return absl::PermissionDeniedError(
          absl::StrCat("bot is not a member of the ", WordFor(*group), " chat"));
    }
    if (group->bot_status == "kicked") {
      return absl::PermissionDeniedError(
          absl::StrCat("bot was kicked from the ", WordFor(*group), " chat"));
    }
    return group->ToChatJson();
  }
  const User* const user = FindUser(chat_id);
  if (user == nullptr || !user->started) return absl::InvalidArgumentError("chat not found");
  return user->ToChatJson();
}

int64_t Chats::ChatNamed(std::string_view name) const {
  if (!name.starts_with('@') || name.size() == 1) return 0;
  // Private chats have no @names for bots.
  for (const auto& [id, group] : groups_) {
    if (absl::EqualsIgnoreCase(group.username, name.substr(1))) return id;
  }
  return 0;
}

Json Chats::ChatJson(int64_t chat_id) const {
  const Group* const group = FindGroup(chat_id);
  return group == nullptr ? users_.at(chat_id).ToChatJson() : group->ToChatJson();
}

Json Chats::MessageForBot(const Message& message) const {
  const Group* const group = FindGroup(message.user_id);
  Setting setting{.chat = ChatJson(message.user_id), .bot = bot_.ToJson()};
  if (group == nullptr || !group->is_channel()) {
    const int64_t author = message.from_id == 0 ? message.user_id : message.from_id;
    setting.from = message.from_bot ? bot_.ToJson() : users_.at(author).ToJson();
  }
  const Message* const replied =
      message.reply_to_id == 0 ? nullptr : FindMessage(message.user_id, message.reply_to_id);
  if (replied != nullptr) {
    // Telegram shows one message back, not the whole conversation.
    Message shown = *replied;
    shown.reply_to_id = 0;
    shown.quote.clear();
    setting.replied = MessageForBot(shown);
  }
  return ToBotApiJson(message, setting);
}

const User* Chats::FindUser(int64_t id) const {
  const auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

const Group* Chats::FindGroup(int64_t id) const {
  const auto found = groups_.find(id);
  return found == groups_.end() ? nullptr : &found->second;
}

const CallbackQuery* Chats::FindCallback(std::string_view id) const {
  const auto found = callbacks_.find(id);
  return found == callbacks_.end() ? nullptr : &found->second;
}

const std::map<int64_t, Message>& Chats::Chat(int64_t chat_id) const {
  static const auto& none = *new std::map<int64_t, Message>();
  const auto found = messages_.find(chat_id);
  return found == messages_.end() ? none : found->second;
}

std::vector<Message> Chats::Messages(int64_t chat_id) const {
  std::vector<Message> messages;
  for (const auto& [id, message] : Chat(chat_id)) messages.push_back(message);
  return messages;
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

int64_t Chats::NextMessageId(int64_t chat_id) {
  return chat_id < 0 ? ++last_message_ids_[chat_id] : next_message_id_++;
}

std::string Chats::NextAlbum() { return absl::StrCat(next_album_++); }

Message& Chats::Add(Message message) {
  message.id = NextMessageId(message.user_id);
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

void Chats::Changed(const Group& group) { changes_.Add("group", group.id, group.ToFullJson()); }

void Chats::Restore(std::string_view kind, const Json& value) {
  if (kind == "bot") {
    // Its names are the emulator's business.
    bot_.id = IntOr(value, "id");
  } else if (kind == "user") {
    const User user = User::FromFullJson(value);
    users_[user.id] = user;
    next_user_id_ = std::max(next_user_id_, user.id + 1);
  } else if (kind == "group") {
    const Group group = Group::FromFullJson(value);
    groups_[group.id] = group;
    next_group_id_ = std::min(next_group_id_, group.id - 1);
  } else if (kind == "message") {
    const Message message = Message::FromFullJson(value);
    int64_t number = 0;
    if (absl::SimpleAtoi(message.album, &number)) next_album_ = std::max(next_album_, number + 1);
    if (message.user_id < 0) {
      int64_t& last = last_message_ids_[message.user_id];
      last = std::max(last, message.id);
    } else {
      next_message_id_ = std::max(next_message_id_, message.id + 1);
    }
    // A chat without its person would have nobody to show.
    if (users_.contains(message.user_id) || groups_.contains(message.user_id)) Remember(message);
  } else if (kind == "callback") {
    const CallbackQuery query = CallbackQuery::FromFullJson(value);
    int64_t number = 0;
    if (absl::SimpleAtoi(query.id, &number))
      next_callback_id_ = std::max(next_callback_id_, number + 1);
    Remember(query);
  }
}

}  // namespace selfology::telegram_emulator
