// Rules that do not depend on the language.
#include <array>
#include <string>
#include <vector>

#include "common/text/text.h"
#include "services/growth/task/understanding/findings.h"

namespace selfology::task {
namespace {

// Whether nothing adjoins the words from `begin` up to `end`.
bool StandsAlone(const Words& words, size_t begin, size_t end) {
  return !words[begin].adjoins && (end >= words.size() || !words[end].adjoins);
}

}  // namespace

bool IsDayOf(int month, int day) {
  static constexpr std::array<int, 12> kDays = {31, 29, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31};
  return month >= 1 && month <= 12 && day >= 1 && day <= kDays[month - 1];
}

bool ReadClock(const Words& words, size_t at, std::string_view mark, int& hour, int& minute) {
  if (!words.Joins(at + 1, mark) || words[at].number < 0 || words[at].number > 24 ||
      words[at].text.size() > 2 || words[at + 2].text.size() != 2 || words[at + 2].number > 59) {
    return false;
  }
  // No part of a longer number, such as 10:30:15 or 5.05.2026.
  if (words.Joins(at + 3, mark) || (at > 0 && words.Joins(at - 1, mark))) return false;
  hour = static_cast<int>(words[at].number);
  minute = static_cast<int>(words[at + 2].number);
  return hour < 24 || minute == 0;
}

bool Spread(int times, Unit unit, Finding& finding) {
  RepeatSpec& repeat = *finding.repeat;
  repeat = {.unit = unit, .unsure = times > 1, .spread = times > 1};
  if (times == 1) return unit != Unit::kMinute;
  using Numbers = std::vector<int>;
  switch (unit) {
    case Unit::kDay: {
      static const auto& hours = *new std::vector<Numbers>{{9, 21}, {9, 15, 21}, {9, 13, 17, 21}};
      if (times > 4) return false;
      repeat.hours = hours[static_cast<size_t>(times) - 2];
      finding.part = Part::kMorning;
      return true;
    }
    case Unit::kWeek: {
      static const auto& days = *new std::vector<Numbers>{
          {0, 3}, {0, 2, 4}, {0, 1, 3, 4}, {0, 1, 2, 3, 4}, {0, 1, 2, 3, 4, 5}};
      if (times > 6) return false;
      repeat.weekdays = days[static_cast<size_t>(times) - 2];
      return true;
    }
    case Unit::kMonth: {
      static const auto& days = *new std::vector<Numbers>{{1, 15}, {1, 11, 21}, {1, 8, 15, 22}};
      if (times > 4) return false;
      repeat.month_days = days[static_cast<size_t>(times) - 2];
      return true;
    }
    case Unit::kYear:
      if (times > 12 || 12 % times != 0) return false;
      repeat.unit = Unit::kMonth;
      repeat.interval = 12 / times;
      return true;
    default:
      return false;
  }
}

bool FindMoreTime(const Words& words, size_t at, const Finding* before, Finding& finding) {
  if (before == nullptr || !before->time.has_value() || before->time->minutes_long > 0 ||
      !words.IsAny(at, {"and", "&", "и", ","}) || !words.IsWhole(at + 1) ||
      words[at + 1].text.size() > 2 || words[at + 1].number < 1 || words[at + 1].number > 23 ||
      words.IsWord(at + 2)) {
    return false;
  }
  const int hour = static_cast<int>(words[at + 1].number);
  finding.time = {.hour = hour, .ambiguous = hour <= 12};
  finding.end = at + 2;
  return true;
}

// "#home", "@work", "#to-do".
bool FindLabel(const Words& words, size_t at, const Finding*, Finding& finding) {
  if (!words.IsAny(at, {"#", "@"}) || words[at].adjoins || !words[at + 1].adjoins ||
      at + 1 >= words.size() || words[at + 1].kind == Word::kMark || words[at + 1].opaque) {
    return false;
  }
  if (words.Is(at, "@") && words.IsNumber(at + 1)) return false;  // "@5pm" is a time.
  size_t end = at + 2;
  while (end < words.size() && words[end].adjoins &&
         (words[end].kind != Word::kMark || words.IsAny(end, {"-", "_", "/"}))) {
    ++end;
  }
  while (words[end - 1].kind == Word::kMark) --end;
  for (size_t i = at + 1; i < end; ++i) finding.label += words[i].text;
  finding.end = end;
  return text::Characters(finding.label) <= 50;
}

// "!!!", "!1", "p1".
bool FindMark(const Words& words, size_t at, const Finding*, Finding& finding) {
  static constexpr v1::TaskPriority kByNumber[] = {v1::TASK_PRIORITY_HIGH, v1::TASK_PRIORITY_MEDIUM,
                                                   v1::TASK_PRIORITY_LOW};
  if ((words.Is(at, "p") || words.Is(at, "!")) && words.IsNumber(at + 1) && words[at + 1].adjoins &&
      words[at + 1].number >= 1 && words[at + 1].number <= 3 && StandsAlone(words, at, at + 2)) {
    finding.priority = kByNumber[words[at + 1].number - 1];
    finding.end = at + 2;
    return true;
  }
  size_t end = at;
  while (words.Is(end, "!") && (end == at || words[end].adjoins)) ++end;
  const size_t marks = end - at;
  if (marks == 0 || (marks < 3 && words[at].adjoins) || marks > 3) return false;
  if (end < words.size() && words[end].adjoins) return false;
  finding.priority = kByNumber[3 - marks];
  finding.end = end;
  return true;
}

// "2026-05-01", "2026-05-01 18:00" (the time is found by itself).
bool FindIsoDate(const Words& words, size_t at, const Finding*, Finding& finding) {
  if (words.IsAny(at, {"by", "before", "due", "к"})) finding.role = Role::kDeadline;
  if (words.IsAny(at, {"until", "till", "до"})) finding.role = Role::kUntil;
  if (words.IsAny(at, {"from", "starting", "с"})) finding.role = Role::kFrom;
  if (finding.role != Role::kDue || words.IsAny(at, {"on", "for", "на", "в"})) ++at;
  if (!words.Joins(at + 1, "-") || !words.Joins(at + 3, "-") || words[at].text.size() != 4) {
    return false;
  }
  const int64_t year = words[at].number, month = words[at + 2].number, day = words[at + 4].number;
  if (year < 1900 || year > 2200 || !IsDayOf(static_cast<int>(month), static_cast<int>(day))) {
    return false;
  }
  finding.date = {.kind = DateSpec::kDate,
                  .day = static_cast<int>(day),
                  .month = static_cast<int>(month),
                  .year = static_cast<int>(year)};
  finding.end = at + 5;
  return true;
}

}  // namespace selfology::task
