// Rules that do not depend on the language.
#include <array>
#include <string>

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
