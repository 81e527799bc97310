#include "services/edge/telegram_gateway/routing/menus.h"

#include <memory>
#include <set>
#include <string_view>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"
#include "services/edge/telegram_gateway/routing/frame_texts.h"

namespace selfology::telegram_gateway {
namespace {

using postgres::Transaction;

constexpr absl::Duration kDatabase = absl::Seconds(5);
constexpr absl::Duration kTelegram = absl::Seconds(10);

// As bot_focus has them: {"garden": "spring"}.
frame::Menus ParseMenus(const std::string& json) {
  frame::Menus menus;
  const Json object = ParseLeniently(json);
  if (!object.is_object()) return menus;
  for (const auto& [dialog, menu] : object.items()) {
    if (menu.is_string()) menus[dialog] = menu.get<std::string>();
  }
  return menus;
}

std::set<std::string> LanguagesOf(const Directory& dialogs) {
  std::set<std::string> languages = frame::MenuLanguages(dialogs);
  languages.insert("");  // English: what everybody else gets.
  return languages;
}

std::vector<BotApi::MenuCommand> CommandsOf(const Directory& dialogs, std::string_view tag,
                                            const frame::Menus& menus) {
  std::vector<BotApi::MenuCommand> commands;
  for (auto& [name, description] : frame::CommandMenu(dialogs, tag, menus)) {
    commands.push_back({std::move(name), std::move(description)});
  }
  return commands;
}

// FNV-1a: the same in every process, and nobody gains by finding another text for it.
std::string FingerprintOf(const CommandMenus& menus) {
  uint64_t hash = 0xcbf29ce484222325;
  const auto add = [&hash](std::string_view text) {
    for (const char c : text) hash = (hash ^ static_cast<unsigned char>(c)) * 0x100000001b3;
    hash = (hash ^ 0xff) * 0x100000001b3;  // No byte of a text in UTF-8.
  };
  for (const auto& [language, commands] : menus) {
    add(language);
    for (const BotApi::MenuCommand& command : commands) {
      add(command.name);
      add(command.description);
    }
    add("");
  }
  return absl::StrCat(absl::Hex(hash, absl::kZeroPad16));
}

}  // namespace

CommandMenus CommonMenu(const Directory& dialogs) {
  CommandMenus menus;
  for (const std::string& language : LanguagesOf(dialogs)) {
    menus[language] = CommandsOf(dialogs, language, {});
  }
  return menus;
}

PersonMenu MenuOf(const store::Focus& focus, const Directory& dialogs) {
  const frame::Menus menus = ParseMenus(focus.menu);
  if (menus.empty()) return {};
  PersonMenu person;
  // Telegram prefers the menu of its own language, so each is there also when all are the same.
  for (const std::string& language : LanguagesOf(dialogs)) {
    const std::string& tag = focus.language.empty() ? language : focus.language;
    person.by_language[language] = CommandsOf(dialogs, tag, menus);
  }
  person.fingerprint = FingerprintOf(person.by_language);
  return person;
}

bool PersonMenus::IsOutdated(const store::Focus& focus, const Directory& dialogs) {
  // Most people have none; theirs costs nothing.
  if (focus.menu.size() <= std::string_view("{}").size()) return false;
  return MenuOf(focus, dialogs).fingerprint != focus.menu_shown;
}

void PersonMenus::Show(int64_t user_id) {
  {
    absl::MutexLock lock(&mutex_);
    if (!waiting_.insert(user_id).second) return;
  }
  workers_.Submit([this, user_id] {
    {
      absl::MutexLock lock(&mutex_);
      waiting_.erase(user_id);
    }
    const absl::Status shown = ShowNow(user_id);
    if (!shown.ok()) observe::Info("command menu not updated in Telegram", {{"status", shown}});
  });
}

absl::Status PersonMenus::ShowNow(int64_t user_id) {
  const std::shared_ptr<const Directory> directory = dialogs_.now();
  if (directory == nullptr) return absl::OkStatus();
  ASSIGN_OR_RETURN(const store::Focus focus, database_.Read(Call::Background(kDatabase),
                                                            [&](Transaction& tx) {
                                                              return store::ReadFocus(
                                                                  tx, telegram_.bot_id(), user_id);
                                                            },
                                                            {.newest = true}));
  const PersonMenu menu = MenuOf(focus, *directory);
  if (menu.fingerprint == focus.menu_shown) return absl::OkStatus();
  for (const auto& [language, commands] : menu.by_language) {
    RETURN_IF_ERROR(
        telegram_.SetMyCommands(Call::Background(kTelegram), user_id, language, commands));
  }
  return database_.Write(Call::Background(kDatabase), [&](Transaction& tx) -> absl::Status {
    store::NoteMenuShown(tx, telegram_.bot_id(), user_id, menu.fingerprint);
    return absl::OkStatus();
  });
}

}  // namespace selfology::telegram_gateway
