#include "services/coaching/coach/understanding/dates.h"

#include <algorithm>
#include <cstddef>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/strings/str_split.h"
#include "absl/time/time.h"

namespace selfology::coach {
namespace {

using absl::CivilDay;
using language::Language;

struct Entry {
  std::string_view word;  // "*" at its end: all that begins so.
  int value;
};

constexpr Entry kWeekdays[] = {
    {"monday", 0},    {"mon", 0},   {"tuesday", 1},  {"tue", 1},     {"tues", 1},
    {"wednesday", 2}, {"wed", 2},   {"thursday", 3}, {"thu", 3},     {"thurs", 3},
    {"friday", 4},    {"fri", 4},   {"saturday", 5}, {"sunday", 6},  {"понедельник*", 0},
    {"вторник*", 1},  {"сред*", 2}, {"четверг*", 3}, {"пятниц*", 4}, {"суббот*", 5},
    {"воскресен*", 6}};
constexpr Entry kMonths[] = {{"january", 1},   {"jan", 1},      {"february", 2},  {"feb", 2},
                             {"march", 3},     {"april", 4},    {"may", 5},       {"june", 6},
                             {"july", 7},      {"august", 8},   {"aug", 8},       {"september", 9},
                             {"sept", 9},      {"sep", 9},      {"october", 10},  {"oct", 10},
                             {"november", 11}, {"nov", 11},     {"december", 12}, {"dec", 12},
                             {"января", 1},    {"февраля", 2},  {"марта", 3},     {"апреля", 4},
                             {"мая", 5},       {"июня", 6},     {"июля", 7},      {"августа", 8},
                             {"сентября", 9},  {"октября", 10}, {"ноября", 11},   {"декабря", 12}};
constexpr Entry kNumbers[] = {
    {"a", 1},     {"one", 1},  {"two", 2},    {"couple", 2}, {"three", 3},  {"four", 4},
    {"five", 5},  {"six", 6},  {"seven", 7},  {"ten", 10},   {"один", 1},   {"одну", 1},
    {"пару", 2},  {"два", 2},  {"две", 2},    {"три", 3},    {"четыре", 4}, {"пять", 5},
    {"шесть", 6}, {"семь", 7}, {"десять", 10}};
constexpr Entry kUnits[] = {{"day", 1},    {"days", 1},    {"week", 7},   {"weeks", 7},
                            {"month", 30}, {"months", 30}, {"день", 1},   {"дня", 1},
                            {"дней", 1},   {"неделю", 7},  {"недели", 7}, {"недель", 7},
                            {"месяц", 30}, {"месяца", 30}};
constexpr Entry kNearDays[] = {{"today", 0},       {"tonight", 0}, {"tomorrow", 1},
                               {"tommorow", 1},    {"tomorow", 1}, {"tmrw", 1},
                               {"yesterday", -1},  {"сегодня", 0}, {"завтра", 1},
                               {"послезавтра", 2}, {"вчера", -1},  {"позавчера", -2}};

template <size_t kSize>
std::optional<int> Value(const Entry (&entries)[kSize], std::string_view word) {
  for (const Entry& entry : entries) {
    const bool open = entry.word.back() == '*';
    const std::string_view known = entry.word.substr(0, entry.word.size() - (open ? 1 : 0));
    if (open ? word.substr(0, known.size()) == known : word == known) return entry.value;
  }
  return std::nullopt;
}

class Finder {
 public:
  Finder(const Utterance& message, CivilDay today) : words_(message.words), today_(today) {}

  std::vector<DateMention> Run() && {
    const int count = static_cast<int>(words_.size());
    for (int i = 0; i < count;) {
      const int taken = Take(i);
      i += std::max(taken, 1);
    }
    return std::move(found_);
  }

 private:
  std::string_view At(int i) const {
    return i >= 0 && i < static_cast<int>(words_.size()) ? std::string_view(words_[i].text) : "";
  }
  bool Is(int i, std::initializer_list<std::string_view> words) const {
    return std::find(words.begin(), words.end(), At(i)) != words.end();
  }

  // Words before it that belong to it.
  int Begin(int i) const {
    while (i > 0 &&
           Is(i - 1, {"on",  "by",        "this",      "next",      "the", "until", "till", "for",
                      "of",  "в",         "во",        "к",         "до",  "на",    "эту",  "этот",
                      "это", "следующую", "следующий", "следующее", "уже", "аж"})) {
      --i;
    }
    return i;
  }

  int Add(int i, int length, CivilDay day) {
    found_.push_back({{Begin(i), i + length}, day});
    return length;
  }

  CivilDay NextDate(int month, int day) const {
    const CivilDay date(today_.year(), month, day);
    return date < today_ ? CivilDay(today_.year() + 1, month, day) : date;
  }

  std::optional<int> DayNumber(int i) const {
    std::string_view word = At(i);
    for (const std::string_view ending : {"st", "nd", "rd", "th", "-го"}) {
      if (word.size() > ending.size() && word.ends_with(ending)) {
        word.remove_suffix(ending.size());
      }
    }
    int day = 0;
    if (word.empty() || !absl::SimpleAtoi(word, &day) || day < 1 || day > 31) return std::nullopt;
    return day;
  }

  int Take(int i) {
    if (const auto days = Value(kNearDays, At(i))) return Add(i, 1, today_ + *days);
    if (const auto weekday = Value(kWeekdays, At(i))) return TakeWeekday(i, *weekday);
    if (Is(i, {"in", "через"})) return TakeDistance(i);
    if (Is(i, {"weekend", "выходных", "выходные"})) return Add(i, 1, Weekday(5));
    if (Is(i, {"next", "следующей"}) && Is(i + 1, {"week", "неделе"})) {
      return Add(i, 2, Weekday(0));
    }
    if (const auto day = DayNumber(i)) {
      const int of = Is(i + 1, {"of"}) ? 1 : 0;
      if (const auto month = Value(kMonths, At(i + 1 + of))) {
        return Add(i, 2 + of, NextDate(*month, *day));
      }
    }
    if (const auto month = Value(kMonths, At(i))) {
      if (const auto day = DayNumber(i + 1)) return Add(i, 2, NextDate(*month, *day));
    }
    return 0;
  }

  CivilDay Weekday(int weekday) const {
    const int today = static_cast<int>(absl::GetWeekday(today_));
    const int ahead = (weekday - today + 7) % 7;
    return today_ + (ahead == 0 ? 7 : ahead);
  }

  int TakeWeekday(int i, int weekday) {
    if (Is(i - 1, {"last", "прошлую", "прошлый", "прошлое"}))
      return Add(i, 1, Weekday(weekday) - 7);
    CivilDay day = Weekday(weekday);
    if (Is(i - 1, {"this", "эту", "этот", "это"}) && day - today_ == 7) day = today_;
    if (Is(i - 1, {"next", "следующую", "следующий", "следующее"})) {
      // Of the week that begins on the next Monday.
      day = Weekday(0) + weekday;
    }
    return Add(i, 1, day);
  }

  int TakeDistance(int i) {
    if (const auto unit = Value(kUnits, At(i + 1))) return Add(i, 2, today_ + *unit);
    int at = i + 1;
    // "in a couple of days"
    if (Is(at, {"a"}) && Is(at + 1, {"couple"})) ++at;
    int number = 0;
    if (const auto word = Value(kNumbers, At(at))) {
      number = *word;
    } else if (!absl::SimpleAtoi(At(at), &number) || number < 1 || number > 366) {
      return 0;
    }
    ++at;
    if (Is(at, {"of"})) ++at;
    const auto unit = Value(kUnits, At(at));
    return unit.has_value() ? Add(i, at + 1 - i, today_ + number * *unit) : 0;
  }

  const std::vector<Token>& words_;
  const CivilDay today_;
  std::vector<DateMention> found_;
};

constexpr std::string_view kEnglishWeekdays[] = {"Monday", "Tuesday",  "Wednesday", "Thursday",
                                                 "Friday", "Saturday", "Sunday"};
constexpr std::string_view kRussianWeekdays[] = {"в понедельник", "во вторник", "в среду",
                                                 "в четверг",     "в пятницу",  "в субботу",
                                                 "в воскресенье"};
constexpr std::string_view kRussianNamedWeekdays[] = {
    "понедельник", "вторник", "среда", "четверг", "пятница", "суббота", "воскресенье"};
constexpr std::string_view kEnglishMonths[] = {"January",   "February", "March",    "April",
                                               "May",       "June",     "July",     "August",
                                               "September", "October",  "November", "December"};
constexpr std::string_view kRussianMonths[] = {"января",   "февраля", "марта",  "апреля",
                                               "мая",      "июня",    "июля",   "августа",
                                               "сентября", "октября", "ноября", "декабря"};

}  // namespace

std::vector<DateMention> FindDates(const Utterance& message, CivilDay today) {
  return Finder(message, today).Run();
}

std::optional<CivilDay> ParseDay(std::string_view text) {
  const std::vector<std::string_view> parts = absl::StrSplit(text, '-');
  int year = 0;
  int month = 0;
  int day = 0;
  if (text.size() != 10 || parts.size() != 3 || !absl::SimpleAtoi(parts[0], &year) ||
      !absl::SimpleAtoi(parts[1], &month) || !absl::SimpleAtoi(parts[2], &day) || year < 1) {
    return std::nullopt;
  }
  const CivilDay parsed(year, month, day);
  // Civil time normalizes the 30th of February away.
  if (DayText(parsed) != text) return std::nullopt;
  return parsed;
}

std::string DayText(CivilDay day) {
  return absl::StrFormat("%04d-%02d-%02d", day.year(), day.month(), day.day());
}

std::string SpokenDay(CivilDay day, CivilDay today, Language language) {
  const bool russian = language == Language::kRussian;
  const auto ahead = day - today;
  if (ahead == 0) return russian ? "сегодня" : "today";
  if (ahead == 1) return russian ? "завтра" : "tomorrow";
  if (ahead == -1) return russian ? "вчера" : "yesterday";
  if (!russian) return absl::StrCat("on ", NamedDay(day, language));
  const int weekday = static_cast<int>(absl::GetWeekday(day));
  return absl::StrCat(kRussianWeekdays[weekday], ", ", day.day(), " ",
                      kRussianMonths[day.month() - 1]);
}

std::string NamedDay(CivilDay day, Language language) {
  const bool russian = language == Language::kRussian;
  const int weekday = static_cast<int>(absl::GetWeekday(day));
  const int month = day.month() - 1;
  return absl::StrCat(russian ? kRussianNamedWeekdays[weekday] : kEnglishWeekdays[weekday], ", ",
                      day.day(), " ", russian ? kRussianMonths[month] : kEnglishMonths[month]);
}

}  // namespace selfology::coach
