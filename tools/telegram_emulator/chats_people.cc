// What people do in their chats with the bot, and in groups and channels.
#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/chats.h"
#include "tools/telegram_emulator/keyboard.h"
#include "tools/telegram_emulator/reactions.h"

namespace selfology::telegram_emulator {
namespace {

absl::Status NoUser() { return absl::NotFoundError("no such user"); }
absl::Status NoGroup() { return absl::NotFoundError("no such group"); }
absl::Status NoMessage() { return absl::NotFoundError("no such message in this chat"); }

int64_t Seconds(absl::Time time) { return absl::ToUnixSeconds(time); }

int64_t ChatOr(int64_t chat_id, int64_t user_id) { return chat_id == 0 ? user_id : chat_id; }

// Strings in Telegram's chat_member updates.
std::string MemberStatus(bool blocked) { return blocked ? "kicked" : "member"; }

bool IsIn(const Group& group) {
  return group.bot_status == "member" || group.bot_status == "administrator";
}

}  // namespace

absl::StatusOr<User*> Chats::Writer(int64_t user_id) {
  const auto found = users_.find(user_id);
  if (found == users_.end()) return NoUser();
  if (found->second.blocked) return absl::FailedPreconditionError("the user has blocked the bot");
  return &found->second;
}

absl::Status Chats::MayWrite(int64_t user_id, int64_t chat_id) {
  if (chat_id == user_id) return Writer(user_id).status();
  if (FindUser(user_id) == nullptr) return NoUser();
  const Group* const group = FindGroup(chat_id);
  if (group == nullptr) return NoGroup();
  if (group->is_channel() && group->owner_id != user_id) {
    return absl::FailedPreconditionError("only its owner writes in a channel");
  }
  return absl::OkStatus();
}

// What the bot gets to know of a chat: in a group, as no administrator, only what is meant for it.
// Source: https://core.telegram.org/bots/features#privacy-mode
bool Chats::BotReads(const Message& message) const {
  const Group* const group = FindGroup(message.user_id);
  if (group == nullptr || group->bot_status == "administrator") return true;
  if (!IsIn(*group)) return false;
  const Message* const replied = FindMessage(message.user_id, message.reply_to_id);
  return message.is_join || message.text.starts_with('/') ||
         absl::StrContains(message.text, absl::StrCat("@", bot_.username)) ||
         (replied != nullptr && replied->from_bot);
}

// kind: "message" or "edited_message".
void Chats::Tell(std::string_view kind, const Message& message, absl::Time now) {
  if (!BotReads(message)) return;
  const Group* const group = FindGroup(message.user_id);
  if (group != nullptr && group->is_channel()) {
    kind = kind == "message" ? "channel_post" : "edited_channel_post";
  }
  updates_.Add(kind, MessageForBot(message), now);
}

absl::StatusOr<Message> Chats::UserSends(int64_t user_id, std::string_view text,
                                         int64_t reply_to_id, absl::Time now, int64_t chat_id) {
  ASSIGN_OR_RETURN(FormattedText plain, PlainText(text));
  ASSIGN_OR_RETURN(
      const std::vector<Message> sent,
      UserSends(user_id, std::vector<Draft>{{.text = std::move(plain), .reply_to_id = reply_to_id}},
                now, chat_id));
  return sent.front();
}

absl::StatusOr<std::vector<Message>> Chats::UserSends(int64_t user_id, std::vector<Draft> drafts,
                                                      absl::Time now, int64_t chat_id) {
  chat_id = ChatOr(chat_id, user_id);
  if (drafts.empty() || drafts.size() > kMostInAlbum) {
    return absl::InvalidArgumentError("an album has 1 to 10 messages");
  }
  std::vector<Message> messages;
  for (const Draft& draft : drafts) {
    if (draft.media.empty() && (drafts.size() > 1 || draft.text.text.empty())) {
      return absl::InvalidArgumentError("there is nothing to send");
    }
    Message message{
        .user_id = chat_id, .date = Seconds(now), .from_id = chat_id == user_id ? 0 : user_id};
    if (draft.reply_to_id != 0 && FindMessage(chat_id, draft.reply_to_id) == nullptr) {
      return NoMessage();
    }
    RETURN_IF_ERROR(Fill(draft, message));
    messages.push_back(std::move(message));
  }
  RETURN_IF_ERROR(MayWrite(user_id, chat_id));
  if (User& user = users_.at(user_id); chat_id == user_id && !user.started) {
    user.started = true;
    Changed(user);
  }
  const std::string album = messages.size() > 1 ? NextAlbum() : "";
  for (Message& message : messages) {
    message.album = album;
    message = Add(std::move(message));
    Tell("message", message, now);
  }
  return messages;
}

absl::StatusOr<Message> Chats::UserEdits(int64_t user_id, int64_t message_id, std::string_view text,
                                         absl::Time now, int64_t chat_id) {
  chat_id = ChatOr(chat_id, user_id);
  RETURN_IF_ERROR(MayWrite(user_id, chat_id));
  Message* const message = FindMessage(chat_id, message_id);
  const int64_t author = chat_id == user_id ? 0 : user_id;
  if (message == nullptr || message->from_bot || message->from_id != author) return NoMessage();
  FormattedText plain;
  // Only a caption may become nothing.
  if (message->media.empty() || !text.empty()) {
    ASSIGN_OR_RETURN(plain, PlainText(text));
  }
  message->text = std::move(plain.text);
  message->entities = std::move(plain.entities);
  message->edit_date = Seconds(now);
  Changed(*message);
  Tell("edited_message", *message, now);
  return *message;
}

absl::StatusOr<CallbackQuery> Chats::UserPresses(int64_t user_id, int64_t message_id,
                                                 std::string_view button, absl::Time now,
                                                 int64_t chat_id) {
  const int64_t where = ChatOr(chat_id, user_id);
  if (where == user_id) RETURN_IF_ERROR(Writer(user_id));
  const User* const user = FindUser(user_id);
  if (user == nullptr) return NoUser();
  const Message* const message = FindMessage(where, message_id);
  if (message == nullptr) return NoMessage();
  const Json* const found = FindButton(message->markup, button);
  if (found == nullptr) return absl::NotFoundError("no such button under this message");
  CallbackQuery query{.id = absl::StrCat(next_callback_id_++),
                      .user_id = user_id,
                      .message_id = message_id,
                      .data = StringOr(*found, "callback_data"),
                      .date = Seconds(now),
                      .chat_id = chat_id};
  if (query.data.empty()) return absl::FailedPreconditionError("this button does not call the bot");
  Remember(query);
  pressed_keyboards_.Press(where, message_id, now);
  changes_.Add("callback", where, query.ToFullJson());
  updates_.Add("callback_query",
               {{"id", query.id},
                {"from", user->ToJson()},
                {"message", MessageForBot(*message)},
                {"chat_instance", absl::StrCat(where)},
                {"data", query.data}},
               now);
  return query;
}

absl::StatusOr<Message> Chats::UserReacts(int64_t user_id, int64_t message_id, Reactions reactions,
                                          absl::Time now, int64_t chat_id) {
  const int64_t where = ChatOr(chat_id, user_id);
  if (where == user_id) RETURN_IF_ERROR(Writer(user_id));
  const User* const user = FindUser(user_id);
  if (user == nullptr) return NoUser();
  Message* const message = FindMessage(where, message_id);
  if (message == nullptr) return NoMessage();
  RETURN_IF_ERROR(CheckReactions(reactions));
  const Reactions before = message->reactions[user_id];
  if (before == reactions) {
    if (before.empty()) message->reactions.erase(user_id);
    return *message;
  }
  message->reactions[user_id] = reactions;
  if (reactions.empty()) message->reactions.erase(user_id);
  Changed(*message);
  const Group* const group = FindGroup(where);
  // Of groups and channels, only an administrator gets to know.
  if (group != nullptr && group->bot_status != "administrator") return *message;
  Json update = {{"chat", ChatJson(where)}, {"message_id", message_id}, {"date", Seconds(now)}};
  if (group != nullptr && group->is_channel()) {
    update["reactions"] = CountsJson(message->reactions);
    updates_.Add("message_reaction_count", std::move(update), now);
    return *message;
  }
  update["user"] = user->ToJson();
  update["old_reaction"] = ReactionsJson(before);
  update["new_reaction"] = ReactionsJson(reactions);
  updates_.Add("message_reaction", std::move(update), now);
  return *message;
}

void Chats::TellMember(const Json& chat, const Json& from, Json before, Json after,
                       absl::Time now) {
  updates_.Add("my_chat_member",
               {{"chat", chat},
                {"from", from},
                {"date", Seconds(now)},
                {"old_chat_member", std::move(before)},
                {"new_chat_member", std::move(after)}},
               now);
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
  TellMember(user.ToChatJson(), user.ToJson(), member(!blocked), member(blocked), now);
  return absl::OkStatus();
}

absl::StatusOr<Group> Chats::SetBotStatus(int64_t chat_id, std::string_view status, bool may_post,
                                          absl::Time now) {
  const auto found = groups_.find(chat_id);
  if (found == groups_.end()) return NoGroup();
  Group& group = found->second;
  const bool known =
      status == "member" || status == "administrator" || status == "left" || status == "kicked";
  if (!known) return absl::InvalidArgumentError("no such status");
  if (group.is_channel() && status == "member") {
    return absl::InvalidArgumentError("in a channel, bots are administrators");
  }
  if (group.bot_status == status && group.bot_may_post == may_post) return group;
  const Json before = group.MemberJson(bot_);
  const bool was_in = IsIn(group);
  group.bot_status = std::string(status);
  group.bot_may_post = may_post;
  group.bot_was_in = group.bot_was_in || IsIn(group);
  Changed(group);
  TellMember(group.ToChatJson(), users_.at(group.owner_id).ToJson(), before, group.MemberJson(bot_),
             now);
  if (!was_in && IsIn(group) && !group.is_channel()) {
    const Message& joined =
        Add({.user_id = chat_id, .date = Seconds(now), .from_id = group.owner_id, .is_join = true});
    Tell("message", joined, now);
  }
  return group;
}

}  // namespace selfology::telegram_emulator
