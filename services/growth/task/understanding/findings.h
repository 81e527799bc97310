// What the rules of a language find in a sentence: dates, times, rules of recurrence and so on, each
// with the words that say it. understanding.cc makes a task of them.
//
// Threads: values.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "selfology/task/v1/task.pb.h"
#include "services/growth/task/understanding/words.h"

namespace selfology::task {

enum class Unit { kMinute, kHour, kDay, kWeek, kMonth, kQuarter, kYear };

// A day, as far as the words say it.
struct DateSpec {
  enum Kind {
    kNone,
    kInDays,      // `amount` days from today.
    kInMonths,    // `amount` months from today.
    kWeekday,     // The next one.
    kWeek,        // `amount` weeks from this one: its Monday or, with a weekday, that day.
    kMonth,       // `amount` months from this one: its first day or, with one, that day.
    kYear,        // `amount` years from this one: its first day.
    kDayOfMonth,  // The next `day`; with a kMonth, of that month.
    kDate,        // The next `month`, `day`; or in `year`.
    kEndOf,       // The last day of a `unit`, `amount` units from this one.
    kMiddleOf,    // The 15th of a month, likewise.
    kWeekend,     // The Saturday `amount` weeks from this one.
    kNthWeekday,  // The weekday's `day`-th (-1: last) of `month`, or of the month `amount` from this.
    kWeeksOn,     // `amount` weeks from today: the day, or, with a weekday, that of its week.
  } kind = kNone;
  int amount = 0;
  int weekday = -1;  // 0: Monday.
  int day = 0;       // -1: the last.
  int month = 0;
  int year = 0;  // 0: whichever comes next.
  Unit unit = Unit::kDay;
  bool whole_month = false;  // Of a kDate: the month was named, and no day of it.
  int shift_days = 0;        // So many days after what the rest says: "3 days before June 10".
};

// What the words before a date make of it.
enum class Role { kDue, kDeadline, kFrom, kUntil };

enum class Part { kNone, kMorning, kNoon, kAfternoon, kEvening, kTonight, kNight, kMidnight };

struct TimeSpec {
  int hour = 0, minute = 0;
  bool ambiguous = false;    // Of twelve hours, and nothing says which half of the day.
  bool has_minutes = false;  // "6:30" rather than "6".
  bool midnight = false;     // The word: the end of a day as much as the beginning of one.
  int minutes_long = 0;      // Of "from 5 to 6"; 0: no end was said.
};

// How it comes again. What is 0 or empty was not said.
struct RepeatSpec {
  Unit unit = Unit::kDay;
  int interval = 1;
  std::vector<int> weekdays = {};    // 0: Monday.
  int nth = 0;                       // Of the month, of the weekdays: 1 to 5, -1 the last.
  std::vector<int> month_days = {};  // 1 to 31, -1 the last.
  int month = 0;                     // With month_days: of the year.
  std::vector<int> hours = {};       // "at 8 and at 20"; empty: the time that is due.
  bool after_completion = false;
  bool adjective = false;  // "weekly review": said in passing.
  bool unsure = false;     // It can be read otherwise, too.
  bool spread = false;     // Its days or hours are ours: "twice a week" names none.
  // Not on these days of the week; a rule that says nothing else is about another one.
  std::vector<int> except = {};
};

struct Finding {
  size_t begin = 0, end = 0;  // Words.
  Role role = Role::kDue;
  DateSpec date = {};
  std::optional<TimeSpec> time = {};
  Part part = Part::kNone;
  std::optional<absl::Duration> after = {};  // From now: "in two hours".
  std::optional<RepeatSpec> repeat = {};
  std::optional<int> times = {};                   // So often: "10 times".
  std::optional<std::pair<int, Unit>> lasts = {};  // "for two weeks", "for 30 minutes".
  std::optional<int> remind_minutes = {};          // So long before.
  bool asks_to_remind = false;                     // "remind me to".
  v1::TaskPriority priority = v1::TASK_PRIORITY_UNSPECIFIED;
  std::string label = {};
  bool vague = false;  // "this week", "soon": a guess is made of it.
};

// Tries to find something that begins at the word `at`; on success `finding.end` lies behind it.
// `before`: what was found just before that word, or null.
using Rule = bool (*)(const Words& words, size_t at, const Finding* before, Finding& finding);

absl::Span<const Rule> EnglishRules();
absl::Span<const Rule> RussianRules();

// Rules of all languages: numeric dates and times, labels, priorities.
bool FindLabel(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindMark(const Words& words, size_t at, const Finding* before, Finding& finding);
bool FindIsoDate(const Words& words, size_t at, const Finding* before, Finding& finding);

// "10:30" and the like at `at`: hours and minutes with that mark between.
bool ReadClock(const Words& words, size_t at, std::string_view mark, int& hour, int& minute);
// "twice a week": so many times in each of these, evenly spread. False: there is no such rule.
bool Spread(int times, Unit unit, Finding& finding);
// The "and 20" of "at 8 and 20", behind a time.
bool FindMoreTime(const Words& words, size_t at, const Finding* before, Finding& finding);
// Whether there is such a day in some year.
bool IsDayOf(int month, int day);

}  // namespace selfology::task
