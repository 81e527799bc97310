#include "tools/telegram_emulator/bot_api.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/keyboard.h"

namespace selfology::telegram_emulator {
namespace {

using Result = absl::StatusOr<Answer>;

absl::Status Bad(auto... words) { return absl::InvalidArgumentError(absl::StrCat(words...)); }

absl::StatusOr<int64_t> ChatId(const Parameters& parameters) {
  const std::string text = parameters.Text("chat_id");
  if (text.empty()) return Bad("chat_id is empty");
  int64_t id = 0;
  // Private chats have no @names for bots.
  if (!absl::SimpleAtoi(text, &id)) return Bad("chat not found");
  return id;
}

absl::StatusOr<int64_t> MessageId(const Parameters& parameters) {
  const int64_t id = parameters.Number("message_id", 0);
  if (id == 0) return Bad("message identifier is not specified");
  return id;
}

absl::StatusOr<FormattedText> TextOf(const Parameters& parameters) {
  ASSIGN_OR_RETURN(FormattedText text,
                   Format(parameters.Text("text"), parameters.Text("parse_mode")));
  // The alternative to parse_mode.
  if (parameters.Text("parse_mode").empty() && parameters.Has("entities")) {
    absl::StatusOr<Json> entities = ParseJson(parameters.Text("entities"));
    if (!entities.ok()) return Bad("can't parse entities JSON object");
    text.entities = EntitiesFromJson(*entities);
    FindEntities(text);
  }
  return text;
}

Result GetMe(World& world, const Parameters&, absl::Time) {
  Json me = world.chats.bot().ToJson();
  me["can_join_groups"] = false;
  me["can_read_all_group_messages"] = false;
  me["supports_inline_queries"] = false;
  return Answer::Ok(std::move(me));
}

// An empty or unreadable list changes nothing, as with Telegram.
void AllowUpdates(World& world, const Parameters& parameters) {
  const absl::StatusOr<Json> kinds = ParseJson(parameters.Text("allowed_updates"));
  if (!kinds.ok() || !kinds->is_array()) return;
  std::set<std::string> allowed;
  for (const Json& kind : *kinds) {
    if (kind.is_string()) allowed.insert(absl::AsciiStrToLower(kind.get_ref<const std::string&>()));
  }
  world.updates.Allow(std::move(allowed));
}

Result GetUpdates(World& world, const Parameters& parameters, absl::Time now) {
  if (!world.webhook.url.empty()) {
    return Answer::Error(
        409,
        "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
        "delete the webhook first");
  }
  AllowUpdates(world, parameters);
  world.updates.DropExpired(now);
  const int64_t offset = parameters.Number("offset", 0, INT32_MIN, INT32_MAX);
  const int limit = static_cast<int>(parameters.Number("limit", 100, 1, 100));
  Json updates = Json::array();
  for (const Update& update : world.updates.Get(offset, limit)) updates.push_back(update.ToJson());
  return Answer::Ok(std::move(updates));
}

Result DeleteWebhook(World& world, const Parameters& parameters, absl::Time) {
  if (parameters.Flag("drop_pending_updates")) world.updates.DropAll();
  const bool was_set = !world.webhook.url.empty();
  if (was_set) world.SetWebhook({});
  return Answer::Ok(true, was_set ? "Webhook was deleted" : "Webhook is already deleted");
}

Result SetWebhook(World& world, const Parameters& parameters, absl::Time now) {
  const std::string url = parameters.Text("url");
  if (url.empty()) return DeleteWebhook(world, parameters, now);
  // Telegram wants https; a bot on this machine may do without.
  if (!absl::StartsWithIgnoreCase(url, "https://") && !absl::StartsWithIgnoreCase(url, "http://")) {
    return Bad("invalid webhook URL specified");
  }
  Webhook webhook{.url = url,
                  .secret_token = parameters.Text("secret_token"),
                  .max_connections = parameters.Number("max_connections", 40, 1, 100)};
  if (webhook.secret_token.size() > 256) return Bad("secret token is too long");
  const auto allowed = [](char c) { return absl::ascii_isalnum(c) || c == '_' || c == '-'; };
  if (!std::all_of(webhook.secret_token.begin(), webhook.secret_token.end(), allowed)) {
    return Bad("secret token contains unallowed characters");
  }
  AllowUpdates(world, parameters);
  const bool drop = parameters.Flag("drop_pending_updates");
  if (drop) world.updates.DropAll();
  const Webhook& old = world.webhook;
  if (!drop && old.url == webhook.url && old.secret_token == webhook.secret_token &&
      old.max_connections == webhook.max_connections) {
    return Answer::Ok(true, "Webhook is already set");
  }
  world.SetWebhook(std::move(webhook));
  return Answer::Ok(true, "Webhook was set");
}

Result GetWebhookInfo(World& world, const Parameters&, absl::Time now) {
  world.updates.DropExpired(now);
  const Webhook& webhook = world.webhook;
  Json info = {{"url", webhook.url},
               {"has_custom_certificate", false},
               {"pending_update_count", world.updates.size()}};
  if (webhook.last_error_date != 0) {
    info["last_error_date"] = webhook.last_error_date;
    info["last_error_message"] = webhook.last_error_message;
  }
  if (!webhook.url.empty()) info["max_connections"] = webhook.max_connections;
  if (!world.updates.allowed().empty()) info["allowed_updates"] = world.updates.allowed();
  return Answer::Ok(std::move(info));
}

Result SendMessage(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(FormattedText text, TextOf(parameters));
  ASSIGN_OR_RETURN(Json markup, ParseKeyboard(parameters.Text("reply_markup")));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(parameters));
  Draft draft{.text = std::move(text),
              .markup = std::move(markup),
              .reply_to_id = parameters.Number("reply_to_message_id", 0),
              .allow_without_reply = parameters.Flag("allow_sending_without_reply"),
              .silent = parameters.Flag("disable_notification")};
  if (const absl::StatusOr<Json> reply = ParseJson(parameters.Text("reply_parameters"));
      reply.ok()) {
    draft.reply_to_id = IntOr(*reply, "message_id");
    draft.allow_without_reply = BoolOr(*reply, "allow_sending_without_reply");
  }
  ASSIGN_OR_RETURN(const Message message, world.chats.BotSends(chat_id, std::move(draft), now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

Result EditMessageText(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(FormattedText text, TextOf(parameters));
  ASSIGN_OR_RETURN(Json markup, ParseKeyboard(parameters.Text("reply_markup")));
  ASSIGN_OR_RETURN(const int64_t message_id, MessageId(parameters));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(parameters));
  ASSIGN_OR_RETURN(
      const Message message,
      world.chats.BotEdits(chat_id, message_id,
                           {.text = std::move(text), .markup = std::move(markup)}, now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

Result EditMessageReplyMarkup(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(Json markup, ParseKeyboard(parameters.Text("reply_markup")));
  ASSIGN_OR_RETURN(const int64_t message_id, MessageId(parameters));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(parameters));
  ASSIGN_OR_RETURN(const Message message,
                   world.chats.BotEditsMarkup(chat_id, message_id, std::move(markup), now));
  return Answer::Ok(world.chats.MessageForBot(message));
}

Result DeleteMessage(World& world, const Parameters& parameters, absl::Time now) {
  if (parameters.Text("chat_id").empty()) return Bad("chat identifier is not specified");
  ASSIGN_OR_RETURN(const int64_t message_id, MessageId(parameters));
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(parameters));
  RETURN_IF_ERROR(world.chats.BotDeletes(chat_id, message_id, now));
  return Answer::Ok(true);
}

Result AnswerCallbackQuery(World& world, const Parameters& parameters, absl::Time now) {
  RETURN_IF_ERROR(world.chats.BotAnswers(parameters.Text("callback_query_id"),
                                         parameters.Text("text"), parameters.Flag("show_alert"),
                                         now));
  return Answer::Ok(true);
}

Result SendChatAction(World& world, const Parameters& parameters, absl::Time now) {
  static constexpr std::array kActions = {
      "typing",        "upload_photo",    "record_video",  "upload_video",      "record_voice",
      "upload_voice",  "upload_document", "find_location", "record_video_note", "upload_video_note",
      "choose_sticker"};
  const std::string action = absl::AsciiStrToLower(parameters.Text("action"));
  if (std::find(kActions.begin(), kActions.end(), action) == kActions.end()) {
    return Bad("wrong parameter action in request");
  }
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(parameters));
  RETURN_IF_ERROR(world.chats.BotActs(chat_id, action, now));
  return Answer::Ok(true);
}

// The scope's name in Commands.
absl::StatusOr<std::string> Scope(const Parameters& parameters) {
  const std::string text = parameters.Text("scope");
  if (text.empty()) return std::string("default");
  const absl::StatusOr<Json> scope = ParseJson(text);
  if (!scope.ok() || !scope->is_object())
    return Bad("can't parse BotCommandScope: object expected as scope");
  const std::string type = StringOr(*scope, "type");
  static const auto& known = *new std::set<std::string>{
      "default", "all_private_chats", "all_group_chats", "all_chat_administrators"};
  if (known.contains(type)) return type;
  if (type != "chat") return Bad("can't parse BotCommandScope: unsupported type specified");
  return absl::StrCat("chat:", IntOr(*scope, "chat_id"));
}

absl::StatusOr<Json> CommandList(const std::string& text) {
  constexpr int kMaxCommands = 100;
  if (text.empty()) return Json::array();
  const absl::StatusOr<Json> commands = ParseJson(text);
  if (!commands.ok()) return Bad("can't parse commands JSON object");
  if (!commands->is_array()) return Bad("expected an Array of BotCommand");
  if (commands->size() > kMaxCommands) return Bad("BOT_COMMANDS_TOO_MUCH");
  Json list = Json::array();
  for (const Json& entry : *commands) {
    if (!entry.is_object()) return Bad("can't parse BotCommand: expected an Object");
    std::string command = StringOr(entry, "command");
    if (command.starts_with('/')) command.erase(0, 1);
    const std::string description = StringOr(entry, "description");
    const auto allowed = [](char c) {
      return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
    };
    if (command.empty()) return Bad("can't parse BotCommand: command must be non-empty");
    if (command.size() > 32) return Bad("command length must not exceed 32");
    if (!std::all_of(command.begin(), command.end(), allowed)) return Bad("BOT_COMMAND_INVALID");
    if (description.empty()) return Bad("command description must be non-empty");
    if (CodePoints(description) > 256) return Bad("command description length must not exceed 256");
    list.push_back({{"command", command}, {"description", description}});
  }
  return list;
}

Result SetMyCommands(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(Json list, CommandList(parameters.Text("commands")));
  ASSIGN_OR_RETURN(const std::string scope, Scope(parameters));
  world.SetCommands(scope, parameters.Text("language_code"), std::move(list));
  return Answer::Ok(true);
}

Result DeleteMyCommands(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(const std::string scope, Scope(parameters));
  world.SetCommands(scope, parameters.Text("language_code"), Json::array());
  return Answer::Ok(true);
}

Result GetMyCommands(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(const std::string scope, Scope(parameters));
  return Answer::Ok(world.commands.Get(scope, parameters.Text("language_code")));
}

Result GetChat(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(parameters));
  ASSIGN_OR_RETURN(const User user, world.chats.ChatForBot(chat_id));
  Json chat = user.ToChatJson();
  chat["accent_color_id"] = 0;
  chat["max_reaction_count"] = 11;
  return Answer::Ok(std::move(chat));
}

struct Method {
  std::string_view name;
  Result (*function)(World&, const Parameters&, absl::Time);
  bool rate_limited = false;
};

constexpr Method kMethods[] = {
    {"getMe", GetMe},
    {"getUpdates", GetUpdates},
    {"setWebhook", SetWebhook},
    {"deleteWebhook", DeleteWebhook},
    {"getWebhookInfo", GetWebhookInfo},
    {"sendMessage", SendMessage, true},
    {"editMessageText", EditMessageText, true},
    {"editMessageReplyMarkup", EditMessageReplyMarkup, true},
    {"deleteMessage", DeleteMessage},
    {"answerCallbackQuery", AnswerCallbackQuery},
    {"sendChatAction", SendChatAction},
    {"setMyCommands", SetMyCommands},
    {"deleteMyCommands", DeleteMyCommands},
    {"getMyCommands", GetMyCommands},
    {"getChat", GetChat},
};

const Method* Find(std::string_view name) {
  const auto* found = std::find_if(
      std::begin(kMethods), std::end(kMethods),
      [name](const Method& method) { return absl::EqualsIgnoreCase(method.name, name); });
  return found == std::end(kMethods) ? nullptr : found;
}

}  // namespace

Answer Answer::TooManyRequests(int retry_after_s) {
  return {.code = 429,
          .description = absl::StrCat("Too Many Requests: retry after ", retry_after_s),
          .retry_after_s = retry_after_s};
}

Answer Answer::FromStatus(const absl::Status& status) {
  switch (status.code()) {
    case absl::StatusCode::kInvalidArgument:
      return Error(400, absl::StrCat("Bad Request: ", status.message()));
    case absl::StatusCode::kPermissionDenied:
      return Error(403, absl::StrCat("Forbidden: ", status.message()));
    default:
      return Error(500, "Internal Server Error");
  }
}

Json Answer::ToJson() const {
  Json json = {{"ok", code == 200}};
  if (code == 200) {
    json["result"] = result;
  } else {
    json["error_code"] = code;
    if (retry_after_s != 0) json["parameters"] = {{"retry_after", retry_after_s}};
  }
  if (!description.empty()) json["description"] = description;
  return json;
}

std::string_view CanonicalMethod(std::string_view method) {
  const Method* found = Find(method);
  return found == nullptr ? "" : found->name;
}

bool IsRateLimited(std::string_view canonical_method) {
  const Method* found = Find(canonical_method);
  return found != nullptr && found->rate_limited;
}

Answer CallBotApi(World& world, std::string_view method, const Parameters& parameters,
                  absl::Time now) {
  const Method* found = Find(method);
  if (found == nullptr) return Answer::Error(404, "Not Found: method not found");
  Result result = found->function(world, parameters, now);
  return result.ok() ? *std::move(result) : Answer::FromStatus(result.status());
}

}  // namespace selfology::telegram_emulator
