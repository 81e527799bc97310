#include "services/platform/notification/preferences/preference_rules.h"

#include <algorithm>
#include <string>
#include <string_view>

#include "common/enums/word.h"
#include "common/status/status.h"
#include "common/timestamps/local_time.h"

namespace selfology::notification {
namespace {

using v1::Preferences;
using v1::UpdatePreferencesRequest;

constexpr int kEvening = 19 * 60;
constexpr int kNight = 22 * 60;
constexpr int kMorning = 8 * 60;
constexpr int kMostDays = 30;

constexpr std::string_view kMinuteRule = "must be 0 to 1439";

// By the name in the mask: what is wrong with the new value, and how to take it over.
struct Field {
  std::string_view name;
  std::string_view rule;
  bool (*is_good)(const Preferences& wanted);
  void (*take)(const Preferences& wanted, Preferences& known);
};

bool IsMinute(int minute) { return minute >= 0 && minute < timestamps::kMinutesOfDay; }

constexpr Field kFields[] = {
    {"form_of_address", "must be a known one",
     [](const Preferences& wanted) {
       return wanted.form_of_address() == v1::FORM_OF_ADDRESS_UNSPECIFIED ||
              enums::IsNamed(wanted.form_of_address());
     },
     [](const Preferences& wanted, Preferences& known) {
       known.set_form_of_address(wanted.form_of_address());
     }},
    {"time_zone", "must be a name of the IANA time zone database, or empty",
     [](const Preferences& wanted) {
       return wanted.time_zone().empty() || timestamps::IsZone(wanted.time_zone());
     },
     [](const Preferences& wanted, Preferences& known) {
       known.set_time_zone(wanted.time_zone());
     }},
    {"reminders", "", [](const Preferences&) { return true; },
     [](const Preferences& wanted, Preferences& known) {
       known.set_reminders(wanted.reminders());
     }},
    {"reminder_minute", kMinuteRule,
     [](const Preferences& wanted) { return IsMinute(wanted.reminder_minute()); },
     [](const Preferences& wanted, Preferences& known) {
       known.set_reminder_minute(wanted.reminder_minute());
     }},
    {"quiet_from_minute", kMinuteRule,
     [](const Preferences& wanted) { return IsMinute(wanted.quiet_from_minute()); },
     [](const Preferences& wanted, Preferences& known) {
       known.set_quiet_from_minute(wanted.quiet_from_minute());
     }},
    {"quiet_until_minute", kMinuteRule,
     [](const Preferences& wanted) { return IsMinute(wanted.quiet_until_minute()); },
     [](const Preferences& wanted, Preferences& known) {
       known.set_quiet_until_minute(wanted.quiet_until_minute());
     }},
    {"no_statements", "", [](const Preferences&) { return true; },
     [](const Preferences& wanted, Preferences& known) {
       known.set_no_statements(wanted.no_statements());
     }},
    {"heavy_questions", "", [](const Preferences&) { return true; },
     [](const Preferences& wanted, Preferences& known) {
       known.set_heavy_questions(wanted.heavy_questions());
     }},
    {"days_between_reminders", "must be 1 to 30",
     [](const Preferences& wanted) {
       return wanted.days_between_reminders() >= 1 && wanted.days_between_reminders() <= kMostDays;
     },
     [](const Preferences& wanted, Preferences& known) {
       known.set_days_between_reminders(wanted.days_between_reminders());
     }},
};

const Field* FindField(std::string_view name) {
  const auto* const found = std::find_if(std::begin(kFields), std::end(kFields),
                                         [&](const Field& field) { return field.name == name; });
  return found == std::end(kFields) ? nullptr : found;
}

}  // namespace

Preferences DefaultPreferences(int64_t user_id) {
  Preferences preferences;
  preferences.set_user_id(user_id);
  preferences.set_reminder_minute(kEvening);
  preferences.set_quiet_from_minute(kNight);
  preferences.set_quiet_until_minute(kMorning);
  preferences.set_days_between_reminders(1);
  return preferences;
}

absl::Status CheckUpdate(const UpdatePreferencesRequest& request) {
  status::FieldViolations bad;
  bad.CheckUserId(request.preferences().user_id(), "preferences.user_id");
  if (request.update_mask().paths().empty()) bad.Add("update_mask", "must name a field");
  for (const std::string& path : request.update_mask().paths()) {
    const Field* const field = FindField(path);
    if (field == nullptr) {
      bad.Add("update_mask", "must name fields of Preferences that can be chosen");
    } else if (!field->is_good(request.preferences())) {
      bad.Add("preferences." + path, field->rule);
    }
  }
  return bad.ToStatus();
}

Preferences Updated(Preferences known, const UpdatePreferencesRequest& request) {
  for (const std::string& path : request.update_mask().paths()) {
    if (const Field* const field = FindField(path); field != nullptr) {
      field->take(request.preferences(), known);
    }
  }
  return known;
}

std::optional<absl::Time> QuietUntil(const Preferences& preferences, absl::Time now) {
  const absl::TimeZone zone = timestamps::ZoneOf(preferences.time_zone());
  const auto is_quiet = [&](absl::Time time) {
    return timestamps::IsWithin(timestamps::MinuteOfDay(time, zone),
                                preferences.quiet_from_minute(), preferences.quiet_until_minute());
  };
  if (!is_quiet(now)) return std::nullopt;
  absl::Time end = timestamps::NextAt(now, preferences.quiet_until_minute(), zone);
  // Where the clocks skip from the quiet hours' end into those of the evening.
  while (is_quiet(end)) end = timestamps::NextAt(end, preferences.quiet_until_minute(), zone);
  return end;
}

}  // namespace selfology::notification
