#include "services/coaching/coaching_dialog/settings/preference_rules.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_format.h"
#include "common/enums/word.h"
#include "common/status/status.h"

namespace selfology::coaching_dialog {
namespace {

using notification::v1::UpdatePreferencesRequest;

constexpr int kEvening = 19 * 60;
constexpr int kNight = 22 * 60;
constexpr int kMorning = 8 * 60;
constexpr int kMostDays = 30;
constexpr size_t kLongestZone = 64;

constexpr std::string_view kMinuteRule = "must be 0 to 1439";

// By the name in the mask: what is wrong with the new value, and how to take it over.
struct Field {
  std::string_view name;
  std::string_view rule;
  bool (*is_good)(const Preferences& wanted);
  void (*take)(const Preferences& wanted, Preferences& known);
};

bool IsMinute(int minute) { return minute >= 0 && minute < kMinutesOfDay; }

constexpr Field kFields[] = {
    {"form_of_address", "must be a known one",
     [](const Preferences& wanted) {
       return wanted.form_of_address() == notification::v1::FORM_OF_ADDRESS_UNSPECIFIED ||
              enums::IsNamed(wanted.form_of_address());
     },
     [](const Preferences& wanted, Preferences& known) {
       known.set_form_of_address(wanted.form_of_address());
     }},
    {"time_zone", "must be a name of the IANA time zone database, or empty",
     [](const Preferences& wanted) {
       return wanted.time_zone().empty() || IsTimeZone(wanted.time_zone());
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

bool IsTimeZone(std::string_view name) {
  // The database's names, and none of the files and words that the library would take besides.
  const bool is_word = !name.empty() && name.size() <= kLongestZone && name.front() != '/' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' ||
                                c == '_' || c == '-' || c == '+';
                       });
  if (!is_word || absl::StartsWith(name, "Fixed/") || name == "localtime") return false;
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone);
}

absl::TimeZone ZoneOf(const Preferences& preferences) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (preferences.time_zone().empty()) return zone;
  return absl::LoadTimeZone(preferences.time_zone(), &zone) ? zone : absl::UTCTimeZone();
}

int MinuteAt(absl::Time time, absl::TimeZone zone) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, zone);
  return civil.hour() * 60 + civil.minute();
}

absl::CivilDay DayAt(absl::Time time, absl::TimeZone zone) { return absl::ToCivilDay(time, zone); }

bool IsQuiet(const Preferences& preferences, int minute) {
  const int from = preferences.quiet_from_minute();
  const int until = preferences.quiet_until_minute();
  if (from <= until) return minute >= from && minute < until;
  return minute >= from || minute < until;  // Over midnight.
}

int ReminderMinute(const Preferences& preferences) {
  return IsQuiet(preferences, preferences.reminder_minute()) ? preferences.quiet_until_minute()
                                                             : preferences.reminder_minute();
}

std::string ClockText(int minute) { return absl::StrFormat("%d:%02d", minute / 60, minute % 60); }

}  // namespace selfology::coaching_dialog
