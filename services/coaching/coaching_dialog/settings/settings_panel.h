// What /settings shows, and the places where one thing is chosen.
//
//   v1::DialogMessage message = SettingsPanel(language, key, preferences, now);
//   v1::DialogMessage message = ZonePanel(language, key, now);
//
// Buttons say what will be, never "the other": pressed twice they do the same. Threads: pure
// functions.
#pragma once

#include <string>
#include <string_view>

#include "absl/time/time.h"
#include "services/coaching/coaching_dialog/settings/panel.h"
#include "services/coaching/coaching_dialog/settings/preference_rules.h"

namespace selfology::coaching_dialog {

v1::DialogMessage SettingsPanel(Language language, std::string key, const Preferences& preferences,
                                absl::Time now);

v1::DialogMessage LanguagePanel(Language language, std::string key);
v1::DialogMessage AddressPanel(Language language, std::string key);
v1::DialogMessage TimePanel(Language language, std::string key);
v1::DialogMessage QuietPanel(Language language, std::string key);
// What time it is in each of them. `intro`: stands before; empty: the question alone.
v1::DialogMessage ZonePanel(Language language, std::string key, absl::Time now,
                            std::string_view intro = "");

// Whether to write first, and when: shown once.
v1::DialogMessage ReminderOffer(Language language, std::string key);

// What to say when they were switched on; asks for the time zone where none was chosen.
v1::DialogMessage RemindersOn(Language language, std::string key, const Preferences& preferences,
                              absl::Time now);

}  // namespace selfology::coaching_dialog
