#include "services/coaching/coaching_dialog/settings/reminder_rules.h"

#include <algorithm>

#include "absl/time/civil_time.h"

namespace selfology::coaching_dialog {
namespace {

constexpr int kWeeklyAfter = 2;
constexpr int kNoneAfter = 4;
constexpr int kWeek = 7;
// Of days that are looked at for a moment that suits; a clock change spoils one at most.
constexpr int kDaysToLookAt = 3;
constexpr int kSteps[] = {1, 3, kWeek};

bool AreWanted(const Preferences& preferences, const ReminderHistory& history) {
  return preferences.reminders() && history.unanswered < kNoneAfter;
}

// The first day on which there may be another.
std::optional<absl::CivilDay> FirstDay(const Preferences& preferences,
                                       const ReminderHistory& history, absl::TimeZone zone) {
  if (!history.sent_at.has_value()) return std::nullopt;
  int days = std::max(1, preferences.days_between_reminders());
  if (history.unanswered >= kWeeklyAfter) days = std::max(days, kWeek);
  return DayAt(*history.sent_at, zone) + days;
}

}  // namespace

absl::Time NextReminder(const Preferences& preferences, const ReminderHistory& history,
                        absl::Time after) {
  if (!AreWanted(preferences, history)) return absl::InfiniteFuture();
  const absl::TimeZone zone = ZoneOf(preferences);
  const int minute = ReminderMinute(preferences);
  absl::CivilDay day = DayAt(after, zone);
  if (const auto first = FirstDay(preferences, history, zone); first.has_value()) {
    day = std::max(day, *first);
  }
  for (int i = 0; i < kDaysToLookAt; ++i, ++day) {
    const absl::CivilSecond civil(day.year(), day.month(), day.day(), minute / 60, minute % 60, 0);
    const absl::TimeZone::TimeInfo info = zone.At(civil);
    // A time that the clocks skip is the moment at which they do; of one that comes twice, the
    // first.
    const absl::Time time = info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
    if (time > after && !IsQuiet(preferences, MinuteAt(time, zone))) return time;
  }
  return absl::InfiniteFuture();
}

bool MayRemind(const Preferences& preferences, const ReminderHistory& history, absl::Time due,
               absl::Time now) {
  if (!AreWanted(preferences, history) || now < due || now - due > kLatestReminder) return false;
  const absl::TimeZone zone = ZoneOf(preferences);
  const auto first = FirstDay(preferences, history, zone);
  return (!first.has_value() || DayAt(now, zone) >= *first) &&
         !IsQuiet(preferences, MinuteAt(now, zone));
}

int FewerReminders(int days_between) {
  for (const int step : kSteps) {
    if (step > days_between) return step;
  }
  return days_between;
}

}  // namespace selfology::coaching_dialog
