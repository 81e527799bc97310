// English dates: "tomorrow", "next friday", "in 3 days", "5 May", "end of next month".
#include <string_view>

#include "services/growth/task/understanding/english_rules.h"
#include "services/growth/task/understanding/english_words.h"

namespace selfology::task::english {
namespace {

// Words before a date, and what they make of it; `at` is moved behind them.
struct Preposition {
  Role role = Role::kDue;
  bool any = false;  // There is one.
  bool on = false;   // "on" or "by", after which short names are surely weekdays.
};

Preposition ReadPreposition(const Words& words, size_t& at) {
  Preposition found;
  const auto take = [&](size_t count, Role role) {
    at += count;
    found = {role, true, true};
  };
  if (words.Is(at, "no") && words.Is(at + 1, "later") && words.Is(at + 2, "than")) {
    take(3, Role::kDeadline);
  } else if (words.Is(at, "due") && words.IsAny(at + 1, {"on", "by", "in", "at"})) {
    take(2, Role::kDeadline);
  } else if (words.IsAny(at, {"by", "before", "due"})) {
    take(1, Role::kDeadline);
  } else if (words.IsAny(at, {"until", "till"})) {
    take(1, Role::kUntil);
  } else if (words.IsAny(at, {"starting", "beginning", "start"}) &&
             words.IsAny(at + 1, {"from", "on"})) {
    take(2, Role::kFrom);
  } else if (words.IsAny(at, {"starting", "from", "since"})) {
    take(1, Role::kFrom);
  } else if (words.IsAny(at, {"on", "for", "at", "in", "during", "within", "over", "to"})) {
    const bool on = words.Is(at, "on");
    take(1, Role::kDue);
    found.on = on;
  }
  return found;
}

bool ReadYear(const Words& words, size_t& end, int& year) {
  const size_t at = words.Is(end, ",") ? end + 1 : end;
  if (!words.IsWhole(at) || words[at].text.size() != 4 || words[at].number < 1900 ||
      words[at].number > 2200) {
    return false;
  }
  year = static_cast<int>(words[at].number);
  end = at + 1;
  return true;
}

bool IsDayNumber(const Words& words, size_t at) {
  return words.IsWhole(at) && words[at].text.size() <= 2 && words[at].number >= 1 &&
         words[at].number <= 31;
}

// "5 May", "5th of May", "the fifth of May", "May 5", "May 5th, 2027".
bool ReadMonthDay(const Words& words, size_t at, DateSpec& date, size_t& end) {
  int month = 0, day = 0;
  size_t next = at;
  if (ReadMonth(words, at, month, next)) {
    if (words.Is(next, "the")) ++next;
    if (!ReadOrdinal(words, next, day, end)) {
      if (!IsDayNumber(words, next)) return false;
      // "at March 5 pm"? No: "May 5 pm" is no day.
      day = static_cast<int>(words[next].number);
      end = next + 1;
      if (words.IsAny(end, {"am", "pm"})) return false;
    }
  } else {
    if (words.Is(at, "the")) next = at + 1;
    if (!ReadOrdinal(words, next, day, next)) {
      if (!IsDayNumber(words, next)) return false;
      day = static_cast<int>(words[next].number);
      ++next;
    }
    if (words.Is(next, "of")) ++next;
    if (!ReadMonth(words, next, month, end)) return false;
  }
  if (!IsDayOf(month, day)) return false;
  date = {.kind = DateSpec::kDate, .day = day, .month = month};
  ReadYear(words, end, date.year);
  return true;
}

// "12/25", "25/12", "12/25/2026": the month first, unless it cannot be one. "25.12.2026".
bool ReadSlashes(const Words& words, size_t at, DateSpec& date, size_t& end) {
  for (const std::string_view mark : {"/", "."}) {
    if (!words.Joins(at + 1, mark) || words[at].text.size() > 2 || words[at + 2].text.size() > 2) {
      continue;
    }
    int first = static_cast<int>(words[at].number), second = static_cast<int>(words[at + 2].number);
    const bool has_year = words.Joins(at + 3, mark) &&
                          (words[at + 4].text.size() == 4 || words[at + 4].text.size() == 2);
    if (mark == "." && !has_year) continue;
    // "1/2" is a half.
    if (!has_year && words[at].text.size() + words[at + 2].text.size() < 3) continue;
    if (mark == "." || first > 12) std::swap(first, second);
    if (!IsDayOf(first, second)) continue;
    date = {.kind = DateSpec::kDate, .day = second, .month = first};
    end = at + 3;
    if (has_year) {
      date.year = static_cast<int>(words[at + 4].number);
      if (date.year < 100) date.year += 2000;
      end = at + 5;
    }
    return true;
  }
  return false;
}

// "this", "next", "last", "the following": so many units from this one.
bool ReadShift(const Words& words, size_t& at, int& shift) {
  if (words.Is(at, "the") && words.IsAny(at + 1, {"next", "following", "coming", "current"})) ++at;
  if (words.Is(at, "this") && words.IsAny(at + 1, {"coming", "next"})) ++at;
  if (words.Is(at, "next") && words.Is(at + 1, "next")) return false;
  if (words.IsAny(at, {"next", "following"})) {
    shift = 1;
  } else if (words.IsAny(at, {"this", "coming", "current"})) {
    shift = 0;
  } else {
    return false;
  }
  ++at;
  return true;
}

// "end of the month", "the end of next week", "month's end", "eom", "start of next year".
bool ReadEdge(const Words& words, size_t at, DateSpec& date, size_t& end) {
  static constexpr std::pair<std::string_view, Unit> kShort[] = {
      {"eod", Unit::kDay},  {"eob", Unit::kDay},   {"cob", Unit::kDay},
      {"eow", Unit::kWeek}, {"eom", Unit::kMonth}, {"eoy", Unit::kYear}};
  for (const auto& [name, unit] : kShort) {
    if (words.Is(at, name)) {
      date = {.kind = DateSpec::kEndOf, .unit = unit};
      end = at + 1;
      return true;
    }
  }
  size_t next = words.Is(at, "the") ? at + 1 : at;
  const bool is_end = words.Is(next, "end");
  const bool is_middle = words.IsAny(next, {"middle", "mid"});
  if (!is_end && !is_middle && !words.IsAny(next, {"beginning", "start"})) return false;
  ++next;
  if (words.Is(next, "of")) ++next;
  int shift = 0, month = 0;
  Unit unit;
  if (ReadMonth(words, next, month, end)) {
    date = {.kind = DateSpec::kDate, .day = is_end ? -1 : is_middle ? 15 : 1, .month = month};
    ReadYear(words, end, date.year);
    return true;
  }
  if (!ReadShift(words, next, shift) && words.Is(next, "the")) ++next;
  if (!ReadUnit(words, next, unit, end)) return false;
  if (is_end) {
    date = {.kind = DateSpec::kEndOf, .amount = shift, .unit = unit};
    return unit != Unit::kMinute && unit != Unit::kHour;
  }
  if (is_middle) {
    date = {.kind = DateSpec::kMiddleOf, .amount = shift, .unit = unit};
    return unit == Unit::kMonth;
  }
  date.amount = shift;
  date.kind = unit == Unit::kWeek    ? DateSpec::kWeek
              : unit == Unit::kMonth ? DateSpec::kMonth
                                     : DateSpec::kYear;
  return unit == Unit::kWeek || unit == Unit::kMonth || unit == Unit::kYear;
}

// "christmas eve", behind a preposition only: a christmas tree is none.
bool ReadFeast(const Words& words, size_t at, DateSpec& date, size_t& end) {
  if (words.Is(at, "the")) ++at;
  if (words.IsAny(at, {"christmas", "xmas"})) {
    const bool is_eve = words.Is(at + 1, "eve");
    date = {.kind = DateSpec::kDate, .day = is_eve ? 24 : 25, .month = 12};
    end = is_eve || words.Is(at + 1, "day") ? at + 2 : at + 1;
    return true;
  }
  if (words.Is(at, "new") && words.IsAny(at + 1, {"year's", "years", "year"}) &&
      words.IsAny(at + 2, {"eve", "day"})) {
    const bool is_eve = words.Is(at + 2, "eve");
    date = {.kind = DateSpec::kDate, .day = is_eve ? 31 : 1, .month = is_eve ? 12 : 1};
    end = at + 3;
    return true;
  }
  if (words.Is(at, "halloween")) {
    date = {.kind = DateSpec::kDate, .day = 31, .month = 10};
    end = at + 1;
    return true;
  }
  if (words.IsAny(at, {"valentine's", "valentines"}) && words.Is(at + 1, "day")) {
    date = {.kind = DateSpec::kDate, .day = 14, .month = 2};
    end = at + 2;
    return true;
  }
  return false;
}

// "today", "tomorrow", "the day after tomorrow".
bool ReadNear(const Words& words, size_t at, DateSpec& date, size_t& end) {
  if (words.Is(at, "later") && words.Is(at + 1, "today")) ++at;
  if (words.IsAny(at, {"today", "tod", "tdy"})) {
    date = {.kind = DateSpec::kInDays};
    end = at + 1;
  } else if (words.IsAny(at, {"tomorrow", "tmrw", "tmr", "tommorow", "tomorow", "tommorrow"})) {
    date = {.kind = DateSpec::kInDays, .amount = 1};
    end = at + 1;
  } else {
    const size_t day = words.Is(at, "the") ? at + 1 : at;
    if (!words.Is(day, "day") || !words.Is(day + 1, "after") || !words.Is(day + 2, "tomorrow")) {
      return false;
    }
    date = {.kind = DateSpec::kInDays, .amount = 2};
    end = day + 3;
  }
  return true;
}

// "next week", "this weekend", "next month", "monday next week" is two findings.
bool ReadPeriod(const Words& words, size_t at, bool has_preposition, DateSpec& date, size_t& end,
                bool& vague) {
  int shift = 0;
  size_t next = at;
  const bool shifted = ReadShift(words, next, shift);
  if (!shifted && has_preposition && words.Is(next, "the")) ++next;
  if (words.Is(next, "weekend") && (shifted || has_preposition)) {
    date = {.kind = DateSpec::kWeekend, .amount = shift};
    end = next + 1;
    return true;
  }
  Unit unit;
  if (!shifted || !ReadUnit(words, next, unit, end)) return false;
  if (unit == Unit::kMinute || unit == Unit::kHour || unit == Unit::kDay) return false;
  vague = true;
  if (shift == 0) {
    // Some time before it is over.
    date = {.kind = DateSpec::kEndOf, .unit = unit};
    return true;
  }
  if (unit == Unit::kQuarter) return false;
  date.amount = shift;
  date.kind = unit == Unit::kWeek    ? DateSpec::kWeek
              : unit == Unit::kMonth ? DateSpec::kMonth
                                     : DateSpec::kYear;
  return true;
}

// "friday", "this friday", "next friday", "friday week".
bool ReadDayOfWeek(const Words& words, size_t at, bool surely, DateSpec& date, size_t& end) {
  int shift = 0, weekday = 0;
  size_t next = at;
  const bool is_shifted = ReadShift(words, next, shift);
  const bool at_end = next + 1 >= words.size();
  if (!ReadWeekday(words, next, surely || is_shifted || at_end, weekday, end)) return false;
  date = {.kind = DateSpec::kWeekday, .weekday = weekday};
  if (is_shifted) {
    // "next friday" is that of the next week; "this friday" may be today.
    if (shift == 1) date.kind = DateSpec::kWeek;
    date.amount = 1;
  }
  return true;
}

}  // namespace

bool FindDate(const Words& words, size_t at, const Finding* before, Finding& finding) {
  // "the day before 20 march", "the night before the exam" is none.
  const size_t eve = words.Is(at, "the") ? at + 1 : at;
  Part part = Part::kNone;
  size_t eve_end = eve + 1;
  if ((words.Is(eve, "day") || ReadPart(words, eve, part, eve_end)) && eve_end == eve + 1 &&
      words.IsAny(eve_end, {"before", "after"}) && FindDate(words, eve_end + 1, before, finding) &&
      finding.date.shift_days == 0 && !words.Is(eve_end + 1, "tomorrow")) {
    finding.date.shift_days = words.Is(eve_end, "before") ? -1 : 1;
    if (finding.part == Part::kNone) finding.part = part;
    return true;
  }
  finding = Finding();
  // "3 days before June 10".
  Length length;
  size_t behind = at;
  if (ReadLength(words, at, length, behind) && words.IsAny(behind, {"before", "after"}) &&
      (length.unit == Unit::kDay || length.unit == Unit::kWeek) &&
      FindDate(words, behind + 1, before, finding) && finding.date.shift_days == 0) {
    const int days = length.unit == Unit::kWeek ? 7 * length.amount : length.amount;
    finding.date.shift_days = words.Is(behind, "before") ? -days : days;
    finding.role = Role::kDeadline;
    return true;
  }
  finding = Finding();
  size_t next = words.Is(at, "sometime") ? at + 1 : at;
  const Preposition preposition = ReadPreposition(words, next);
  finding.role = preposition.role;
  DateSpec& date = finding.date;
  if (ReadNear(words, next, date, finding.end) || ReadMonthDay(words, next, date, finding.end) ||
      ReadSlashes(words, next, date, finding.end) || ReadEdge(words, next, date, finding.end) ||
      ReadPeriod(words, next, preposition.any, date, finding.end, finding.vague)) {
    return true;
  }
  if (preposition.any && !words.IsAny(at, {"for", "at", "to", "over", "during"}) &&
      ReadFeast(words, next, date, finding.end)) {
    return true;
  }
  // Behind a date or before a time "sat" is a day.
  const bool before_time =
      words.IsNumber(next + 1) || words.IsAny(next + 1, {"at", "morning", "evening", "night"});
  if (ReadDayOfWeek(words, next, preposition.on || before_time || before != nullptr, date,
                    finding.end)) {
    return true;
  }
  int day = 0, month = 0;
  // "on the 5th", "the 5th"; "the first step" is none.
  const bool has_the = words.Is(next, "the");
  if ((has_the || preposition.on) &&
      ReadOrdinal(words, has_the ? next + 1 : next, day, finding.end) &&
      (words.IsNumber(has_the ? next + 1 : next) ||
       (words.Is(finding.end, "of") && words.IsAny(finding.end + 1, {"the", "this", "next"}) &&
        words.Is(finding.end + 2, "month"))) &&
      !words.IsAny(finding.end, {"avenue", "ave", "street", "floor", "grade", "edition", "time",
                                 "anniversary", "birthday", "attempt", "round"})) {
    date = {.kind = DateSpec::kDayOfMonth, .day = day};
    if (words.Is(finding.end, "of")) {
      size_t month_at = finding.end + 1;
      int shift = 0;
      if (words.Is(month_at, "the") && words.Is(month_at + 1, "month")) {
        finding.end = month_at + 2;
      } else if (ReadShift(words, month_at, shift) && words.Is(month_at, "month")) {
        date.kind = DateSpec::kMonth;
        date.amount = shift;
        finding.end = month_at + 1;
      }
    }
    return true;
  }
  // "the first monday of June", "last friday of the month".
  size_t nth_at = has_the ? next + 1 : next, nth_end = 0;
  int nth = 0, weekday = 0, shift_of_month = 0;
  const bool is_last = words.Is(nth_at, "last");
  if (is_last) {
    nth = -1;
    nth_end = nth_at + 1;
  }
  if ((is_last || (ReadOrdinal(words, nth_at, nth, nth_end) && nth <= 5)) &&
      ReadWeekday(words, nth_end, true, weekday, nth_end) && words.IsAny(nth_end, {"of", "in"})) {
    ++nth_end;
    date = {.kind = DateSpec::kNthWeekday, .weekday = weekday, .day = nth};
    if (ReadMonth(words, nth_end, date.month, finding.end)) return true;
    if (!ReadShift(words, nth_end, shift_of_month) && words.Is(nth_end, "the")) ++nth_end;
    date.amount = shift_of_month;
    if (words.Is(nth_end, "month")) {
      finding.end = nth_end + 1;
      return true;
    }
    date = {};
  }
  // "last day of the month", "the last friday of the month".
  if (has_the || words.Is(next, "last")) {
    size_t last = has_the ? next + 1 : next;
    if (words.Is(last, "last") && words.Is(last + 1, "day") && words.Is(last + 2, "of")) {
      last += 3;
      int shift = 0;
      Unit unit;
      if (!ReadShift(words, last, shift) && words.Is(last, "the")) ++last;
      if (ReadUnit(words, last, unit, finding.end) &&
          (unit == Unit::kMonth || unit == Unit::kYear || unit == Unit::kWeek)) {
        date = {.kind = DateSpec::kEndOf, .amount = shift, .unit = unit};
        return true;
      }
    }
  }
  // "in June", "by September 2027".
  // "for Jan", "from April" and "on May" are of people.
  const bool begins = preposition.role == Role::kFrom && !words.IsAny(at, {"from", "since"});
  if (next > at &&
      (begins ||
       words.IsAny(next - 1, {"in", "by", "before", "until", "till", "during", "than"})) &&
      ReadMonth(words, next, month, finding.end)) {
    date = {.kind = DateSpec::kDate, .day = 1, .month = month, .whole_month = true};
    ReadYear(words, finding.end, date.year);
    finding.vague = true;
    return true;
  }
  return false;
}

}  // namespace selfology::task::english
