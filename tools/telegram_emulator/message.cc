#include "tools/telegram_emulator/message.h"

#include "tools/telegram_emulator/keyboard.h"

namespace selfology::telegram_emulator {
namespace {

void SetUnlessEmpty(Json& json, const char* name, const std::string& value) {
  if (!value.empty()) json[name] = value;
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
  return json;
}

Message Message::FromFullJson(const Json& json) {
  const Json* entities = Field(json, "entities");
  const Json* markup = Field(json, "reply_markup");
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
          .deleted = BoolOr(json, "deleted")};
}

Json ToBotApiJson(const Message& message, const User& user, const Bot& bot,
                  const Message* replied) {
  Json json = {{"message_id", message.id},
               {"from", message.from_bot ? bot.ToJson() : user.ToJson()},
               {"chat", user.ToChatJson()},
               {"date", message.date},
               {"text", message.text}};
  if (message.edit_date != 0) json["edit_date"] = message.edit_date;
  if (!message.entities.empty()) json["entities"] = EntitiesToJson(message.entities);
  if (IsInline(message.markup)) json["reply_markup"] = message.markup;
  if (replied != nullptr) json["reply_to_message"] = ToBotApiJson(*replied, user, bot, nullptr);
  return json;
}

Json CallbackQuery::ToFullJson() const {
  return {{"id", id},
          {"user_id", user_id},
          {"message_id", message_id},
          {"data", data},
          {"date", date},
          {"answered", answered},
          {"answer_text", answer_text},
          {"show_alert", show_alert}};
}

CallbackQuery CallbackQuery::FromFullJson(const Json& json) {
  return {.id = StringOr(json, "id"),
          .user_id = IntOr(json, "user_id"),
          .message_id = IntOr(json, "message_id"),
          .data = StringOr(json, "data"),
          .date = IntOr(json, "date"),
          .answered = BoolOr(json, "answered"),
          .answer_text = StringOr(json, "answer_text"),
          .show_alert = BoolOr(json, "show_alert")};
}

}  // namespace selfology::telegram_emulator
