#include "services/growth/task/understanding/russian_words.h"

#include <algorithm>
#include <initializer_list>
#include <string_view>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_split.h"

namespace selfology::task::russian {
namespace {

struct Form {
  std::string_view text;
  int value;
};

constexpr Form kCardinals[] = {
    {"ноль", 0},          {"один", 1},          {"одну", 1},          {"одного", 1},
    {"одна", 1},          {"одной", 1},         {"одно", 1},          {"два", 2},
    {"две", 2},           {"двух", 2},          {"двум", 2},          {"пару", 2},
    {"пара", 2},          {"оба", 2},           {"три", 3},           {"трех", 3},
    {"трем", 3},          {"четыре", 4},        {"четырех", 4},       {"четырем", 4},
    {"пять", 5},          {"пяти", 5},          {"шесть", 6},         {"шести", 6},
    {"семь", 7},          {"семи", 7},          {"восемь", 8},        {"восьми", 8},
    {"девять", 9},        {"девяти", 9},        {"десять", 10},       {"десяти", 10},
    {"одиннадцать", 11},  {"одиннадцати", 11},  {"двенадцать", 12},   {"двенадцати", 12},
    {"тринадцать", 13},   {"тринадцати", 13},   {"четырнадцать", 14}, {"четырнадцати", 14},
    {"пятнадцать", 15},   {"пятнадцати", 15},   {"шестнадцать", 16},  {"шестнадцати", 16},
    {"семнадцать", 17},   {"семнадцати", 17},   {"восемнадцать", 18}, {"восемнадцати", 18},
    {"девятнадцать", 19}, {"девятнадцати", 19}, {"двадцать", 20},     {"двадцати", 20},
    {"тридцать", 30},     {"тридцати", 30},     {"сорок", 40},        {"сорока", 40},
    {"пятьдесят", 50},    {"пятидесяти", 50},   {"шестьдесят", 60},   {"шестидесяти", 60},
    {"девяносто", 90},    {"сто", 100},         {"ста", 100}};

// Stems of ordinals; what may follow is one of kOrdinalEndings.
constexpr Form kOrdinals[] = {{"перв", 1},         {"втор", 2},         {"трет", 3},
                              {"четверт", 4},      {"пят", 5},          {"шест", 6},
                              {"седьм", 7},        {"восьм", 8},        {"девят", 9},
                              {"десят", 10},       {"одиннадцат", 11},  {"двенадцат", 12},
                              {"тринадцат", 13},   {"четырнадцат", 14}, {"пятнадцат", 15},
                              {"шестнадцат", 16},  {"семнадцат", 17},   {"восемнадцат", 18},
                              {"девятнадцат", 19}, {"двадцат", 20},     {"тридцат", 30}};
constexpr std::string_view kOrdinalEndings[] = {"ый",  "ий",  "ой",   "ая",   "ое", "ую", "ого",
                                                "его", "ому", "ым",   "ом",   "ые", "ых", "ья",
                                                "ье",  "ью",  "ьего", "ьему", "ьи", "ьей"};
constexpr std::string_view kDigitEndings[] = {"го", "е", "й",  "ое", "ый", "ого", "я", "ую",
                                              "ая", "ю", "му", "ое", "ий", "ых",  "х"};

constexpr Form kWeekdays[] = {
    {"понедельник", 0}, {"понедельника", 0}, {"понедельнику", 0}, {"пн", 0},
    {"вторник", 1},     {"вторника", 1},     {"вторнику", 1},     {"вт", 1},
    {"среда", 2},       {"среду", 2},        {"среды", 2},        {"среде", 2},
    {"ср", 2},          {"четверг", 3},      {"четверга", 3},     {"четвергу", 3},
    {"чт", 3},          {"пятница", 4},      {"пятницу", 4},      {"пятницы", 4},
    {"пятнице", 4},     {"пт", 4},           {"суббота", 5},      {"субботу", 5},
    {"субботы", 5},     {"субботе", 5},      {"сб", 5},           {"воскресенье", 6},
    {"воскресенья", 6}, {"воскресенью", 6},  {"воскресение", 6},  {"вс", 6}};
constexpr Form kPluralWeekdays[] = {{"понедельникам", 0},
                                    {"вторникам", 1},
                                    {"средам", 2},
                                    {"четвергам", 3},
                                    {"пятницам", 4},
                                    {"субботам", 5},
                                    {"воскресеньям", 6},
                                    {"пн", 0},
                                    {"вт", 1},
                                    {"ср", 2},
                                    {"чт", 3},
                                    {"пт", 4},
                                    {"сб", 5},
                                    {"вс", 6}};

constexpr Form kMonths[] = {
    {"январь", 1},   {"января", 1},   {"январе", 1},   {"январю", 1},   {"янв", 1},
    {"февраль", 2},  {"февраля", 2},  {"феврале", 2},  {"февралю", 2},  {"фев", 2},
    {"март", 3},     {"марта", 3},    {"марте", 3},    {"марту", 3},    {"мар", 3},
    {"апрель", 4},   {"апреля", 4},   {"апреле", 4},   {"апрелю", 4},   {"апр", 4},
    {"май", 5},      {"мая", 5},      {"мае", 5},      {"маю", 5},      {"июнь", 6},
    {"июня", 6},     {"июне", 6},     {"июню", 6},     {"июн", 6},      {"июль", 7},
    {"июля", 7},     {"июле", 7},     {"июлю", 7},     {"июл", 7},      {"август", 8},
    {"августа", 8},  {"августе", 8},  {"августу", 8},  {"авг", 8},      {"сентябрь", 9},
    {"сентября", 9}, {"сентябре", 9}, {"сентябрю", 9}, {"сен", 9},      {"сент", 9},
    {"октябрь", 10}, {"октября", 10}, {"октябре", 10}, {"октябрю", 10}, {"окт", 10},
    {"ноябрь", 11},  {"ноября", 11},  {"ноябре", 11},  {"ноябрю", 11},  {"ноя", 11},
    {"нояб", 11},    {"декабрь", 12}, {"декабря", 12}, {"декабре", 12}, {"декабрю", 12},
    {"дек", 12}};

template <size_t kSize>
int ValueOf(const Form (&forms)[kSize], std::string_view text) {
  const auto* const found = std::find_if(std::begin(forms), std::end(forms),
                                         [&](const Form& form) { return form.text == text; });
  return found == std::end(forms) ? -1 : found->value;
}

int OrdinalOf(std::string_view text) {
  for (const Form& form : kOrdinals) {
    if (!absl::StartsWith(text, form.text)) continue;
    const std::string_view ending = text.substr(form.text.size());
    if (std::find(std::begin(kOrdinalEndings), std::end(kOrdinalEndings), ending) !=
        std::end(kOrdinalEndings)) {
      return form.value;
    }
  }
  return -1;
}

}  // namespace

bool ReadNumber(const Words& words, size_t at, int& number, size_t& end) {
  if (words.IsWhole(at) && words[at].number <= 9999) {
    number = static_cast<int>(words[at].number);
    end = at + 1;
    return true;
  }
  if (!words.IsWord(at)) return false;
  const int first = ValueOf(kCardinals, words[at].text);
  if (first < 0) return false;
  number = first;
  end = at + 1;
  const int second = words.IsWord(end) ? ValueOf(kCardinals, words[end].text) : -1;
  if (first >= 20 && first % 10 == 0 && second >= 1 && second <= 9) {
    number += second;
    ++end;
  }
  return true;
}

bool ReadOrdinal(const Words& words, size_t at, int& number, size_t& end) {
  if (words.IsNumber(at) && words[at].number >= 1 && words[at].number <= 31) {
    // "15-го", "15го".
    size_t next = at + 1;
    if (words.Is(next, "-") && words[next].adjoins) ++next;
    if (next >= words.size() || !words[next].adjoins || !words.IsWord(next)) return false;
    const bool is_ending = std::find(std::begin(kDigitEndings), std::end(kDigitEndings),
                                     words[next].text) != std::end(kDigitEndings);
    if (!is_ending) return false;
    number = static_cast<int>(words[at].number);
    end = next + 1;
    return true;
  }
  if (!words.IsWord(at)) return false;
  if (const int spelled = OrdinalOf(words[at].text); spelled > 0) {
    number = spelled;
    end = at + 1;
    return true;
  }
  const int tens = ValueOf(kCardinals, words[at].text);
  if ((tens == 20 || tens == 30) && words.IsWord(at + 1)) {
    const int ones = OrdinalOf(words[at + 1].text);
    if (ones >= 1 && ones <= 9 && tens + ones <= 31) {
      number = tens + ones;
      end = at + 2;
      return true;
    }
  }
  return false;
}

bool ReadWeekday(const Words& words, size_t at, int& weekday, size_t& end) {
  if (!words.IsWord(at)) return false;
  weekday = ValueOf(kWeekdays, words[at].text);
  end = at + 1;
  // "пн." is an abbreviation, unless the sentence ends there.
  if (words[at].text.size() == 4 && words.Is(end, ".") && end + 1 < words.size()) ++end;
  return weekday >= 0;
}

bool ReadWeekdays(const Words& words, size_t at, int& weekday, size_t& end) {
  if (!words.IsWord(at)) return false;
  weekday = ValueOf(kPluralWeekdays, words[at].text);
  end = at + 1;
  return weekday >= 0;
}

bool ReadWeekdayList(const Words& words, size_t at, bool plural, std::vector<int>& weekdays,
                     size_t& end) {
  const auto one = [&](size_t from, int& weekday, size_t& behind) {
    if (plural) return ReadWeekdays(words, from, weekday, behind);
    return ReadWeekday(words, from, weekday, behind);
  };
  if (words.IsWord(at)) {
    const std::pair<std::string_view, std::string_view> range =
        absl::StrSplit(words[at].text, absl::MaxSplits('-', 1));
    const int first = ValueOf(kWeekdays, range.first), last = ValueOf(kWeekdays, range.second);
    if (first >= 0 && last > first) {
      weekdays.clear();
      for (int day = first; day <= last; ++day) weekdays.push_back(day);
      end = at + 1;
      return true;
    }
  }
  std::vector<int> found;
  int weekday = 0;
  size_t next = at;
  if (!one(at, weekday, next)) return false;
  found.push_back(weekday);
  end = next;
  while (true) {
    size_t from = end;
    const bool is_range = words.IsAny(from, {"-", "–", "—"}) || (!plural && words.Is(from, "по"));
    while (words.IsAny(from, {",", "и", "/", "-", "–", "—"}) || (!plural && words.Is(from, "по"))) {
      ++from;
    }
    if (words.IsAny(from, {"в", "во", "по"})) ++from;
    // "пн ср пт" has nothing between.
    if (from > end + 3 || !one(from, weekday, next)) break;
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
  month = ValueOf(kMonths, words[at].text);
  end = at + 1;
  if (words[at].text.size() <= 8 && words.Is(end, ".") && words[end].adjoins &&
      end + 1 < words.size() && month != 5 && month != 3) {
    ++end;
  }
  return month > 0;
}

bool ReadUnit(const Words& words, size_t at, Unit& unit, size_t& end) {
  static constexpr std::pair<std::string_view, Unit> kUnits[] = {
      {"минуту", Unit::kMinute},    {"минуты", Unit::kMinute},     {"минут", Unit::kMinute},
      {"минута", Unit::kMinute},    {"минутку", Unit::kMinute},    {"мин", Unit::kMinute},
      {"час", Unit::kHour},         {"часа", Unit::kHour},         {"часов", Unit::kHour},
      {"ч", Unit::kHour},           {"часик", Unit::kHour},        {"часика", Unit::kHour},
      {"день", Unit::kDay},         {"дня", Unit::kDay},           {"дней", Unit::kDay},
      {"сутки", Unit::kDay},        {"суток", Unit::kDay},         {"денек", Unit::kDay},
      {"неделю", Unit::kWeek},      {"недели", Unit::kWeek},       {"недель", Unit::kWeek},
      {"неделя", Unit::kWeek},      {"неделе", Unit::kWeek},       {"недельку", Unit::kWeek},
      {"месяц", Unit::kMonth},      {"месяца", Unit::kMonth},      {"месяцев", Unit::kMonth},
      {"месяце", Unit::kMonth},     {"месяцу", Unit::kMonth},      {"квартал", Unit::kQuarter},
      {"квартала", Unit::kQuarter}, {"кварталов", Unit::kQuarter}, {"квартале", Unit::kQuarter},
      {"год", Unit::kYear},         {"года", Unit::kYear},         {"лет", Unit::kYear},
      {"году", Unit::kYear}};
  if (!words.IsWord(at)) return false;
  // "30м".
  if (words.Is(at, "м") && words[at].adjoins && at > 0 && words.IsNumber(at - 1)) {
    unit = Unit::kMinute;
    end = at + 1;
    return true;
  }
  for (const auto& [name, named] : kUnits) {
    if (words[at].text != name) continue;
    unit = named;
    end = at + 1;
    if ((name == "мин" || name == "ч") && words.Is(end, ".") && words[end].adjoins &&
        end + 1 < words.size()) {
      ++end;
    }
    return true;
  }
  return false;
}

bool ReadLength(const Words& words, size_t at, Length& length, size_t& end) {
  Unit unit;
  if (words.IsAny(at, {"полчаса", "полчасика"})) {
    length = {30, Unit::kMinute};
    end = at + 1;
    return true;
  }
  if (words.IsAny(at, {"полгода", "полгодика"})) {
    length = {6, Unit::kMonth};
    end = at + 1;
    return true;
  }
  if (words.IsAny(at, {"полтора", "полутора"}) && words.IsAny(at + 1, {"часа", "часов", "час"})) {
    length = {90, Unit::kMinute};
    end = at + 2;
    return true;
  }
  if (words.IsAny(at, {"полтора", "полторы", "полутора"}) &&
      words.IsAny(at + 1, {"месяца", "недели", "года"})) {
    length = words.Is(at + 1, "месяца")   ? Length{45, Unit::kDay}
             : words.Is(at + 1, "недели") ? Length{11, Unit::kDay}
                                          : Length{18, Unit::kMonth};
    end = at + 2;
    return true;
  }
  if ((words.Joins(at + 1, ".") || words.Joins(at + 1, ",")) && words[at].number >= 0 &&
      words[at].number < 100 && words.Is(at + 2, "5") && ReadUnit(words, at + 3, unit, end) &&
      unit == Unit::kHour) {
    length = {static_cast<int>(words[at].number) * 60 + 30, Unit::kMinute};
    return true;
  }
  int number = 1;
  size_t next = at;
  const bool has_number = ReadNumber(words, at, number, next);
  if (!has_number) next = at;
  if (has_number && number == 0) return false;
  if (words.Is(next, "с") && words.Is(next + 1, "половиной") &&
      ReadUnit(words, next + 2, unit, end) && unit == Unit::kHour) {
    length = {number * 60 + 30, Unit::kMinute};
    return true;
  }
  if (!ReadUnit(words, next, unit, end)) return false;
  // Without a number only "час", "неделю" and so on are one; "часа" is something's.
  if (!has_number &&
      !words.IsAny(next, {"минуту", "минутку", "час", "часик", "день", "денек", "сутки", "неделю",
                          "недельку", "месяц", "квартал", "год"})) {
    return false;
  }
  length = {number, unit};
  if (unit == Unit::kQuarter) length = {number * 3, Unit::kMonth};
  if (unit != Unit::kHour) return true;
  length = {number * 60, Unit::kMinute};
  int minutes = 0;
  size_t after = words.Is(end, "и") ? end + 1 : end;
  if (ReadNumber(words, after, minutes, after) && minutes < 60 &&
      ReadUnit(words, after, unit, after) && unit == Unit::kMinute) {
    length.amount += minutes;
    end = after;
  }
  return true;
}

bool ReadPart(const Words& words, size_t at, Part& part, size_t& end) {
  static constexpr std::pair<std::string_view, Part> kParts[] = {
      {"утром", Part::kMorning},   {"утречком", Part::kMorning}, {"днем", Part::kAfternoon},
      {"вечером", Part::kEvening}, {"вечерком", Part::kEvening}, {"ночью", Part::kNight},
      {"утро", Part::kMorning},    {"вечер", Part::kEvening},    {"утру", Part::kMorning},
      {"вечеру", Part::kEvening}};
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

}  // namespace selfology::task::russian
