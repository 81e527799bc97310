#include "services/growth/task/understanding/english_words.h"

#include <algorithm>
#include <iterator>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace selfology::task::english {
namespace {

constexpr std::string_view kSmall[] = {"zero",    "one",     "two",       "three",    "four",
                                       "five",    "six",     "seven",     "eight",    "nine",
                                       "ten",     "eleven",  "twelve",    "thirteen", "fourteen",
                                       "fifteen", "sixteen", "seventeen", "eighteen", "nineteen"};
constexpr std::string_view kTens[] = {"",      "",      "twenty",  "thirty", "forty",
                                      "fifty", "sixty", "seventy", "eighty", "ninety"};
constexpr std::string_view kOrdinals[] = {
    "",           "first",     "second",    "third",       "fourth",     "fifth",      "sixth",
    "seventh",    "eighth",    "ninth",     "tenth",       "eleventh",   "twelfth",    "thirteenth",
    "fourteenth", "fifteenth", "sixteenth", "seventeenth", "eighteenth", "nineteenth", "twentieth"};
constexpr std::string_view kWeekdays[] = {"monday", "tuesday",  "wednesday", "thursday",
                                          "friday", "saturday", "sunday"};
constexpr std::pair<std::string_view, int> kShortWeekdays[] = {
    {"mon", 0}, {"tue", 1},  {"tues", 1},  {"wed", 2}, {"weds", 2},
    {"thu", 3}, {"thur", 3}, {"thurs", 3}, {"fri", 4}};
constexpr std::pair<std::string_view, int> kMonths[] = {
    {"january", 1},   {"jan", 1},   {"february", 2},  {"feb", 2},      {"march", 3},
    {"mar", 3},       {"april", 4}, {"apr", 4},       {"may", 5},      {"june", 6},
    {"jun", 6},       {"july", 7},  {"jul", 7},       {"august", 8},   {"aug", 8},
    {"september", 9}, {"sept", 9},  {"sep", 9},       {"october", 10}, {"oct", 10},
    {"november", 11}, {"nov", 11},  {"december", 12}, {"dec", 12}};

template <size_t kSize>
int IndexOf(const std::string_view (&names)[kSize], std::string_view text) {
  const auto found = std::find(std::begin(names), std::end(names), text);
  return found == std::end(names) || text.empty() ? -1
                                                  : static_cast<int>(found - std::begin(names));
}

// 0 to 99 in words without a space: "seven", "forty", "twenty-one".
int Spelled(std::string_view text) {
  if (const int small = IndexOf(kSmall, text); small >= 0) return small;
  if (const int tens = IndexOf(kTens, text); tens >= 0) return tens * 10;
  const std::pair<std::string_view, std::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('-', 1));
  const int tens = IndexOf(kTens, parts.first), ones = IndexOf(kSmall, parts.second);
  return tens >= 0 && ones >= 1 && ones <= 9 ? tens * 10 + ones : -1;
}

int SpelledOrdinal(std::string_view text) {
  if (const int number = IndexOf(kOrdinals, text); number >= 0) return number;
  if (text == "thirtieth") return 30;
  const std::pair<std::string_view, std::string_view> parts =
      absl::StrSplit(text, absl::MaxSplits('-', 1));
  const int tens = IndexOf(kTens, parts.first), ones = IndexOf(kOrdinals, parts.second);
  return (tens == 2 || tens == 3) && ones >= 1 && ones <= 9 ? tens * 10 + ones : -1;
}

int WeekdayOf(std::string_view text, bool surely) {
  if (const int weekday = IndexOf(kWeekdays, text); weekday >= 0) return weekday;
  for (const auto& [name, weekday] : kShortWeekdays) {
    if (name == text) return weekday;
  }
  if (surely && text == "sat") return 5;
  if (surely && text == "sun") return 6;
  return -1;
}

size_t SkipDot(const Words& words, size_t end) {
  // The dot of an abbreviation, not that at the end of the sentence.
  return words.Is(end, ".") && words[end].adjoins && end + 1 < words.size() ? end + 1 : end;
}

// Minutes and hours that follow hours: "and a half", "30 minutes", "and 30 min", "30m", "30".
void ReadRest(const Words& words, Length& length, size_t& end) {
  if (words.Is(end, "and") && words.IsAny(end + 1, {"a", "an"}) && words.Is(end + 2, "half")) {
    length.amount += 30;
    end += 3;
    return;
  }
  const size_t at = words.Is(end, "and") ? end + 1 : end;
  int minutes = 0;
  size_t after = 0;
  Unit unit;
  if (ReadNumber(words, at, minutes, after) && minutes < 60 && !words.IsAny(at, {"a", "an"}) &&
      ReadUnit(words, after, unit, after) && unit == Unit::kMinute) {
    length.amount += minutes;
    end = after;
  }
}

}  // namespace

bool ReadNumber(const Words& words, size_t at, int& number, size_t& end) {
  if (words.IsWhole(at) && words[at].number <= 9999) {
    number = static_cast<int>(words[at].number);
    end = at + 1;
    return true;
  }
  if (!words.IsWord(at)) return false;
  if (words.Is(at, "a") && words.IsAny(at + 1, {"couple", "few"})) {
    number = words.Is(at + 1, "couple") ? 2 : 3;
    end = words.Is(at + 2, "of") ? at + 3 : at + 2;
    return true;
  }
  if (words.IsAny(at, {"a", "an"})) {
    number = 1;
    end = at + 1;
    return true;
  }
  const int first = Spelled(words[at].text);
  if (first < 0) return false;
  number = first;
  end = at + 1;
  const int second = words.IsWord(end) ? Spelled(words[end].text) : -1;
  if (first >= 20 && first % 10 == 0 && second >= 1 && second <= 9) {
    number += second;
    ++end;
  }
  return true;
}

bool ReadOrdinal(const Words& words, size_t at, int& number, size_t& end) {
  if (words.IsNumber(at) && words[at].number >= 1 && words[at].number <= 31 &&
      words.IsAny(at + 1, {"st", "nd", "rd", "th"}) && words[at + 1].adjoins) {
    number = static_cast<int>(words[at].number);
    end = at + 2;
    return true;
  }
  if (!words.IsWord(at)) return false;
  int spelled = SpelledOrdinal(words[at].text);
  size_t behind = at + 1;
  if (spelled < 0 && words.IsAny(at, {"twenty", "thirty"}) && words.IsWord(at + 1)) {
    const int ones = IndexOf(kOrdinals, words[at + 1].text);
    if (ones >= 1 && ones <= 9) {
      spelled = (words.Is(at, "twenty") ? 20 : 30) + ones;
      behind = at + 2;
    }
  }
  if (spelled < 1 || spelled > 31) return false;
  number = spelled;
  end = behind;
  return true;
}

bool ReadWeekday(const Words& words, size_t at, bool surely, int& weekday, size_t& end) {
  if (!words.IsWord(at)) return false;
  weekday = WeekdayOf(words[at].text, surely);
  if (weekday < 0) return false;
  end = IndexOf(kWeekdays, words[at].text) < 0 ? SkipDot(words, at + 1) : at + 1;
  return true;
}

bool ReadWeekdays(const Words& words, size_t at, int& weekday, size_t& end) {
  if (!words.IsWord(at) || !absl::EndsWith(words[at].text, "s")) return false;
  weekday =
      IndexOf(kWeekdays, std::string_view(words[at].text).substr(0, words[at].text.size() - 1));
  end = at + 1;
  return weekday >= 0;
}

bool ReadWeekdayList(const Words& words, size_t at, bool plural, std::vector<int>& weekdays,
                     size_t& end) {
  std::vector<int> found;
  size_t next = at;
  const auto one = [&](size_t from, int& weekday, size_t& behind) {
    return ReadWeekday(words, from, true, weekday, behind) ||
           (plural && ReadWeekdays(words, from, weekday, behind));
  };
  // "mon-fri" is one word.
  if (words.IsWord(at)) {
    const std::pair<std::string_view, std::string_view> range =
        absl::StrSplit(words[at].text, absl::MaxSplits('-', 1));
    const int first = WeekdayOf(range.first, true), last = WeekdayOf(range.second, true);
    if (first >= 0 && last > first) {
      for (int day = first; day <= last; ++day) found.push_back(day);
      weekdays = found;
      end = at + 1;
      return true;
    }
  }
  int weekday = 0;
  if (!one(next, weekday, next)) return false;
  found.push_back(weekday);
  end = next;
  while (true) {
    size_t from = end;
    const bool is_range = words.IsAny(from, {"-", "–", "to", "through", "thru"});
    while (words.IsAny(from, {",", "and", "&", "/", "-", "–", "to", "through", "thru", "+"}))
      ++from;
    // "mon wed fri" has nothing between.
    if (from > end + 2 || !one(from, weekday, next)) break;
    if (is_range && weekday > found.back()) {
      for (int day = found.back() + 1; day < weekday; ++day) found.push_back(day);
    }
    found.push_back(weekday);
    end = next;
  }
  std::sort(found.begin(), found.end());
  found.erase(std::unique(found.begin(), found.end()), found.end());
  weekdays = std::move(found);
  return true;
}

bool ReadMonth(const Words& words, size_t at, int& month, size_t& end) {
  if (!words.IsWord(at)) return false;
  for (const auto& [name, number] : kMonths) {
    if (words[at].text != name) continue;
    month = number;
    end = name.size() <= 4 && name != "may" && name != "june" && name != "july"
              ? SkipDot(words, at + 1)
              : at + 1;
    return true;
  }
  return false;
}

bool ReadUnit(const Words& words, size_t at, Unit& unit, size_t& end) {
  static constexpr std::pair<std::string_view, Unit> kUnits[] = {
      {"minute", Unit::kMinute}, {"minutes", Unit::kMinute},  {"min", Unit::kMinute},
      {"mins", Unit::kMinute},   {"hour", Unit::kHour},       {"hours", Unit::kHour},
      {"hr", Unit::kHour},       {"hrs", Unit::kHour},        {"day", Unit::kDay},
      {"days", Unit::kDay},      {"week", Unit::kWeek},       {"weeks", Unit::kWeek},
      {"wk", Unit::kWeek},       {"wks", Unit::kWeek},        {"month", Unit::kMonth},
      {"months", Unit::kMonth},  {"quarter", Unit::kQuarter}, {"quarters", Unit::kQuarter},
      {"year", Unit::kYear},     {"years", Unit::kYear},      {"yr", Unit::kYear},
      {"yrs", Unit::kYear}};
  static constexpr std::pair<std::string_view, Unit> kLetters[] = {
      {"m", Unit::kMinute}, {"h", Unit::kHour}, {"d", Unit::kDay}, {"w", Unit::kWeek}};
  if (!words.IsWord(at)) return false;
  end = at + 1;
  for (const auto& [name, named] : kUnits) {
    if (words[at].text == name) {
      unit = named;
      return true;
    }
  }
  for (const auto& [letter, named] : kLetters) {
    if (words[at].text == letter && words[at].adjoins && at > 0 && words.IsNumber(at - 1)) {
      unit = named;
      return true;
    }
  }
  return false;
}

bool ReadLength(const Words& words, size_t at, Length& length, size_t& end) {
  size_t next = at;
  Unit unit;
  // "half an hour", "half hour".
  if (words.Is(at, "half")) {
    next = words.IsAny(at + 1, {"a", "an"}) ? at + 2 : at + 1;
    if (words.Is(next, "hour")) {
      length = {30, Unit::kMinute};
      end = next + 1;
      return true;
    }
    return false;
  }
  if (words.Is(at, "a") && words.Is(at + 1, "half") && words.Is(at + 2, "hour")) {
    length = {30, Unit::kMinute};
    end = at + 3;
    return true;
  }
  if (words.IsAny(at, {"a", "one"}) && words.Is(at + 1, "fortnight")) {
    length = {2, Unit::kWeek};
    end = at + 2;
    return true;
  }
  // "1.5 hours".
  if (words.Joins(at + 1, ".") && words[at].number >= 0 && words[at].number < 100 &&
      words.Is(at + 2, "5") && ReadUnit(words, at + 3, unit, end) && unit == Unit::kHour) {
    length = {static_cast<int>(words[at].number) * 60 + 30, Unit::kMinute};
    return true;
  }
  int number = 0;
  if (!ReadNumber(words, at, number, next) || number == 0) return false;
  // "2 and a half hours".
  if (words.Is(next, "and") && words.Is(next + 1, "a") && words.Is(next + 2, "half") &&
      ReadUnit(words, next + 3, unit, end) && unit == Unit::kHour) {
    length = {number * 60 + 30, Unit::kMinute};
    return true;
  }
  if (!ReadUnit(words, next, unit, end)) return false;
  length = {number, unit};
  if (unit == Unit::kHour) {
    length = {number * 60, Unit::kMinute};
    ReadRest(words, length, end);
  } else if (unit == Unit::kQuarter) {
    length = {number * 3, Unit::kMonth};
  }
  return true;
}

bool ReadPart(const Words& words, size_t at, Part& part, size_t& end) {
  static constexpr std::pair<std::string_view, Part> kParts[] = {
      {"morning", Part::kMorning}, {"noon", Part::kNoon},           {"midday", Part::kNoon},
      {"lunchtime", Part::kNoon},  {"afternoon", Part::kAfternoon}, {"evening", Part::kEvening},
      {"night", Part::kNight},     {"midnight", Part::kMidnight}};
  if (!words.IsWord(at)) return false;
  for (const auto& [name, named] : kParts) {
    if (words[at].text == name) {
      part = named;
      end = at + 1;
      return true;
    }
  }
  return false;
}

}  // namespace selfology::task::english
