// English dates that are counted from now: "in 3 days", "two weeks from tomorrow", "a week on friday".
#include <string_view>

#include "services/growth/task/understanding/english_rules.h"
#include "services/growth/task/understanding/english_words.h"

namespace selfology::task::english {
namespace {

DateSpec InLength(const Length& length) {
  switch (length.unit) {
    case Unit::kWeek:
      return {.kind = DateSpec::kWeeksOn, .amount = length.amount};
    case Unit::kMonth:
      return {.kind = DateSpec::kInMonths, .amount = length.amount};
    case Unit::kYear:
      return {.kind = DateSpec::kInMonths, .amount = length.amount * 12};
    default:
      return {.kind = DateSpec::kInDays, .amount = length.amount};
  }
}

}  // namespace

bool FindLater(const Words& words, size_t at, const Finding*, Finding& finding) {
  Length length;
  size_t end = at;
  const bool is_in = words.IsAny(at, {"in", "within"});
  const bool has_after = words.Is(at, "after");
  size_t begin = is_in || has_after ? at + 1 : at;
  if (is_in && words.Is(begin, "the") && words.Is(begin + 1, "next")) begin += 2;
  if (!ReadLength(words, begin, length, end)) return false;
  if (!is_in && !has_after) {
    // "3 days from now", "a week later", "two weeks from tomorrow".
    if (words.Is(end, "from") && words.IsAny(end + 1, {"now", "today", "tomorrow"})) {
      if (words.Is(end + 1, "tomorrow")) {
        if (length.unit == Unit::kMinute) return false;
        length.amount = length.unit == Unit::kWeek ? length.amount * 7 + 1 : length.amount + 1;
        if (length.unit != Unit::kWeek && length.unit != Unit::kDay) return false;
        length.unit = Unit::kDay;
      }
      end += 2;
    } else if (int weekday = 0; words.Is(end, "from") && length.unit != Unit::kMinute &&
                                ReadWeekday(words, end + 1, true, weekday, end)) {
      // "three weeks from monday".
      if (length.unit != Unit::kWeek && length.unit != Unit::kDay) return false;
      finding.date = {.kind = DateSpec::kWeekday,
                      .weekday = weekday,
                      .shift_days = length.unit == Unit::kWeek ? 7 * length.amount : length.amount};
      finding.end = end;
      return true;
    } else if (length.unit == Unit::kWeek && words.Is(end, "on") &&
               ReadWeekday(words, end + 1, true, weekday, end)) {
      // "a week on friday": a week after the coming one.
      finding.date = {
          .kind = DateSpec::kWeekday, .weekday = weekday, .shift_days = 7 * length.amount};
      finding.end = end;
      return true;
    } else if (words.IsAny(end, {"later", "hence"})) {
      ++end;
    } else {
      return false;
    }
  } else {
    // "in two days' time".
    if (words.IsAny(end, {"'", "’"}) && words.Is(end + 1, "time")) ++end;
    if (words.Is(end, "time")) ++end;
  }
  if (length.unit == Unit::kMinute) {
    finding.after = absl::Minutes(length.amount);
  } else {
    finding.date = InLength(length);
    finding.date.unit = length.unit;
  }
  finding.end = end;
  return true;
}

}  // namespace selfology::task::english
