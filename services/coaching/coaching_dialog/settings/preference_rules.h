// What a person's choices of when they are written to mean on the clock.
//
//   if (IsQuiet(preferences, MinuteAt(clock(), ZoneOf(preferences)))) ...
//
// The choices are notification's (notification/v1/preferences_service.proto). Minutes are those after
// midnight, 0 to 1,439. Threads: pure functions; time zones are read from the machine's database.
#pragma once

#include <string>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "selfology/notification/v1/preferences.pb.h"

namespace selfology::coaching_dialog {

using notification::v1::Preferences;

// UTC where there is none.
absl::TimeZone ZoneOf(const Preferences& preferences);

int MinuteAt(absl::Time time, absl::TimeZone zone);
absl::CivilDay DayAt(absl::Time time, absl::TimeZone zone);

bool IsQuiet(const Preferences& preferences, int minute);
// When reminders come: the minute chosen or, in the quiet hours, that of their end.
int ReminderMinute(const Preferences& preferences);

// "19:05"
std::string ClockText(int minute);

}  // namespace selfology::coaching_dialog
