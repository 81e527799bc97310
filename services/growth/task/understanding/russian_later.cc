// Russian dates that are counted from now: "через три дня", "спустя неделю", "в течение часа".
#include <string_view>

#include "services/growth/task/understanding/russian_rules.h"
#include "services/growth/task/understanding/russian_words.h"

namespace selfology::task::russian {
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

// "каждый день в течение недели" is so long; without a rule it is a deadline.
bool IsAnyRepeated(const Words& words) {
  for (size_t i = 0; i < words.size(); ++i) {
    if (words.Begins(i, "кажд") || words.Begins(i, "ежед") || words.Begins(i, "ежен")) return true;
  }
  return false;
}

// "часа", "недели", "двух недель": one of it, or several, in the genitive.
bool ReadLengthOf(const Words& words, size_t at, Length& length, size_t& end) {
  if (words.Is(at, "часа")) {
    length = {.amount = 60};
  } else if (words.Is(at, "дня")) {
    length = {.amount = 0, .unit = Unit::kDay};  // It is over today.
  } else if (words.Is(at, "недели")) {
    length = {.amount = 1, .unit = Unit::kWeek};
  } else if (words.Is(at, "месяца")) {
    length = {.amount = 1, .unit = Unit::kMonth};
  } else {
    return ReadLength(words, at, length, end);
  }
  end = at + 1;
  return true;
}

}  // namespace

// "через два часа", "через неделю", "спустя 3 дня", "в течение часа" is a length.
bool FindLater(const Words& words, size_t at, const Finding*, Finding& finding) {
  Length length;
  size_t end = at;
  if (words.Is(at, "в") && words.Is(at + 1, "течение") && !IsAnyRepeated(words)) {
    if (!ReadLengthOf(words, at + 2, length, end)) return false;
  } else if (words.IsAny(at, {"через", "спустя"})) {
    size_t next = at + 1;
    if (words.IsAny(next, {"примерно", "где-то", "ровно"})) ++next;
    if (!ReadLength(words, next, length, end)) return false;
    // "через день" is every other day: see russian_repeats.cc.
    if (words.Is(next, "день") && end == next + 1) return false;
  } else if (ReadLength(words, at, length, end) && words.IsAny(end, {"спустя"})) {
    ++end;
  } else {
    return false;
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

}  // namespace selfology::task::russian
