// Russian dates: "завтра", "в следующий вторник", "через три дня", "5 мая", "к концу месяца".
#include <string_view>

#include "services/growth/task/understanding/russian_rules.h"
#include "services/growth/task/understanding/russian_words.h"

namespace selfology::task::russian {
namespace {

struct Preposition {
  Role role = Role::kDue;
  bool any = false;
};

Preposition ReadPreposition(const Words& words, size_t& at) {
  Preposition found;
  const auto take = [&](size_t count, Role role) {
    at += count;
    found = {role, true};
  };
  if (words.Is(at, "не") && words.IsAny(at + 1, {"позднее", "позже"})) {
    take(words.Is(at + 2, "чем") ? 3 : 2, Role::kDeadline);
    if (words.IsAny(at, {"в", "во", "к"})) ++at;
  } else if (words.Is(at, "начиная") && words.IsAny(at + 1, {"с", "со"})) {
    take(2, Role::kFrom);
  } else if (words.IsAny(at, {"до", "к", "ко"})) {
    take(1, words.Is(at, "до") ? Role::kUntil : Role::kDeadline);
  } else if (words.IsAny(at, {"с", "со"})) {
    take(1, Role::kFrom);
  } else if (words.IsAny(at, {"в", "во", "на"})) {
    take(1, Role::kDue);
  }
  return found;
}

// "следующий", "эту", "ближайшую": so many units from this one.
bool ReadShift(const Words& words, size_t& at, int& shift, bool& nearest) {
  nearest = words.Begins(at, "ближайш");
  if (words.Begins(at, "следующ") || words.Begins(at, "будущ")) {
    shift = 1;
  } else if (words.IsAny(at,
                         {"эту", "этот", "это", "этой", "этого", "этом", "эти", "этих", "этому"}) ||
             words.Begins(at, "текущ") || nearest) {
    shift = 0;
  } else {
    return false;
  }
  ++at;
  return true;
}

bool ReadNear(const Words& words, size_t at, DateSpec& date, size_t& end) {
  end = at + 1;
  if (words.IsAny(at, {"сегодня", "седня", "сегодняшний"})) {
    date = {.kind = DateSpec::kInDays};
    if (words.Is(at, "сегодняшний")) {
      end = at + 2;
      return words.Is(at + 1, "день");
    }
    return true;
  }
  if (words.Is(at, "завтра")) {
    date = {.kind = DateSpec::kInDays, .amount = 1};
    return true;
  }
  if (words.Is(at, "послезавтра")) {
    date = {.kind = DateSpec::kInDays, .amount = 2};
    return true;
  }
  if (words.IsAny(at, {"завтрашнему", "завтрашний", "завтрашнего"}) &&
      words.IsAny(at + 1, {"дню", "день", "дня"})) {
    date = {.kind = DateSpec::kInDays, .amount = 1};
    end = at + 2;
    return true;
  }
  return false;
}

bool ReadYear(const Words& words, size_t& end, int& year) {
  if (!words.IsWhole(end) || words[end].text.size() != 4 || words[end].number < 1900 ||
      words[end].number > 2200) {
    return false;
  }
  year = static_cast<int>(words[end].number);
  ++end;
  if (words.IsAny(end, {"года", "год", "г", "году"})) ++end;
  return true;
}

// "5 мая", "пятого мая 2027 года", "5-го мая".
bool ReadMonthDay(const Words& words, size_t at, DateSpec& date, size_t& end) {
  int day = 0, month = 0;
  size_t next = at;
  if (!ReadOrdinal(words, at, day, next)) {
    if (!words.IsWhole(at) || words[at].text.size() > 2) return false;
    day = static_cast<int>(words[at].number);
    next = at + 1;
  }
  if (words.Is(next, "числа")) ++next;
  if (!ReadMonth(words, next, month, end) || !IsDayOf(month, day)) return false;
  date = {.kind = DateSpec::kDate, .day = day, .month = month};
  if (!ReadYear(words, end, date.year)) {
    // "5 мая следующего года".
    if (words.Is(end, "следующего") && words.Is(end + 1, "года")) {
      date.amount = 1;
      end += 2;
    }
  }
  return true;
}

// "05.05", "5.05.2027", "25/12/2026"; without a year both have two digits, or a preposition is there.
bool ReadDots(const Words& words, size_t at, bool any, DateSpec& date, size_t& end) {
  for (const std::string_view mark : {".", "/"}) {
    if (!words.Joins(at + 1, mark) || words[at].text.size() > 2 || words[at + 2].text.size() > 2) {
      continue;
    }
    const int day = static_cast<int>(words[at].number),
              month = static_cast<int>(words[at + 2].number);
    const bool has_year = words.Joins(at + 3, mark) &&
                          (words[at + 4].text.size() == 4 || words[at + 4].text.size() == 2);
    if (!IsDayOf(month, day)) continue;
    if (!has_year && (words.Joins(at + 3, mark) || words[at + 2].text.size() != 2 ||
                      (words[at].text.size() != 2 && !any))) {
      continue;
    }
    date = {.kind = DateSpec::kDate, .day = day, .month = month};
    end = at + 3;
    if (has_year) {
      date.year = static_cast<int>(words[at + 4].number);
      if (date.year < 100) date.year += 2000;
      end = at + 5;
      if (words.IsAny(end, {"г", "года"})) ++end;
    }
    return true;
  }
  return false;
}

// "конец месяца", "концу следующей недели", "начале мая", "середине месяца", "конца дня".
bool ReadEdge(const Words& words, size_t at, DateSpec& date, size_t& end) {
  const bool is_end = words.IsAny(at, {"конец", "конца", "концу", "конце"});
  const bool is_middle = words.Begins(at, "середин");
  if (!is_end && !is_middle && !words.IsAny(at, {"начало", "начала", "началу", "начале"})) {
    return false;
  }
  size_t next = at + 1;
  int month = 0, shift = 0;
  bool nearest = false;
  if (ReadMonth(words, next, month, end)) {
    date = {.kind = DateSpec::kDate, .day = is_end ? -1 : is_middle ? 15 : 1, .month = month};
    ReadYear(words, end, date.year);
    return true;
  }
  ReadShift(words, next, shift, nearest);
  Unit unit;
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

// "следующей неделе", "этом месяце", "выходные", "следующие выходные".
bool ReadPeriod(const Words& words, size_t at, bool any, DateSpec& date, size_t& end, bool& vague) {
  size_t next = at;
  int shift = 0;
  bool nearest = false;
  const bool shifted = ReadShift(words, next, shift, nearest);
  if (words.IsAny(next, {"выходные", "выходных", "выходным"}) && (shifted || any)) {
    date = {.kind = DateSpec::kWeekend, .amount = shift};
    end = next + 1;
    return true;
  }
  Unit unit;
  if (!shifted || !ReadUnit(words, next, unit, end)) return false;
  if (unit == Unit::kMinute || unit == Unit::kHour || unit == Unit::kDay) return false;
  if (nearest) return false;
  vague = true;
  if (shift == 0) {
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

// "двадцать четвертого", "пятого" as a day by itself: in the genitive, with no noun behind it and no preposition
// before it whose case it is.
bool IsDayInGenitive(const Words& words, size_t begin, size_t end) {
  const std::string& last = words[end - 1].text;
  const auto ends_with = [&](std::string_view ending) {
    return last.size() > ending.size() &&
           last.compare(last.size() - ending.size(), ending.size(), ending) == 0;
  };
  if (!ends_with("ого") && !ends_with("его")) return false;
  if (begin > 0 && words.IsAny(begin - 1, {"для", "у", "без", "из", "от", "с", "со", "около",
                                           "после", "до", "насчет", "про", "кроме", "вместо"})) {
    return false;
  }
  // "пятого" at the end may be of anything; of two words it is hardly.
  const bool is_compound = end - begin == 2;
  if (end >= words.size()) return is_compound;
  return words.IsNumber(end) ||
         words.IsAny(end, {"в", "во", "утром", "днем", "вечером", "ночью", "к", "с"}) ||
         (is_compound && words[end].kind == Word::kMark);
}

// "5 числа", "15-го числа", "15-го", "первое число", "5 числа следующего месяца".
bool ReadDayOfMonth(const Words& words, size_t at, bool any, DateSpec& date, size_t& end) {
  int day = 0;
  size_t next = at;
  bool is_sure = true;
  const bool in_digits = words.IsNumber(at);
  if (ReadOrdinal(words, at, day, next)) {
    is_sure = in_digits;
  } else if (words.IsWhole(at) && words[at].number >= 1 && words[at].number <= 31) {
    day = static_cast<int>(words[at].number);
    next = at + 1;
    is_sure = false;
  } else {
    return false;
  }
  if (words.IsAny(next, {"числа", "число", "числу"})) {
    ++next;
  } else if (!in_digits && IsDayInGenitive(words, at, next)) {
    // "двадцать четвертого в 15".
  } else if (!is_sure || (!any && !words.Is(at + 2, "го") && !words.Is(at + 1, "го"))) {
    // "к пятому" says nothing, "к 15-му" does.
    return false;
  }
  date = {.kind = DateSpec::kDayOfMonth, .day = day};
  end = next;
  int shift = 0;
  bool nearest = false;
  Unit unit;
  size_t behind = next;
  if (ReadShift(words, behind, shift, nearest) && ReadUnit(words, behind, unit, behind) &&
      unit == Unit::kMonth) {
    date.kind = DateSpec::kMonth;
    date.amount = shift;
    end = behind;
  }
  return true;
}

}  // namespace

bool FindDate(const Words& words, size_t at, const Finding* before, Finding& finding) {
  // "накануне 20 марта", "вечером накануне 20 марта".
  Part part = Part::kNone;
  size_t eve = at;
  if (ReadPart(words, at, part, eve) && !words.Is(eve, "накануне")) eve = at;
  if (words.Is(eve, "накануне") && FindDate(words, eve + 1, before, finding) &&
      finding.date.shift_days == 0) {
    finding.date.shift_days = -1;
    if (finding.part == Part::kNone) finding.part = part;
    return true;
  }
  finding = Finding();
  // "в ночь на субботу" begins the evening before.
  if (words.Is(at, "в") && words.Is(at + 1, "ночь") && words.IsAny(at + 2, {"на", "с"}) &&
      FindDate(words, at + 3, before, finding) && finding.date.shift_days == 0) {
    if (words.Is(at + 2, "на")) finding.date.shift_days = -1;
    finding.part = Part::kNight;
    return true;
  }
  finding = Finding();
  // "за 3 дня до 10 июня", "через 2 дня после 5 мая".
  Length length;
  size_t behind = at;
  if (words.IsAny(at, {"за", "через"}) && ReadLength(words, at + 1, length, behind) &&
      words.IsAny(behind, {"до", "после"}) &&
      (length.unit == Unit::kDay || length.unit == Unit::kWeek) &&
      FindDate(words, behind + 1, before, finding) && finding.date.shift_days == 0) {
    const int days = length.unit == Unit::kWeek ? 7 * length.amount : length.amount;
    finding.date.shift_days = words.Is(behind, "до") ? -days : days;
    finding.role = Role::kDeadline;
    return true;
  }
  finding = Finding();
  // "с 1 по 14 июля": the first of these days.
  if (words.IsAny(at, {"с", "со"}) && words.IsWhole(at + 1) && words.Is(at + 2, "по") &&
      ReadMonthDay(words, at + 3, finding.date, finding.end) &&
      IsDayOf(finding.date.month, static_cast<int>(words[at + 1].number))) {
    finding.date.day = static_cast<int>(words[at + 1].number);
    finding.role = Role::kFrom;
    return true;
  }
  finding = Finding();
  size_t next = at;
  const Preposition preposition = ReadPreposition(words, next);
  finding.role = preposition.role;
  DateSpec& date = finding.date;
  if (ReadNear(words, next, date, finding.end) || ReadMonthDay(words, next, date, finding.end) ||
      ReadDots(words, next, preposition.any, date, finding.end) ||
      ReadEdge(words, next, date, finding.end) ||
      ReadPeriod(words, next, preposition.any, date, finding.end, finding.vague) ||
      ReadDayOfMonth(words, next, preposition.any, date, finding.end)) {
    return true;
  }
  int shift = 0, weekday = 0, month = 0, nth = 0;
  bool nearest = false;
  // "первый понедельник июня", "последнюю пятницу месяца".
  size_t nth_end = next + 1;
  const bool is_last = words.Begins(next, "последн");
  if ((is_last || (!words.IsNumber(next) && ReadOrdinal(words, next, nth, nth_end) && nth <= 5)) &&
      ReadWeekday(words, nth_end, weekday, nth_end)) {
    date = {.kind = DateSpec::kNthWeekday, .weekday = weekday, .day = is_last ? -1 : nth};
    if (ReadMonth(words, nth_end, date.month, finding.end)) return true;
    date.month = 0;
    ReadShift(words, nth_end, date.amount, nearest);
    if (words.IsAny(nth_end, {"месяца", "месяце"})) {
      finding.end = nth_end + 1;
      return true;
    }
    date = {};
  }
  size_t day = next;
  const bool is_shifted = ReadShift(words, day, shift, nearest);
  if (ReadWeekday(words, day, weekday, finding.end)) {
    date = {.kind = DateSpec::kWeekday, .weekday = weekday};
    if (is_shifted) {
      // "в следующую пятницу" is that of the next week; "в эту" may be today.
      if (shift == 1) date.kind = DateSpec::kWeek;
      date.amount = 1;
    }
    // "во вторник на следующей неделе" is two findings.
    return true;
  }
  // "последний день месяца", "последний рабочий день" is not among them.
  if (words.Begins(next, "последн") && words.IsAny(next + 1, {"день", "дня", "дню", "число"})) {
    size_t behind = next + 2;
    ReadShift(words, behind, shift, nearest);
    Unit unit;
    if (ReadUnit(words, behind, unit, finding.end) &&
        (unit == Unit::kMonth || unit == Unit::kYear || unit == Unit::kWeek)) {
      date = {.kind = DateSpec::kEndOf, .amount = shift, .unit = unit};
      return true;
    }
    if (ReadMonth(words, next + 2, month, finding.end)) {
      date = {.kind = DateSpec::kDate, .day = -1, .month = month};
      return true;
    }
  }
  // "в июне", "к сентябрю", "до мая".
  if (preposition.any && !words.Is(at, "на") && ReadMonth(words, next, month, finding.end)) {
    date = {.kind = DateSpec::kDate, .day = 1, .month = month, .whole_month = true};
    ReadYear(words, finding.end, date.year);
    finding.vague = true;
    return true;
  }
  return false;
}

}  // namespace selfology::task::russian
