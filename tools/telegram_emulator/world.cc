#include "tools/telegram_emulator/world.h"

#include <vector>

#include "absl/strings/str_cat.h"

namespace selfology::telegram_emulator {

Json Webhook::ToFullJson() const {
  return {{"url", url}, {"secret_token", secret_token}, {"max_connections", max_connections}};
}

Webhook Webhook::FromFullJson(const Json& json) {
  return {.url = StringOr(json, "url"),
          .secret_token = StringOr(json, "secret_token"),
          .max_connections = IntOr(json, "max_connections", 40)};
}

void Commands::Set(const std::string& scope, const std::string& language, Json commands) {
  if (commands.empty()) {
    commands_.erase({scope, language});
  } else {
    commands_[{scope, language}] = std::move(commands);
  }
}

Json Commands::Get(const std::string& scope, const std::string& language) const {
  const auto found = commands_.find({scope, language});
  return found == commands_.end() ? Json::array() : found->second;
}

Json Commands::ForUser(int64_t user_id, const std::string& language) const {
  for (const std::string& scope :
       {absl::StrCat("chat:", user_id), std::string("all_private_chats"), std::string("default")}) {
    for (const std::string& tongue : {language.substr(0, 2), std::string()}) {
      if (Json commands = Get(scope, tongue); !commands.empty()) return commands;
    }
  }
  return Json::array();
}

Json Commands::ToFullJson() const {
  Json array = Json::array();
  for (const auto& [key, commands] : commands_) {
    array.push_back({{"scope", key.first}, {"language_code", key.second}, {"commands", commands}});
  }
  return array;
}

void Commands::Restore(const Json& json) {
  commands_.clear();
  if (!json.is_array()) return;
  for (const Json& entry : json) {
    if (const Json* commands = Field(entry, "commands"); commands != nullptr) {
      Set(StringOr(entry, "scope"), StringOr(entry, "language_code"), *commands);
    }
  }
}

void MenuButtons::Set(int64_t chat_id, Json button) {
  if (StringOr(button, "type") == "default") {
    buttons_.erase(chat_id);
  } else {
    buttons_[chat_id] = std::move(button);
  }
}

Json MenuButtons::Get(int64_t chat_id) const {
  const auto found = buttons_.find(chat_id);
  if (found != buttons_.end()) return found->second;
  return {{"type", chat_id == 0 ? "commands" : "default"}};
}

Json MenuButtons::ToFullJson() const {
  Json array = Json::array();
  for (const auto& [chat_id, button] : buttons_) {
    array.push_back({{"chat_id", chat_id}, {"menu_button", button}});
  }
  return array;
}

void MenuButtons::Restore(const Json& json) {
  buttons_.clear();
  if (!json.is_array()) return;
  for (const Json& entry : json) {
    if (const Json* button = Field(entry, "menu_button"); button != nullptr) {
      Set(IntOr(entry, "chat_id"), *button);
    }
  }
}

Json ApiCall::ToJson() const {
  Json json = {{"seq", seq},
               {"time", absl::FormatTime("%Y-%m-%dT%H:%M:%E6SZ", time, absl::UTCTimeZone())},
               {"method", method},
               {"parameters", parameters},
               {"code", code},
               {"answer", answer}};
  if (injected) json["injected"] = true;
  return json;
}

int64_t CallLog::Begin(std::string_view method, Json parameters, absl::Time now) {
  const size_t bytes = Dump(parameters).size();
  calls_.push_back({.seq = ++last_,
                    .time = now,
                    .method = std::string(method),
                    .parameters = std::move(parameters),
                    .bytes = bytes});
  bytes_ += bytes;
  Shrink();
  return last_;
}

void CallLog::Shrink() {
  // The latest stays, whatever its size.
  while (calls_.size() > kKept || (bytes_ > kKeptBytes && calls_.size() > 1)) {
    bytes_ -= calls_.front().bytes;
    calls_.pop_front();
  }
}

void CallLog::End(int64_t seq, int code, Json answer, bool injected) {
  if (calls_.empty() || seq < calls_.front().seq) return;
  ApiCall& call = calls_[static_cast<size_t>(seq - calls_.front().seq)];
  const size_t bytes = Dump(answer).size();
  call.code = code;
  call.answer = std::move(answer);
  call.injected = injected;
  call.bytes += bytes;
  bytes_ += bytes;
  Shrink();
}

void World::Restore(std::string_view kind, const Json& value) {
  if (kind == "commands") {
    commands.Restore(value);
  } else if (kind == "webhook") {
    webhook = Webhook::FromFullJson(value);
  } else if (kind == "menu") {
    menu.Restore(value);
  } else {
    updates.Restore(kind, value);
    chats.Restore(kind, value);
    files.Restore(kind, value);
    if (kind == "bot") files.set_owner(chats.bot().id);
  }
}

void World::SetWebhook(Webhook next) {
  next.generation = webhook.generation + 1;
  webhook = std::move(next);
  changes.Add("webhook", 0, webhook.ToFullJson());
}

void World::SetCommands(const std::string& scope, const std::string& language, Json list) {
  commands.Set(scope, language, std::move(list));
  changes.Add("commands", 0, commands.ToFullJson());
}

void World::SetMenuButton(int64_t chat_id, Json button) {
  menu.Set(chat_id, std::move(button));
  changes.Add("menu", 0, menu.ToFullJson());
}

void World::SetBot(Bot bot) {
  files.set_owner(bot.id);
  chats.SetBot(std::move(bot));
}

}  // namespace selfology::telegram_emulator
