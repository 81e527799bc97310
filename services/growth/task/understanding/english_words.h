// English words for numbers, weekdays, months and lengths of time.
//
// Each reads at the word `at`, and on success says where it ends. Threads: pure functions.
#pragma once

#include <cstddef>

#include "services/growth/task/understanding/findings.h"

namespace selfology::task::english {

// "three", "twenty-five", "25", "a", "a couple of"; 0 to 9,999.
bool ReadNumber(const Words& words, size_t at, int& number, size_t& end);
// "first", "21st", "twenty-first", "second"; 1 to 31.
bool ReadOrdinal(const Words& words, size_t at, int& number, size_t& end);
// "monday", "mon", "mon."; "sat" and "sun" only when `surely`, since they are other words, too.
bool ReadWeekday(const Words& words, size_t at, bool surely, int& weekday, size_t& end);
// "mondays".
bool ReadWeekdays(const Words& words, size_t at, int& weekday, size_t& end);
// "mon, wed and fri", "mon-fri", "monday through friday".
bool ReadWeekdayList(const Words& words, size_t at, bool plural, std::vector<int>& weekdays,
                     size_t& end);
// "may", "sept."
bool ReadMonth(const Words& words, size_t at, int& month, size_t& end);

// A length of time: minutes, or so many of a unit of days or more.
struct Length {
  int amount = 0;
  Unit unit = Unit::kMinute;  // Never kHour: hours are minutes.
};
// "2 hours", "an hour and a half", "1h30m", "half an hour", "a fortnight", "10 days".
bool ReadLength(const Words& words, size_t at, Length& length, size_t& end);
bool ReadUnit(const Words& words, size_t at, Unit& unit, size_t& end);

// "morning", "noon", "evening", "night".
bool ReadPart(const Words& words, size_t at, Part& part, size_t& end);

}  // namespace selfology::task::english
