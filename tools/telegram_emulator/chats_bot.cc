// What the bot does in its chats.
#include <algorithm>
#include <utility>

#include "absl/status/status.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/chats.h"
#include "tools/telegram_emulator/keyboard.h"
#include "tools/telegram_emulator/reactions.h"

namespace selfology::telegram_emulator {
namespace {

int64_t Seconds(absl::Time time) { return absl::ToUnixSeconds(time); }

absl::Status Bad(std::string_view words) { return absl::InvalidArgumentError(words); }

}  // namespace

absl::Status Chats::Reachable(int64_t chat_id) const {
  RETURN_IF_ERROR(ChatForBot(chat_id));
  const Group* const group = FindGroup(chat_id);
  if (group != nullptr) {
    return group->is_channel() && !group->bot_may_post
               ? Bad("need administrator rights in the channel chat")
               : absl::OkStatus();
  }
  if (users_.at(chat_id).blocked) {
    return absl::PermissionDeniedError("bot was blocked by the user");
  }
  return absl::OkStatus();
}

// The message as the draft wants it, in its chat.
absl::Status Chats::Fill(const Draft& draft, Message& message) const {
  message.text = draft.text.text;
  message.entities = draft.text.entities;
  message.media = draft.media;
  message.markup = draft.markup;
  message.silent = draft.silent;
  message.reply_to_id = draft.reply_to_id;
  if (draft.reply_to_id == 0) return absl::OkStatus();
  const Message* const replied = FindMessage(message.user_id, draft.reply_to_id);
  if (replied == nullptr) {
    if (!draft.allow_without_reply) return Bad("message to be replied not found");
    message.reply_to_id = 0;
    return absl::OkStatus();
  }
  if (draft.quote.empty()) return absl::OkStatus();
  const size_t at = replied->text.find(draft.quote);
  if (at == std::string::npos) return Bad("QUOTE_TEXT_INVALID");
  message.quote = draft.quote;
  message.quote_position = Utf16Units(std::string_view(replied->text).substr(0, at));
  return absl::OkStatus();
}

absl::StatusOr<Message> Chats::BotSends(int64_t chat_id, Draft draft, absl::Time now) {
  RETURN_IF_ERROR(Reachable(chat_id));
  Message message{.user_id = chat_id, .from_bot = true, .date = Seconds(now)};
  RETURN_IF_ERROR(Fill(draft, message));
  return Add(std::move(message));
}

absl::StatusOr<std::vector<Message>> Chats::BotSendsAlbum(int64_t chat_id,
                                                          std::vector<Draft> drafts,
                                                          absl::Time now) {
  if (drafts.size() > kMostInAlbum) return Bad("too many messages to send as an album");
  if (drafts.empty()) return Bad("there are no messages to send");
  RETURN_IF_ERROR(Reachable(chat_id));
  std::vector<Message> messages;
  for (const Draft& draft : drafts) {
    if (draft.media.kind != drafts.front().media.kind) {
      return Bad("document can't be mixed with other media types");
    }
    Message message{.user_id = chat_id, .from_bot = true, .date = Seconds(now)};
    RETURN_IF_ERROR(Fill(draft, message));
    messages.push_back(std::move(message));
  }
  const std::string album = messages.size() > 1 ? NextAlbum() : "";
  for (Message& message : messages) {
    message.album = album;
    message = Add(std::move(message));
  }
  return messages;
}

absl::StatusOr<Message*> Chats::Editable(int64_t chat_id, int64_t message_id) {
  RETURN_IF_ERROR(Reachable(chat_id));
  Message* const message = FindMessage(chat_id, message_id);
  if (message == nullptr) return Bad("message to edit not found");
  const Group* const group = FindGroup(chat_id);
  // A channel's posts are everybody's who may post there.
  const bool own = message->from_bot || (group != nullptr && group->is_channel());
  // One that came with a keyboard for the person cannot change any more, either.
  if (!own || (!message->markup.is_null() && !IsInline(message->markup))) {
    return Bad("message can't be edited");
  }
  return message;
}

absl::StatusOr<Message> Chats::Change(Message& message, Draft draft, absl::Time now) {
  // Without a new inline keyboard the old one goes.
  if (!IsInline(draft.markup)) draft.markup = nullptr;
  if (message.text == draft.text.text && message.entities == draft.text.entities &&
      message.markup == draft.markup) {
    return Bad(
        "message is not modified: specified new message content and reply markup are exactly the "
        "same as a current content and reply markup of the message");
  }
  if (message.markup != draft.markup) pressed_keyboards_.Gone(message.user_id, message.id, now);
  message.text = std::move(draft.text.text);
  message.entities = std::move(draft.text.entities);
  message.markup = std::move(draft.markup);
  message.edit_date = Seconds(now);
  Changed(message);
  return message;
}

absl::StatusOr<Message> Chats::BotEdits(int64_t chat_id, int64_t message_id, Draft draft,
                                        absl::Time now) {
  ASSIGN_OR_RETURN(Message* const message, Editable(chat_id, message_id));
  if (!message->media.empty()) return Bad("there is no text in the message to edit");
  return Change(*message, std::move(draft), now);
}

absl::StatusOr<Message> Chats::BotEditsCaption(int64_t chat_id, int64_t message_id, Draft draft,
                                               absl::Time now) {
  ASSIGN_OR_RETURN(Message* const message, Editable(chat_id, message_id));
  if (message->media.empty() || message->media.kind == "sticker") {
    return Bad("there is no caption in the message to edit");
  }
  return Change(*message, std::move(draft), now);
}

absl::StatusOr<Message> Chats::BotEditsMarkup(int64_t chat_id, int64_t message_id, Json markup,
                                              absl::Time now) {
  ASSIGN_OR_RETURN(Message* const message, Editable(chat_id, message_id));
  return Change(*message, {.text = {message->text, message->entities}, .markup = std::move(markup)},
                now);
}

absl::Status Chats::Deletable(const Message& message, absl::Time now) const {
  const bool is_old = absl::FromUnixSeconds(message.date) + kDeletableFor < now;
  if (const Group* const group = FindGroup(message.user_id)) {
    const bool may = message.from_bot || group->bot_status == "administrator";
    return is_old || !may ? Bad("message can't be deleted") : absl::OkStatus();
  }
  return is_old ? Bad("message can't be deleted for everyone") : absl::OkStatus();
}

absl::Status Chats::BotDeletes(int64_t chat_id, int64_t message_id, absl::Time now) {
  RETURN_IF_ERROR(ChatForBot(chat_id));
  Message* const message = FindMessage(chat_id, message_id);
  if (message == nullptr) return Bad("message to delete not found");
  RETURN_IF_ERROR(Deletable(*message, now));
  message->deleted = true;
  pressed_keyboards_.Gone(chat_id, message_id, now);
  Changed(*message);
  return absl::OkStatus();
}

absl::Status Chats::BotDeletes(int64_t chat_id, const std::vector<int64_t>& message_ids,
                               absl::Time now) {
  RETURN_IF_ERROR(ChatForBot(chat_id));
  for (const int64_t id : message_ids) {
    const Message* const message = FindMessage(chat_id, id);
    if (message != nullptr) RETURN_IF_ERROR(Deletable(*message, now));
  }
  for (const int64_t id : message_ids) {
    if (FindMessage(chat_id, id) != nullptr) RETURN_IF_ERROR(BotDeletes(chat_id, id, now));
  }
  return absl::OkStatus();
}

absl::Status Chats::BotReacts(int64_t chat_id, int64_t message_id, Reactions reactions) {
  RETURN_IF_ERROR(ChatForBot(chat_id));
  Message* const message = FindMessage(chat_id, message_id);
  if (message == nullptr) return Bad("message to react not found");
  RETURN_IF_ERROR(CheckReactions(reactions));
  // https://core.telegram.org/bots/api#setmessagereaction: "up to one reaction per message".
  if (reactions.size() > 1) return Bad("REACTIONS_TOO_MANY");
  if (reactions.empty()) {
    message->reactions.erase(0);
  } else {
    message->reactions[0] = std::move(reactions);
  }
  Changed(*message);
  return absl::OkStatus();
}

absl::Status Chats::BotAnswers(std::string_view callback_query_id, std::string_view text,
                               bool show_alert, absl::Time now) {
  const auto found = callbacks_.find(callback_query_id);
  if (found == callbacks_.end() || found->second.answered ||
      absl::FromUnixSeconds(found->second.date) + kCallbackQueryLifetime < now) {
    return Bad("query is too old and response timeout expired or query ID is invalid");
  }
  // https://core.telegram.org/bots/api#answercallbackquery
  if (CodePoints(text) > 200) return Bad("MESSAGE_TOO_LONG");
  CallbackQuery& query = found->second;
  query.answered = true;
  query.answer_text = std::string(text);
  query.show_alert = show_alert;
  changes_.Add("callback", query.chat_id == 0 ? query.user_id : query.chat_id, query.ToFullJson());
  return absl::OkStatus();
}

absl::Status Chats::BotActs(int64_t chat_id, std::string_view action, absl::Time now) {
  RETURN_IF_ERROR(Reachable(chat_id));
  changes_.Add("action", chat_id,
               {{"user_id", chat_id}, {"action", action}, {"date", Seconds(now)}});
  return absl::OkStatus();
}

absl::Status Chats::BotLeaves(int64_t chat_id, absl::Time now) {
  RETURN_IF_ERROR(ChatForBot(chat_id));
  const auto found = groups_.find(chat_id);
  if (found == groups_.end()) return Bad("chat member status can't be changed in private chats");
  Group& group = found->second;
  const Json before = group.MemberJson(bot_);
  group.bot_status = "left";
  Changed(group);
  TellMember(group.ToChatJson(), bot_.ToJson(), before, group.MemberJson(bot_), now);
  return absl::OkStatus();
}

}  // namespace selfology::telegram_emulator
