// When somebody is reminded: at most once a day, once a week after two reminders that stayed without
// an answer, never after four, never in their quiet hours.
//
//   const absl::Time due = NextReminder(preferences, history, now);
//   ...
//   if (MayRemind(preferences, history, due, now)) ...
//
// A day is one of the person's calendar. Threads: pure functions.
#pragma once

#include <optional>

#include "absl/time/time.h"
#include "services/coaching/coaching_dialog/settings/preference_rules.h"

namespace selfology::coaching_dialog {

// How it went so far.
struct ReminderHistory {
  std::optional<absl::Time> sent_at;  // The last one.
  int unanswered = 0;                 // How many since the person was heard.
};

// A reminder that comes later than this waits for the next time.
inline constexpr absl::Duration kLatestReminder = absl::Hours(1);

// The first moment after `after` at which they may be reminded. InfiniteFuture: never.
absl::Time NextReminder(const Preferences& preferences, const ReminderHistory& history,
                        absl::Time after);

// Whether a reminder that was due at `due` may be sent now.
bool MayRemind(const Preferences& preferences, const ReminderHistory& history, absl::Time due,
               absl::Time now);

// With fewer of them: the next step of every day, every third, every seventh. The same: there is
// none.
int FewerReminders(int days_between);

}  // namespace selfology::coaching_dialog
