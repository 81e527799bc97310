// Every word the gateway itself says, in English and in Russian; all else is the dialogs'.
//
//   frame::TooFast(Language::kRussian, absl::Seconds(20))
//   frame::CommandMenu(dialogs, "ru")
//
// Texts are Telegram's HTML, but for what is on buttons, in notices and in menus. Threads: pure
// functions.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/time/time.h"
#include "common/language/language.h"
#include "services/edge/telegram_gateway/routing/directory.h"

namespace selfology::telegram_gateway::frame {

using language::Language;

std::string TooFast(Language language, absl::Duration wait);

// nearest: the command, without "/", that the person may have meant; empty: none.
std::string UnknownCommand(Language language, std::string_view nearest);

// What the person did could not be handled so far, and is kept until it can.
std::string_view TakesAWhile(Language language);
// It cannot be answered, and is kept for an operator to look at. Without a code, which would tell
// people nothing.
std::string_view Failure(Language language);

// Over the buttons of the menu of dialogs; kept: what the person wrote waits for their choice.
std::string WhomToTalkWith(Language language, bool kept);
// On the button under /help that opens that menu.
std::string_view SomethingElse(Language language);
std::string_view NothingToCancel(Language language);
std::string_view NothingToSet(Language language);
// A notice over the chat.
std::string_view StaleButton(Language language);

// In a group, once.
std::string_view OnlyInPrivate(Language language);

// The paragraph of the only dialog that has one, or those of all under their titles.
std::string Help(std::string_view tag, const Directory& dialogs);

// Commands without "/" and what they do, as Telegram shows them: /start, those of the dialogs,
// /help unless a dialog has put it elsewhere; at most the 100 that Telegram takes. Of a dialog that
// wants a certain menu (`menus`, by dialog) only what is in it.
using Menus = std::map<std::string, std::string, std::less<>>;
std::vector<std::pair<std::string, std::string>> CommandMenu(const Directory& dialogs,
                                                             std::string_view tag,
                                                             const Menus& menus = {});

// The languages (ISO 639-1) other than English that some command is described in.
std::set<std::string> MenuLanguages(const Directory& dialogs);

}  // namespace selfology::telegram_gateway::frame
