#include "tools/telegram_emulator/bot_api.h"

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "tools/telegram_emulator/bot_methods.h"

namespace selfology::telegram_emulator {
namespace {

Result GetMe(World& world, const Parameters&, absl::Time) {
  Json me = world.chats.bot().ToJson();
  me["can_join_groups"] = true;
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
    {"sendPhoto", SendPhoto, true},
    {"sendDocument", SendDocument, true},
    {"sendVoice", SendVoice, true},
    {"sendSticker", SendSticker, true},
    {"sendMediaGroup", SendMediaGroup, true},
    {"getFile", GetFile},
    {"editMessageText", EditMessageText, true},
    {"editMessageCaption", EditMessageCaption, true},
    {"editMessageReplyMarkup", EditMessageReplyMarkup, true},
    {"deleteMessage", DeleteMessage},
    {"deleteMessages", DeleteMessages},
    {"setMessageReaction", SetMessageReaction},
    {"answerCallbackQuery", AnswerCallbackQuery},
    {"sendChatAction", SendChatAction},
    {"setMyCommands", SetMyCommands},
    {"deleteMyCommands", DeleteMyCommands},
    {"getMyCommands", GetMyCommands},
    {"setChatMenuButton", SetChatMenuButton},
    {"getChatMenuButton", GetChatMenuButton},
    {"getChat", GetChat},
    {"getChatMember", GetChatMember},
    {"leaveChat", LeaveChat},
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
