// What people may choose of when and how they are written to, and what that means on the clock.
//
//   RETURN_IF_ERROR(CheckUpdate(request));
//   const Preferences now = Updated(known, request);
//   if (IsQuiet(now, MinuteAt(clock(), ZoneOf(now)))) ...
//
// Minutes are those after midnight, 0 to 1,439. Errors: INVALID_ARGUMENT, naming the fields.
// Threads: pure functions; time zones are read from the machine's database.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "selfology/notification/v1/preferences.pb.h"
#include "selfology/notification/v1/preferences_service.pb.h"

namespace selfology::coaching_dialog {

using notification::v1::Preferences;

inline constexpr int kMinutesOfDay = 24 * 60;

// Of somebody who never chose.
Preferences DefaultPreferences(int64_t user_id);

absl::Status CheckUpdate(const notification::v1::UpdatePreferencesRequest& request);
// Those that the request's mask names changed; updated_at is not.
Preferences Updated(Preferences known, const notification::v1::UpdatePreferencesRequest& request);

// A name of the IANA database that this machine knows.
bool IsTimeZone(std::string_view name);
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
