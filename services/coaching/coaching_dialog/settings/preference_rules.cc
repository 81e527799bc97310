#include "services/coaching/coaching_dialog/settings/preference_rules.h"

#include "absl/strings/str_format.h"
#include "common/timestamps/local_time.h"

namespace selfology::coaching_dialog {

absl::TimeZone ZoneOf(const Preferences& preferences) {
  return timestamps::ZoneOf(preferences.time_zone());
}

int MinuteAt(absl::Time time, absl::TimeZone zone) { return timestamps::MinuteOfDay(time, zone); }

absl::CivilDay DayAt(absl::Time time, absl::TimeZone zone) { return absl::ToCivilDay(time, zone); }

bool IsQuiet(const Preferences& preferences, int minute) {
  return timestamps::IsWithin(minute, preferences.quiet_from_minute(),
                              preferences.quiet_until_minute());
}

int ReminderMinute(const Preferences& preferences) {
  return IsQuiet(preferences, preferences.reminder_minute()) ? preferences.quiet_until_minute()
                                                             : preferences.reminder_minute();
}

std::string ClockText(int minute) { return absl::StrFormat("%d:%02d", minute / 60, minute % 60); }

}  // namespace selfology::coaching_dialog
