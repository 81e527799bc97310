// What the bot offers: commands by scope and language, the menu button; and its chats.
#include <algorithm>
#include <set>
#include <utility>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/status/status_macros.h"
#include "tools/telegram_emulator/bot_methods.h"

namespace selfology::telegram_emulator {
namespace {

constexpr size_t kMostCommands = 100;

// The scope's name in Commands.
absl::StatusOr<std::string> Scope(const World& world, const Parameters& parameters) {
  const std::string text = parameters.Text("scope");
  if (text.empty()) return std::string("default");
  constexpr std::string_view kContext = "can't parse BotCommandScope: ";
  const absl::StatusOr<Json> scope = ParseJson(text);
  if (!scope.ok()) return Bad("can't parse BotCommandScope JSON object");
  if (!scope->is_object()) return Bad(kContext, "BotCommandScope must be an Object");
  if (!scope->contains("type")) return Bad(kContext, "Can't find field \"type\"");
  const std::string type = StringOr(*scope, "type");
  static const auto& for_many = *new std::set<std::string>{
      "default", "all_private_chats", "all_group_chats", "all_chat_administrators"};
  static const auto& for_one =
      *new std::set<std::string>{"chat", "chat_administrators", "chat_member"};
  if (for_many.contains(type)) return type;
  if (!for_one.contains(type)) return Bad(kContext, "Unsupported type specified");
  if (!scope->contains("chat_id")) return Bad(kContext, "Can't find field \"chat_id\"");
  const bool is_member = type == "chat_member";
  if (is_member && !scope->contains("user_id")) {
    return Bad(kContext, "Can't find field \"user_id\"");
  }
  if (is_member && IntOr(*scope, "user_id") <= 0) {
    return Bad(kContext, "Invalid user_id specified");
  }
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, Parameters::FromJson(*scope)));
  RETURN_IF_ERROR(world.chats.ChatForBot(chat_id));
  if (is_member) return absl::StrCat(type, ":", chat_id, ":", IntOr(*scope, "user_id"));
  return absl::StrCat(type, ":", chat_id);
}

absl::StatusOr<std::string> Language(const Parameters& parameters) {
  std::string code = parameters.Text("language_code");
  const bool is_code =
      code.size() == 2 && std::all_of(code.begin(), code.end(), absl::ascii_islower);
  if (!code.empty() && !is_code) return Bad("invalid language code specified");
  return code;
}

absl::Status CheckCommand(const std::string& command, const std::string& description) {
  const auto allowed = [](char c) {
    return absl::ascii_islower(c) || absl::ascii_isdigit(c) || c == '_';
  };
  if (command.empty()) return Bad("command must be non-empty");
  if (CodePoints(command) > 32) return Bad("command length must not exceed 32");
  if (description.empty()) return Bad("command description must be non-empty");
  if (CodePoints(description) > 256) return Bad("command description length must not exceed 256");
  if (!std::all_of(command.begin(), command.end(), allowed)) return Bad("BOT_COMMAND_INVALID");
  return absl::OkStatus();
}

absl::StatusOr<Json> CommandList(const std::string& text) {
  if (text.empty()) return Json::array();
  constexpr std::string_view kContext = "can't parse BotCommand: ";
  const absl::StatusOr<Json> commands = ParseJson(text);
  if (!commands.ok()) return Bad("can't parse commands JSON object");
  if (!commands->is_array()) return Bad("expected an Array of BotCommand");
  Json list = Json::array();
  for (const Json& entry : *commands) {
    if (!entry.is_object()) return Bad(kContext, "expected an Object");
    for (const char* field : {"command", "description"}) {
      if (!entry.contains(field)) return Bad(kContext, "Can't find field \"", field, "\"");
    }
    std::string command(absl::StripAsciiWhitespace(StringOr(entry, "command")));
    if (command.starts_with('/')) command.erase(0, 1);
    const std::string description(absl::StripAsciiWhitespace(StringOr(entry, "description")));
    RETURN_IF_ERROR(CheckCommand(command, description));
    list.push_back({{"command", command}, {"description", description}});
  }
  if (list.size() > kMostCommands) return Bad("BOT_COMMANDS_TOO_MUCH");
  return list;
}

absl::StatusOr<Json> MenuButton(const std::string& text) {
  if (text.empty()) return Json{{"type", "default"}};
  constexpr std::string_view kContext = "can't parse menu button: ";
  const absl::StatusOr<Json> button = ParseJson(text);
  if (!button.ok()) return Bad("can't parse menu button JSON object");
  if (!button->is_object()) return Bad(kContext, "MenuButton must be an Object");
  if (!button->contains("type")) return Bad(kContext, "Can't find field \"type\"");
  const std::string type = StringOr(*button, "type");
  if (type == "default" || type == "commands") return Json{{"type", type}};
  if (type != "web_app") return Bad(kContext, "MenuButton has unsupported type");
  const Json* const app = Field(*button, "web_app");
  if (!button->contains("text")) return Bad(kContext, "Can't find field \"text\"");
  if (app == nullptr) return Bad(kContext, "Can't find field \"web_app\"");
  const std::string label = StringOr(*button, "text");
  const std::string url = StringOr(*app, "url");
  if (label.empty()) return Bad("menu button text must be non-empty");
  if (!absl::StartsWithIgnoreCase(url, "https://")) return Bad("BUTTON_URL_INVALID");
  return Json{{"type", type}, {"text", label}, {"web_app", {{"url", url}}}};
}

// Whose button: only private chats have their own. 0: everybody's.
absl::StatusOr<int64_t> MenuChat(const World& world, const Parameters& parameters) {
  if (!parameters.Has("chat_id")) return 0;
  const int64_t user_id = parameters.Number("chat_id", 0);
  if (user_id <= 0) return Bad("invalid chat_id specified");
  const User* const user = world.chats.FindUser(user_id);
  if (user == nullptr || !user->started) return Bad("user not found");
  return user_id;
}

}  // namespace

Result SetMyCommands(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(Json list, CommandList(parameters.Text("commands")));
  ASSIGN_OR_RETURN(const std::string scope, Scope(world, parameters));
  ASSIGN_OR_RETURN(const std::string language, Language(parameters));
  world.SetCommands(scope, language, std::move(list));
  return Answer::Ok(true);
}

Result DeleteMyCommands(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(const std::string scope, Scope(world, parameters));
  ASSIGN_OR_RETURN(const std::string language, Language(parameters));
  world.SetCommands(scope, language, Json::array());
  return Answer::Ok(true);
}

Result GetMyCommands(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(const std::string scope, Scope(world, parameters));
  ASSIGN_OR_RETURN(const std::string language, Language(parameters));
  return Answer::Ok(world.commands.Get(scope, language));
}

Result SetChatMenuButton(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(Json button, MenuButton(parameters.Text("menu_button")));
  ASSIGN_OR_RETURN(const int64_t chat_id, MenuChat(world, parameters));
  world.SetMenuButton(chat_id, std::move(button));
  return Answer::Ok(true);
}

Result GetChatMenuButton(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(const int64_t chat_id, MenuChat(world, parameters));
  return Answer::Ok(world.menu.Get(chat_id));
}

Result GetChat(World& world, const Parameters& parameters, absl::Time) {
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  ASSIGN_OR_RETURN(Json chat, world.chats.ChatForBot(chat_id));
  chat["accent_color_id"] = 0;
  chat["max_reaction_count"] = 11;
  for (const char* gifts :
       {"unlimited_gifts", "limited_gifts", "unique_gifts", "premium_subscription"}) {
    chat["accepted_gift_types"][gifts] = true;
  }
  return Answer::Ok(std::move(chat));
}

// Of the bot itself or of a channel's or group's owner: nobody else's place in one is known.
Result GetChatMember(World& world, const Parameters& parameters, absl::Time) {
  const int64_t user_id = parameters.Number("user_id", 0);
  if (user_id <= 0) return Bad("invalid user_id specified");
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  RETURN_IF_ERROR(world.chats.ChatForBot(chat_id));
  const Group* const group = world.chats.FindGroup(chat_id);
  const Bot& bot = world.chats.bot();
  if (group != nullptr && user_id == bot.id) return Answer::Ok(group->MemberJson(bot));
  const User* const user = world.chats.FindUser(user_id);
  if (user == nullptr) return Bad("PARTICIPANT_ID_INVALID");
  const bool is_owner = group != nullptr && group->owner_id == user_id;
  Json member = {{"user", user->ToJson()}, {"status", is_owner ? "creator" : "member"}};
  if (is_owner) member["is_anonymous"] = false;
  return Answer::Ok(std::move(member));
}

Result LeaveChat(World& world, const Parameters& parameters, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t chat_id, ChatId(world, parameters));
  RETURN_IF_ERROR(world.chats.BotLeaves(chat_id, now));
  return Answer::Ok(true);
}

}  // namespace selfology::telegram_emulator
