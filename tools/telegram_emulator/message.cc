#include "tools/telegram_emulator/message.h"

#include "absl/strings/numbers.h"
#include "tools/telegram_emulator/keyboard.h"

namespace selfology::telegram_emulator {
namespace {

void SetUnlessEmpty(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
}

// {"7": ["..."]}, by person.
std::map<int64_t, Reactions> ReactionsIn(const Json* json) {
  std::map<int64_t, Reactions> reactions;
  if (json == nullptr || !json->is_object()) return reactions;
  for (const auto& [who, emojis] : json->items()) {
    int64_t id = 0;
    if (!absl::SimpleAtoi(who, &id) || !emojis.is_array()) continue;
    for (const Json& emoji : emojis) {
      if (emoji.is_string()) reactions[id].push_back(emoji.get<std::string>());
    }
  }
  return reactions;
}

}  // namespace

Json User::ToJson() const {
  Json json = {{"id", id}, {"is_bot", false}, {"first_name", first_name}};
  SetUnlessEmpty(json, "last_name", last_name);
  SetUnlessEmpty(json, "username", username);
  SetUnlessEmpty(json, "language_code", language_code);
  return json;
}

Json User::ToChatJson() const {
  Json json = {{"id", id}, {"type", "private"}, {"first_name", first_name}};
  SetUnlessEmpty(json, "last_name", last_name);
  SetUnlessEmpty(json, "username", username);
  return json;
}

Json User::ToFullJson() const {
  Json json = ToJson();
  json["started"] = started;
  json["blocked"] = blocked;
  return json;
}

User User::FromFullJson(const Json& json) {
  return {.id = IntOr(json, "id"),
          .first_name = StringOr(json, "first_name"),
          .last_name = StringOr(json, "last_name"),
          .username = StringOr(json, "username"),
          .language_code = StringOr(json, "language_code"),
          .started = BoolOr(json, "started"),
          .blocked = BoolOr(json, "blocked")};
}

Json Bot::ToJson() const {
  return {{"id", id}, {"is_bot", true}, {"first_name", first_name}, {"username", username}};
}

Json Group::ToChatJson() const {
  Json json = {{"id", id}, {"type", type}, {"title", title}};
  SetUnlessEmpty(json, "username", username);
  return json;
}

Json Group::MemberJson(const Bot& bot) const {
  Json json = {{"user", bot.ToJson()}, {"status", bot_status}};
  if (bot_status == "kicked") json["until_date"] = 0;
  if (bot_status != "administrator") return json;
  json["can_be_edited"] = false;
  json["is_anonymous"] = false;
  for (const char* right : {"can_manage_chat", "can_change_info", "can_delete_messages",
                            "can_invite_users", "can_restrict_members", "can_manage_video_chats"}) {
    json[right] = true;
  }
  for (const char* right :
       {"can_promote_members", "can_post_stories", "can_edit_stories", "can_delete_stories"}) {
    json[right] = false;
  }
  if (is_channel()) {
    json["can_post_messages"] = bot_may_post;
    json["can_edit_messages"] = bot_may_post;
  }
  return json;
}

Json Group::ToFullJson() const {
  Json json = ToChatJson();
  json["owner_id"] = owner_id;
  json["bot_status"] = bot_status;
  json["bot_may_post"] = bot_may_post;
  json["bot_was_in"] = bot_was_in;
  return json;
}

Group Group::FromFullJson(const Json& json) {
  return {.id = IntOr(json, "id"),
          .type = StringOr(json, "type"),
          .title = StringOr(json, "title"),
          .username = StringOr(json, "username"),
          .owner_id = IntOr(json, "owner_id"),
          .bot_status = StringOr(json, "bot_status", "left"),
          .bot_may_post = BoolOr(json, "bot_may_post", true),
          .bot_was_in = BoolOr(json, "bot_was_in")};
}

Json Message::ToFullJson() const {
  Json json = {{"message_id", id},
               {"user_id", user_id},
               {"from_bot", from_bot},
               {"date", date},
               {"text", text}};
  if (edit_date != 0) json["edit_date"] = edit_date;
  if (!entities.empty()) json["entities"] = EntitiesToJson(entities);
  if (!markup.is_null()) json["reply_markup"] = markup;
  if (reply_to_id != 0) json["reply_to_message_id"] = reply_to_id;
  if (silent) json["silent"] = true;
  if (deleted) json["deleted"] = true;
  if (from_id != 0) json["from_id"] = from_id;
  if (!media.empty()) json["media"] = media.ToFullJson();
  SetUnlessEmpty(json, "album", album);
  SetUnlessEmpty(json, "quote", quote);
  if (quote_position != 0) json["quote_position"] = quote_position;
  for (const auto& [who, emojis] : reactions) json["reactions"][std::to_string(who)] = emojis;
  if (is_join) json["is_join"] = true;
  return json;
}

Message Message::FromFullJson(const Json& json) {
  const Json* entities = Field(json, "entities");
  const Json* markup = Field(json, "reply_markup");
  const Json* media = Field(json, "media");
  return {.id = IntOr(json, "message_id"),
          .user_id = IntOr(json, "user_id"),
          .from_bot = BoolOr(json, "from_bot"),
          .date = IntOr(json, "date"),
          .edit_date = IntOr(json, "edit_date"),
          .text = StringOr(json, "text"),
          .entities = entities == nullptr ? std::vector<Entity>() : EntitiesFromJson(*entities),
          .markup = markup == nullptr ? Json() : *markup,
          .reply_to_id = IntOr(json, "reply_to_message_id"),
          .silent = BoolOr(json, "silent"),
          .deleted = BoolOr(json, "deleted"),
          .from_id = IntOr(json, "from_id"),
          .media = media == nullptr ? Media() : Media::FromFullJson(*media),
          .album = StringOr(json, "album"),
          .quote = StringOr(json, "quote"),
          .quote_position = static_cast<int>(IntOr(json, "quote_position")),
          .reactions = ReactionsIn(Field(json, "reactions")),
          .is_join = BoolOr(json, "is_join")};
}

Json ToBotApiJson(const Message& message, const Setting& setting) {
  Json json = {{"message_id", message.id}, {"chat", setting.chat}, {"date", message.date}};
  if (setting.from.is_null()) {
    json["sender_chat"] = setting.chat;
  } else {
    json["from"] = setting.from;
  }
  if (message.is_join) {
    json["new_chat_member"] = setting.bot;
    json["new_chat_members"] = Json::array({setting.bot});
    return json;
  }
  if (message.edit_date != 0) json["edit_date"] = message.edit_date;
  const bool is_caption = !message.media.empty();
  if (is_caption) AddMediaJson(message.media, json);
  if (!is_caption || !message.text.empty()) json[is_caption ? "caption" : "text"] = message.text;
  if (!message.entities.empty()) {
    json[is_caption ? "caption_entities" : "entities"] = EntitiesToJson(message.entities);
  }
  SetUnlessEmpty(json, "media_group_id", message.album);
  if (IsInline(message.markup)) json["reply_markup"] = message.markup;
  if (!setting.replied.is_null()) json["reply_to_message"] = setting.replied;
  if (!message.quote.empty()) {
    json["quote"] = {
        {"text", message.quote}, {"position", message.quote_position}, {"is_manual", true}};
  }
  return json;
}

Json ReactionsJson(const Reactions& reactions) {
  Json array = Json::array();
  for (const std::string& emoji : reactions) {
    array.push_back({{"type", "emoji"}, {"emoji", emoji}});
  }
  return array;
}

Json CallbackQuery::ToFullJson() const {
  return {{"id", id},
          {"user_id", user_id},
          {"message_id", message_id},
          {"data", data},
          {"date", date},
          {"answered", answered},
          {"answer_text", answer_text},
          {"show_alert", show_alert},
          {"chat_id", chat_id}};
}

CallbackQuery CallbackQuery::FromFullJson(const Json& json) {
  return {.id = StringOr(json, "id"),
          .user_id = IntOr(json, "user_id"),
          .message_id = IntOr(json, "message_id"),
          .data = StringOr(json, "data"),
          .date = IntOr(json, "date"),
          .answered = BoolOr(json, "answered"),
          .answer_text = StringOr(json, "answer_text"),
          .show_alert = BoolOr(json, "show_alert"),
          .chat_id = IntOr(json, "chat_id")};
}

}  // namespace selfology::telegram_emulator
