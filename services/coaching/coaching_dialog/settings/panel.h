// What settings, memory and moods show: messages that are edited in place while people press their
// buttons, one of a tag in the chat.
//
//   v1::DialogMessage message = Panel(panel::kSettings, key, html);
//   AddButton(AddRow(message), Phrase(language, Wording::kButtonDone), "settings:done");
//
// Threads: pure functions.
#pragma once

#include <string>
#include <string_view>

#include "common/language/plural.h"
#include "services/coaching/coaching_dialog/messages.h"
#include "services/coaching/coaching_dialog/settings/wording.h"

namespace selfology::coaching_dialog {

// DialogMessage.tag, and the first words of their buttons.
namespace panel {
inline constexpr std::string_view kSettings = "settings";
inline constexpr std::string_view kMemory = "memory";
inline constexpr std::string_view kMood = "mood";
inline constexpr std::string_view kPrivacy = "privacy";
inline constexpr std::string_view kProfile = "profile";
inline constexpr std::string_view kReminder = "remind";
inline constexpr std::string_view kLink = "link";
}  // namespace panel

v1::DialogMessage Panel(std::string_view tag, std::string key, std::string html);

v1::ButtonRow& AddRow(v1::DialogMessage& message);
void AddButton(v1::ButtonRow& row, std::string_view label, std::string data);

std::string CountedDays(Language language, int days);
std::string CountedMinutes(Language language, int minutes);

}  // namespace selfology::coaching_dialog
