// English recurrence: "every day", "every other tuesday", "on the first monday of every month".
#include <algorithm>
#include <string_view>

#include "services/growth/task/understanding/english_rules.h"
#include "services/growth/task/understanding/english_words.h"

namespace selfology::task::english {
namespace {

const std::vector<int> kWorkdays = {0, 1, 2, 3, 4};

bool IsEvery(const Words& words, size_t at) { return words.IsAny(at, {"every", "each"}); }

// "of the month", "of every month", "each month", "in the month".
bool ReadOfMonth(const Words& words, size_t at, bool& every, size_t& end) {
  size_t next = words.IsAny(at, {"of", "in"}) ? at + 1 : at;
  every = IsEvery(words, next);
  const bool the = words.IsAny(next, {"the", "a"});
  if (!every && !the) return false;
  if (!words.Is(next + 1, "month")) return false;
  end = next + 2;
  return next != at || every;
}

// "first monday", "last friday", "2nd tue".
bool ReadNthWeekday(const Words& words, size_t at, int& nth, std::vector<int>& weekdays,
                    size_t& end) {
  size_t next = at;
  if (words.Is(at, "last")) {
    nth = -1;
    next = at + 1;
  } else if (!ReadOrdinal(words, at, nth, next) || nth > 5) {
    return false;
  }
  int weekday = 0;
  if (!ReadWeekday(words, next, true, weekday, end)) return false;
  weekdays = {weekday};
  return true;
}

// "15th", "1st and 15th", "1st, 10th and 20th", "last day".
bool ReadMonthDays(const Words& words, size_t at, std::vector<int>& days, size_t& end) {
  if (words.Is(at, "last") && words.Is(at + 1, "day")) {
    days = {-1};
    end = at + 2;
    return true;
  }
  int day = 0;
  if (!ReadOrdinal(words, at, day, end)) return false;
  if (words.Is(end, "day")) ++end;
  days = {day};
  while (words.IsAny(end, {",", "and", "&"})) {
    size_t next = end + 1;
    if (words.IsAny(next, {"and", "the"})) ++next;
    if (!ReadOrdinal(words, next, day, next)) break;
    days.push_back(day);
    end = next;
  }
  std::sort(days.begin(), days.end());
  return true;
}

// The date of a year behind "every": "May 5", "5 May", "5th of May".
bool ReadYearDay(const Words& words, size_t at, RepeatSpec& repeat, size_t& end) {
  Finding finding;
  if (words.IsAny(at, {"on", "by", "in", "at", "for"}) || !FindDate(words, at, nullptr, finding) ||
      finding.date.kind != DateSpec::kDate || finding.date.day < 1 || finding.date.year != 0) {
    return false;
  }
  repeat.unit = Unit::kYear;
  repeat.month_days = {finding.date.day};
  repeat.month = finding.date.month;
  end = finding.end;
  return true;
}

// What comes behind "every".
bool ReadEvery(const Words& words, size_t at, Finding& finding) {
  RepeatSpec& repeat = finding.repeat.emplace();
  size_t next = at;
  if (words.Is(next, "!") && words[next].adjoins) {
    repeat.after_completion = true;
    ++next;
  }
  if (words.IsAny(next, {"weekday", "workday", "workdays", "weekdays"}) ||
      (words.IsAny(next, {"working", "business", "work", "week"}) &&
       words.IsAny(next + 1, {"day", "days"}))) {
    repeat.unit = Unit::kWeek;
    repeat.weekdays = kWorkdays;
    finding.end = words.IsAny(next, {"working", "business", "work", "week"}) ? next + 2 : next + 1;
    return true;
  }
  if (words.Is(next, "weekend")) {
    repeat.unit = Unit::kWeek;
    repeat.weekdays = {5, 6};
    finding.end = next + 1;
    return true;
  }
  if (ReadPart(words, next, finding.part, finding.end)) return true;
  bool every = false;
  // "every first monday", "every second tuesday of the month", "every last friday".
  if (ReadNthWeekday(words, next, repeat.nth, repeat.weekdays, finding.end)) {
    if (ReadOfMonth(words, finding.end, every, finding.end) || repeat.nth != 2) {
      repeat.unit = Unit::kMonth;
      repeat.unsure = repeat.nth > 2;
    } else {
      repeat.unit = Unit::kWeek;
      repeat.interval = 2;
      repeat.nth = 0;
      repeat.unsure = true;
    }
    return true;
  }
  repeat = {.after_completion = repeat.after_completion};
  // "every second day", "every third week".
  Unit unit;
  int number = 0;
  size_t behind = next;
  if (words.IsAny(next, {"other", "alternate"}) || ReadOrdinal(words, next, number, behind)) {
    if (words.IsAny(next, {"other", "alternate"})) {
      number = 2;
      behind = next + 1;
    }
    if (ReadUnit(words, behind, unit, finding.end) && unit != Unit::kMinute) {
      repeat.unit = unit;
      repeat.interval = number;
      // "every 15th day of the month".
      if (unit == Unit::kDay && ReadOfMonth(words, finding.end, every, finding.end)) {
        repeat.unit = Unit::kMonth;
        repeat.interval = 1;
        repeat.month_days = {number};
      }
      return true;
    }
    if (number == 2 && ReadWeekdayList(words, behind, false, repeat.weekdays, finding.end)) {
      repeat.unit = Unit::kWeek;
      repeat.interval = 2;
      return true;
    }
    if (words.IsAny(next, {"other", "alternate"})) return false;
  }
  if (ReadYearDay(words, next, repeat, finding.end)) return true;
  // "every January".
  if (ReadMonth(words, next, repeat.month, finding.end)) {
    repeat.unit = Unit::kYear;
    repeat.month_days = {1};
    return true;
  }
  if (ReadMonthDays(words, next, repeat.month_days, finding.end)) {
    repeat.unit = Unit::kMonth;
    ReadOfMonth(words, finding.end, every, finding.end);
    return true;
  }
  repeat.month_days.clear();
  if (ReadWeekdayList(words, next, true, repeat.weekdays, finding.end)) {
    repeat.unit = Unit::kWeek;
    return true;
  }
  // "every 3 days", "every week", "every couple of weeks".
  repeat.interval = 1;
  behind = next;
  if (words.Is(next, "couple")) {
    repeat.interval = 2;
    behind = words.Is(next + 1, "of") ? next + 2 : next + 1;
  } else if (words.Is(next, "few") || words.IsAny(next, {"a", "an"})) {
    return false;
  } else if (ReadNumber(words, next, number, behind)) {
    repeat.interval = number;
  } else {
    behind = next;
  }
  if (!ReadUnit(words, behind, unit, finding.end) || unit == Unit::kMinute || repeat.interval < 1 ||
      repeat.interval > 1000) {
    return false;
  }
  repeat.unit = unit;
  // "every day except sunday".
  std::vector<int> without;
  size_t last = finding.end + 1;
  if (unit == Unit::kDay && repeat.interval == 1 && words.IsAny(finding.end, {"except", "but"})) {
    if (words.IsAny(last, {"on", "for"})) ++last;
    if (words.IsAny(last, {"weekends", "weekend"})) {
      without = {5, 6};
      ++last;
    } else if (!ReadWeekdayList(words, last, true, without, last)) {
      return true;
    }
    repeat.unit = Unit::kWeek;
    for (int day = 0; day < 7; ++day) {
      if (std::find(without.begin(), without.end(), day) == without.end()) {
        repeat.weekdays.push_back(day);
      }
    }
    finding.end = last;
  }
  return true;
}

// "daily", "weekly", "twice a month".
bool ReadAdverb(const Words& words, size_t at, Finding& finding) {
  RepeatSpec& repeat = *finding.repeat;
  size_t& end = finding.end;
  struct Adverb {
    std::string_view word;
    Unit unit;
    int interval;
  };
  static constexpr Adverb kAdverbs[] = {
      {"daily", Unit::kDay, 1},         {"weekly", Unit::kWeek, 1},
      {"monthly", Unit::kMonth, 1},     {"yearly", Unit::kYear, 1},
      {"annually", Unit::kYear, 1},     {"hourly", Unit::kHour, 1},
      {"quarterly", Unit::kQuarter, 1}, {"biweekly", Unit::kWeek, 2},
      {"bi-weekly", Unit::kWeek, 2},    {"fortnightly", Unit::kWeek, 2},
      {"everyday", Unit::kDay, 1},      {"bimonthly", Unit::kMonth, 2},
      {"nightly", Unit::kDay, 1}};
  for (const Adverb& adverb : kAdverbs) {
    if (!words.Is(at, adverb.word)) continue;
    // "write the weekly report" is a report; "weekly" by itself is a rule.
    const bool is_last = at + 1 >= words.size() || words[at + 1].kind == Word::kMark;
    const bool is_adjective =
        words.IsAny(at - 1, {"the", "a", "my", "our", "this", "his", "her"}) && at > 0 && !is_last;
    if (is_adjective) return false;
    repeat.unit = adverb.unit;
    repeat.interval = adverb.interval;
    repeat.adjective =
        words.IsWord(at + 1) && !words.IsAny(at + 1, {"at", "on", "in", "from", "until"});
    end = at + 1;
    return true;
  }
  // "twice a week", "three times a day", "2x per month".
  int times = 0;
  size_t behind = at;
  if (words.Is(at, "twice")) {
    times = 2;
    behind = at + 1;
  } else if (ReadNumber(words, at, times, behind) && !words.IsAny(at, {"a", "an"})) {
    if (!words.IsAny(behind, {"times", "time", "x"})) times = 0;
    ++behind;
  }
  if (times > 0 && words.IsAny(behind, {"a", "per", "each", "every"}) &&
      ReadUnit(words, behind + 1, repeat.unit, end)) {
    const Unit unit = repeat.unit;
    return Spread(times, unit, finding);
  }
  repeat.unit = Unit::kDay;
  // "once a week", "once every two weeks" (whose "every" is found by itself).
  if (words.Is(at, "once") && words.IsAny(at + 1, {"a", "per"})) {
    return ReadUnit(words, at + 2, repeat.unit, end) && repeat.unit != Unit::kMinute;
  }
  return false;
}

}  // namespace

namespace {

// Behind a length of time: "after completion", "after i finish it", "after it's done", "after the last time".
bool ReadAfterCompletion(const Words& words, size_t at, size_t& end) {
  if (!words.IsAny(at, {"after", "since"})) return false;
  size_t next = at + 1;
  if (words.IsAny(next, {"completion", "completing", "finishing", "doing"})) {
    end = words.IsAny(next + 1, {"it", "this", "that"}) ? next + 2 : next + 1;
    return !words.Is(next, "doing") || end == next + 2;
  }
  if (words.Is(next, "the") && words.Is(next + 1, "last") &&
      words.IsAny(next + 2, {"time", "one"})) {
    end = next + 3;
    return true;
  }
  if (words.Is(next, "i")) {
    ++next;
    if (words.Is(next, "have")) ++next;
    if (!words.IsAny(next, {"finish", "finished", "complete", "completed", "do", "did", "done"})) {
      return false;
    }
    end = words.IsAny(next + 1, {"it", "this", "that"}) ? next + 2 : next + 1;
    return true;
  }
  if (words.Is(next, "it's")) {
    ++next;
  } else if (words.Is(next, "it") && words.IsAny(next + 1, {"is", "was"})) {
    next += 2;
  } else {
    return false;
  }
  end = next + 1;
  return words.IsAny(next, {"done", "finished", "completed"});
}

}  // namespace

bool FindRepeat(const Words& words, size_t at, const Finding* before, Finding& finding) {
  if (words.Is(at, "except")) {
    const size_t days = words.IsAny(at + 1, {"on", "for"}) ? at + 2 : at + 1;
    RepeatSpec& repeat = finding.repeat.emplace();
    finding.end = days + 1;
    if (words.IsAny(days, {"weekends", "weekend"})) {
      repeat.except = {5, 6};
      return true;
    }
    return ReadWeekdayList(words, days, true, repeat.except, finding.end) ||
           ReadWeekdayList(words, days, false, repeat.except, finding.end);
  }
  size_t next = at;
  if (words.IsAny(next, {"on", "at", "in"})) ++next;
  if (words.Is(next, "the")) ++next;
  if (words.Is(at, "once") && IsEvery(words, at + 1)) ++next;
  if (IsEvery(words, next) && ReadEvery(words, next + 1, finding)) {
    // "every 3 days after completion".
    if (ReadAfterCompletion(words, finding.end, finding.end)) {
      finding.repeat->after_completion = true;
    }
    return true;
  }
  // "3 days after it's done".
  Length length;
  size_t behind = at;
  if (ReadLength(words, at, length, behind) && length.unit != Unit::kMinute &&
      ReadAfterCompletion(words, behind, finding.end)) {
    finding.repeat = {.unit = length.unit, .interval = length.amount, .after_completion = true};
    return true;
  }
  finding.repeat.emplace();
  finding.part = Part::kNone;
  RepeatSpec& repeat = *finding.repeat;
  if (next == at && ReadAdverb(words, at, finding)) return true;
  repeat = {};
  // "at the end of every month".
  if (words.Is(next, "end") && words.Is(next + 1, "of") && IsEvery(words, next + 2) &&
      words.IsAny(next + 3, {"month", "year"})) {
    repeat = {.unit = Unit::kMonth, .month_days = {-1}};
    if (words.Is(next + 3, "year")) repeat = {.unit = Unit::kYear, .month_days = {31}, .month = 12};
    finding.end = next + 4;
    return true;
  }
  // "monday mornings".
  int one_day = 0;
  size_t part_at = next;
  if (ReadWeekday(words, next, true, one_day, part_at)) {
    static constexpr std::pair<std::string_view, Part> kParts[] = {{"mornings", Part::kMorning},
                                                                   {"afternoons", Part::kAfternoon},
                                                                   {"evenings", Part::kEvening},
                                                                   {"nights", Part::kNight}};
    for (const auto& [name, part] : kParts) {
      if (!words.Is(part_at, name)) continue;
      repeat = {.unit = Unit::kWeek, .weekdays = {one_day}};
      finding.part = part;
      finding.end = part_at + 1;
      return true;
    }
  }
  // Several days are every week's: "on mon, wed and fri", "mon-fri".
  if (ReadWeekdayList(words, next, false, repeat.weekdays, finding.end) &&
      repeat.weekdays.size() > (words.Is(at, "on") ? 1u : 2u)) {
    repeat.unit = Unit::kWeek;
    repeat.unsure = repeat.weekdays.size() == 2;
    return true;
  }
  repeat = {};
  bool every = false;
  // "(on) the first monday of every month"; of "the" month it is a date, which comes but once.
  const bool is_monthly =
      before != nullptr && before->repeat.has_value() && before->repeat->unit == Unit::kMonth;
  if (ReadNthWeekday(words, next, repeat.nth, repeat.weekdays, finding.end) &&
      ((ReadOfMonth(words, finding.end, every, finding.end) && every) || is_monthly)) {
    repeat.unit = Unit::kMonth;
    return true;
  }
  repeat = {};
  // Several days of the month are every month's: "on the 1st and the 15th"; "on the 5th and 6th of May" are
  // not, and "on the first and second page" are no days.
  int month = 0;
  size_t behind_month = 0;
  if (ReadMonthDays(words, next, repeat.month_days, finding.end) &&
      ((ReadOfMonth(words, finding.end, every, finding.end) && every) || is_monthly ||
       (words.Is(at, "on") && repeat.month_days.size() > 1 && words.IsNumber(next) &&
        !words.Is(finding.end, "of") && !ReadMonth(words, finding.end, month, behind_month)))) {
    repeat.unit = Unit::kMonth;
    return true;
  }
  repeat = {};
  // "on mondays and thursdays", "mondays", "on weekdays", "at weekends".
  int weekday = 0;
  if (ReadWeekdays(words, next, weekday, finding.end)) {
    ReadWeekdayList(words, next, true, repeat.weekdays, finding.end);
    repeat.unit = Unit::kWeek;
    return true;
  }
  const bool stands_apart = next != at || at == 0 || at + 1 == words.size() ||
                            words.IsAny(at + 1, {"at", "in"}) || words.IsNumber(at + 1);
  if (words.IsAny(next, {"weekdays", "workdays"}) && stands_apart) {
    repeat = {.unit = Unit::kWeek, .weekdays = kWorkdays};
    finding.end = next + 1;
    return true;
  }
  if (words.Is(next, "weekends") && next != at) {
    repeat = {.unit = Unit::kWeek, .weekdays = {5, 6}};
    finding.end = next + 1;
    return true;
  }
  return false;
}

}  // namespace selfology::task::english
