// Russian recurrence: "каждый день", "по вторникам", "раз в две недели", "каждое 5 число".
#include <algorithm>
#include <string_view>

#include "services/growth/task/understanding/russian_rules.h"
#include "services/growth/task/understanding/russian_words.h"

namespace selfology::task::russian {
namespace {

const std::vector<int> kWorkdays = {0, 1, 2, 3, 4};

bool IsEvery(const Words& words, size_t at) { return words.Begins(at, "кажд"); }

// "месяца", "каждого месяца", "в месяце".
bool ReadOfMonth(const Words& words, size_t at, bool& every, size_t& end) {
  every = IsEvery(words, at);
  const size_t next = every ? at + 1 : at;
  if (!words.IsAny(next, {"месяца", "месяц"})) return false;
  end = next + 1;
  return true;
}

bool ReadNthWeekday(const Words& words, size_t at, int& nth, std::vector<int>& weekdays,
                    size_t& end) {
  size_t next = at + 1;
  if (words.Begins(at, "последн")) {
    nth = -1;
  } else if (!ReadOrdinal(words, at, nth, next) || nth > 5) {
    return false;
  }
  int weekday = 0;
  if (!ReadWeekday(words, next, weekday, end)) return false;
  weekdays = {weekday};
  return true;
}

// "5 число", "1 и 15 числа", "5-го числа", "первого числа", "последний день".
bool ReadMonthDays(const Words& words, size_t at, std::vector<int>& days, size_t& end) {
  if (words.Begins(at, "последн") && words.IsAny(at + 1, {"день", "число", "дня"})) {
    days = {-1};
    end = at + 2;
    return true;
  }
  days.clear();
  size_t next = at;
  while (true) {
    int day = 0;
    size_t behind = next;
    if (!ReadOrdinal(words, next, day, behind)) {
      if (!words.IsWhole(next) || words[next].number < 1 || words[next].number > 31) break;
      day = static_cast<int>(words[next].number);
      behind = next + 1;
    }
    days.push_back(day);
    next = behind;
    if (!words.IsAny(next, {"и", ","})) break;
    ++next;
  }
  if (days.empty() || !words.IsAny(next, {"число", "числа", "числам"})) return false;
  std::sort(days.begin(), days.end());
  end = next + 1;
  return true;
}

bool ReadYearDay(const Words& words, size_t at, RepeatSpec& repeat, size_t& end) {
  Finding finding;
  if (!words.IsNumber(at) && !words.IsWord(at)) return false;
  if (words.IsAny(at, {"в", "во", "на", "к", "до", "с", "со", "ко"}) ||
      !FindDate(words, at, nullptr, finding) || finding.date.kind != DateSpec::kDate ||
      finding.date.day < 1 || finding.date.year != 0) {
    return false;
  }
  repeat.unit = Unit::kYear;
  repeat.month_days = {finding.date.day};
  repeat.month = finding.date.month;
  end = finding.end;
  return true;
}

// What comes behind "каждый".
bool ReadEvery(const Words& words, size_t at, Finding& finding) {
  RepeatSpec& repeat = finding.repeat.emplace();
  bool every = false;
  if (words.IsAny(at, {"рабочий", "будний", "будничный"}) && words.Is(at + 1, "день")) {
    repeat = {.unit = Unit::kWeek, .weekdays = kWorkdays};
    finding.end = at + 2;
    return true;
  }
  if (words.IsAny(at, {"выходные", "выходной", "уикенд"})) {
    repeat = {.unit = Unit::kWeek, .weekdays = {5, 6}};
    finding.end = at + 1;
    return true;
  }
  if (words.IsAny(at, {"утро", "вечер", "ночь", "полдень", "обед"})) {
    finding.part = words.Is(at, "утро")      ? Part::kMorning
                   : words.Is(at, "вечер")   ? Part::kEvening
                   : words.Is(at, "ночь")    ? Part::kNight
                   : words.Is(at, "полдень") ? Part::kNoon
                                             : Part::kNoon;
    finding.end = at + 1;
    return true;
  }
  if (ReadNthWeekday(words, at, repeat.nth, repeat.weekdays, finding.end)) {
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
  repeat = {};
  if (ReadYearDay(words, at, repeat, finding.end)) return true;
  // "каждый январь".
  if (ReadMonth(words, at, repeat.month, finding.end)) {
    repeat.unit = Unit::kYear;
    repeat.month_days = {1};
    return true;
  }
  repeat = {};
  if (ReadMonthDays(words, at, repeat.month_days, finding.end)) {
    repeat.unit = Unit::kMonth;
    ReadOfMonth(words, finding.end, every, finding.end);
    return true;
  }
  repeat = {};
  // "каждый второй день", "каждую третью неделю".
  Unit unit;
  int number = 0;
  size_t behind = at;
  if (ReadOrdinal(words, at, number, behind) && ReadUnit(words, behind, unit, finding.end) &&
      unit != Unit::kMinute) {
    repeat.unit = unit;
    repeat.interval = number;
    if (unit == Unit::kDay && ReadOfMonth(words, finding.end, every, finding.end)) {
      repeat = {.unit = Unit::kMonth, .month_days = {number}};
    }
    return true;
  }
  if (ReadWeekdayList(words, at, false, repeat.weekdays, finding.end)) {
    repeat.unit = Unit::kWeek;
    return true;
  }
  // "каждые 3 дня", "каждый месяц", "каждые полгода".
  if (words.Is(at, "полгода")) {
    repeat = {.unit = Unit::kMonth, .interval = 6};
    finding.end = at + 1;
    return true;
  }
  repeat.interval = 1;
  if (ReadNumber(words, at, number, behind)) {
    repeat.interval = number;
  } else {
    behind = at;
  }
  if (!ReadUnit(words, behind, unit, finding.end) || unit == Unit::kMinute || repeat.interval < 1 ||
      repeat.interval > 1000) {
    return false;
  }
  repeat.unit = unit;
  // "каждый день кроме воскресенья".
  const size_t but = words.Is(finding.end, ",") ? finding.end + 1 : finding.end;
  if (unit == Unit::kDay && repeat.interval == 1 && words.Is(but, "кроме")) {
    std::vector<int> without;
    size_t last = but + 1;
    if (words.Is(last, "выходных")) {
      without = {5, 6};
      ++last;
    } else if (!ReadWeekdayList(words, last, false, without, last)) {
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

// "ежедневно", "раз в неделю", "два раза в день", "раз в 3 дня", "через день", "по вторникам", "по будням".
bool ReadAdverb(const Words& words, size_t at, Finding& finding) {
  RepeatSpec& repeat = *finding.repeat;
  size_t& end = finding.end;
  static constexpr std::pair<std::string_view, Unit> kAdverbs[] = {
      {"ежедневно", Unit::kDay}, {"еженедельно", Unit::kWeek}, {"ежемесячно", Unit::kMonth},
      {"ежегодно", Unit::kYear}, {"ежечасно", Unit::kHour},    {"ежеквартально", Unit::kQuarter}};
  end = at + 1;
  for (const auto& [name, unit] : kAdverbs) {
    if (words.Is(at, name)) {
      repeat.unit = unit;
      return true;
    }
  }
  if (words.Is(at, "через") && words.Is(at + 1, "день")) {
    repeat = {.unit = Unit::kDay, .interval = 2};
    end = at + 2;
    return true;
  }
  int weekday = 0;
  if (words.Is(at, "через") && ReadWeekday(words, at + 1, weekday, end)) {
    repeat = {.unit = Unit::kWeek, .interval = 2, .weekdays = {weekday}};
    return true;
  }
  // "дважды в неделю", "три раза в день".
  int times = 0;
  size_t behind_times = at + 1;
  if (words.Is(at, "дважды")) {
    times = 2;
  } else if (words.Is(at, "трижды")) {
    times = 3;
  } else if (ReadNumber(words, at, times, behind_times)) {
    if (!words.IsAny(behind_times, {"раза", "раз"}) || times < 2) times = 0;
    ++behind_times;
  }
  if (times > 0 && words.IsAny(behind_times, {"в", "за"}) &&
      ReadUnit(words, behind_times + 1, repeat.unit, end)) {
    const Unit unit = repeat.unit;
    return Spread(times, unit, finding);
  }
  repeat = {};
  end = at + 1;
  size_t next = words.IsAny(at, {"один", "1"}) && words.Is(at + 1, "раз") ? at + 1 : at;
  if (words.Is(next, "раз") && words.IsAny(next + 1, {"в", "во"})) {
    next += 2;
    if (words.IsAny(next, {"полгода"})) {
      repeat = {.unit = Unit::kMonth, .interval = 6};
      end = next + 1;
      return true;
    }
    int number = 1;
    size_t behind = next;
    if (!ReadNumber(words, next, number, behind)) behind = next;
    repeat.interval = number;
    return ReadUnit(words, behind, repeat.unit, end) && repeat.unit != Unit::kMinute &&
           number >= 1 && number <= 1000;
  }
  if (!words.Is(at, "по")) return false;
  if (words.IsAny(at + 1, {"будням", "будним"}) ||
      (words.Is(at + 1, "рабочим") && words.Is(at + 2, "дням"))) {
    repeat = {.unit = Unit::kWeek, .weekdays = kWorkdays};
    end = words.Is(at + 1, "рабочим") || words.Is(at + 2, "дням") ? at + 3 : at + 2;
    return true;
  }
  if (words.Is(at + 1, "выходным")) {
    repeat = {.unit = Unit::kWeek, .weekdays = {5, 6}};
    end = words.Is(at + 2, "дням") ? at + 3 : at + 2;
    return true;
  }
  if (ReadWeekdayList(words, at + 1, true, repeat.weekdays, end)) {
    repeat.unit = Unit::kWeek;
    return true;
  }
  if (ReadMonthDays(words, at + 1, repeat.month_days, end)) {
    repeat.unit = Unit::kMonth;
    return true;
  }
  return false;
}

}  // namespace

namespace {

// Behind a length of time: "после выполнения", "после того как сделаю".
bool ReadAfterCompletion(const Words& words, size_t at, size_t& end) {
  if (!words.Is(at, "после")) return false;
  size_t next = at + 1;
  if (words.IsAny(next, {"выполнения", "завершения"})) {
    end = next + 1;
    return true;
  }
  if (words.Is(next, "последнего") && words.Is(next + 1, "раза")) {
    end = next + 2;
    return true;
  }
  if (!words.Is(next, "того")) return false;
  ++next;
  if (words.Is(next, ",")) ++next;
  if (!words.Is(next, "как") ||
      !words.IsAny(next + 1, {"сделаю", "закончу", "выполню", "завершу", "сделал", "сделала"})) {
    return false;
  }
  end = next + 2;
  return true;
}

}  // namespace

bool FindRepeat(const Words& words, size_t at, const Finding* before, Finding& finding) {
  if (words.Is(at, "кроме")) {
    RepeatSpec& repeat = finding.repeat.emplace();
    finding.end = at + 2;
    if (words.Is(at + 1, "выходных")) {
      repeat.except = {5, 6};
      return true;
    }
    return ReadWeekdayList(words, at + 1, false, repeat.except, finding.end);
  }
  size_t next = words.IsAny(at, {"в", "во", "на"}) ? at + 1 : at;
  if (IsEvery(words, next) && ReadEvery(words, next + 1, finding)) {
    if (ReadAfterCompletion(words, finding.end, finding.end)) {
      finding.repeat->after_completion = true;
    }
    return true;
  }
  // "через 3 дня после выполнения".
  Length length;
  size_t behind = at;
  if (words.Is(at, "через") && ReadLength(words, at + 1, length, behind) &&
      length.unit != Unit::kMinute && ReadAfterCompletion(words, behind, finding.end)) {
    finding.repeat = {.unit = length.unit, .interval = length.amount, .after_completion = true};
    return true;
  }
  finding.part = Part::kNone;
  RepeatSpec& repeat = finding.repeat.emplace();
  if (next == at && ReadAdverb(words, at, finding)) {
    // "по утрам", below, is another finding.
    return true;
  }
  repeat = {};
  static constexpr std::pair<std::string_view, Part> kParts[] = {
      {"утрам", Part::kMorning}, {"вечерам", Part::kEvening}, {"ночам", Part::kNight}};
  for (const auto& [name, part] : kParts) {
    if (words.Is(at, "по") && words.Is(at + 1, name)) {
      finding.part = part;
      finding.end = at + 2;
      return true;
    }
  }
  // "в конце каждого месяца", "в начале каждого года".
  const bool is_end = words.IsAny(next, {"конце", "конец"}), is_begin = words.Is(next, "начале");
  if ((is_end || is_begin) && IsEvery(words, next + 1) &&
      words.IsAny(next + 2, {"месяца", "года", "недели"})) {
    const int day = is_end ? -1 : 1;
    repeat = {.unit = Unit::kMonth, .month_days = {day}};
    if (words.Is(next + 2, "года")) {
      repeat = {.unit = Unit::kYear, .month_days = {is_end ? 31 : 1}, .month = is_end ? 12 : 1};
    } else if (words.Is(next + 2, "недели")) {
      repeat = {.unit = Unit::kWeek, .weekdays = {is_end ? 6 : 0}};
    }
    finding.end = next + 3;
    return true;
  }
  // "с понедельника по пятницу в 9": with a time it is each of these days.
  if (words.IsAny(at, {"с", "со"}) &&
      ReadWeekdayList(words, at + 1, false, repeat.weekdays, finding.end) &&
      repeat.weekdays.size() > 2 &&
      (words.IsNumber(finding.end) ||
       (words.IsAny(finding.end, {"в", "с"}) && words.IsNumber(finding.end + 1)))) {
    repeat.unit = Unit::kWeek;
    return true;
  }
  repeat = {};
  // Several days are every week's: "в пн, ср и пт", "пн-пт".
  if (ReadWeekdayList(words, next, false, repeat.weekdays, finding.end) &&
      repeat.weekdays.size() > (words.IsAny(at, {"в", "во"}) ? 1u : 2u)) {
    repeat.unit = Unit::kWeek;
    repeat.unsure = repeat.weekdays.size() == 2;
    return true;
  }
  repeat = {};
  bool every = false;
  const bool is_monthly =
      before != nullptr && before->repeat.has_value() && before->repeat->unit == Unit::kMonth;
  if (ReadNthWeekday(words, next, repeat.nth, repeat.weekdays, finding.end) &&
      ((ReadOfMonth(words, finding.end, every, finding.end) && every) || is_monthly)) {
    repeat.unit = Unit::kMonth;
    return true;
  }
  repeat = {};
  // Several days of the month are every month's: "1 и 15 числа".
  if (ReadMonthDays(words, next, repeat.month_days, finding.end) &&
      ((ReadOfMonth(words, finding.end, every, finding.end) && every) || is_monthly ||
       repeat.month_days.size() > 1)) {
    repeat.unit = Unit::kMonth;
    return true;
  }
  return false;
}

}  // namespace selfology::task::russian
