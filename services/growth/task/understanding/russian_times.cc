// Russian times of the day: "в 18", "в 6 вечера", "в половине шестого", "без четверти семь",
// "с 2 до 4", "утром".
#include <string_view>

#include "services/growth/task/understanding/russian_rules.h"
#include "services/growth/task/understanding/russian_words.h"

namespace selfology::task::russian {
namespace {

// "утра", "дня", "вечера", "ночи" behind hours.
Part HalfOf(const Words& words, size_t at) {
  if (words.Is(at, "утра")) return Part::kMorning;
  if (words.Is(at, "дня")) return Part::kAfternoon;
  if (words.Is(at, "вечера")) return Part::kEvening;
  if (words.Is(at, "ночи")) return Part::kNight;
  return Part::kNone;
}

bool ReadHour(const Words& words, size_t at, int& hour, size_t& end) {
  if (words.IsNumber(at)) {
    if (words[at].text.size() > 2 || words[at].number < 0 || words[at].number > 24) return false;
    if (words[at].adjoins && at > 0 && words.IsWord(at - 1)) return false;
    hour = static_cast<int>(words[at].number);
    end = at + 1;
    return true;
  }
  return !words.IsAny(at, {"пару", "пара", "оба"}) && ReadNumber(words, at, hour, end) &&
         hour >= 1 && hour <= 24;
}

// "шестого" in "половине шестого": the hour that is under way ends at six.
bool ReadHourUnderWay(const Words& words, size_t at, int& hour, size_t& end) {
  return ReadOrdinal(words, at, hour, end) && hour >= 1 && hour <= 12;
}

// "половине шестого", "полшестого", "четверть шестого", "без четверти шесть", "без пяти шесть",
// "десять минут шестого".
bool ReadSpoken(const Words& words, size_t at, TimeSpec& time, size_t& end) {
  int hour = 0, minutes = 0;
  size_t next = at;
  time = {.ambiguous = true, .has_minutes = true};
  if (words.Is(at, "без")) {
    if (words.IsAny(at + 1, {"четверти"})) {
      minutes = 15;
      next = at + 2;
    } else if (!ReadNumber(words, at + 1, minutes, next) || minutes < 1 || minutes > 29) {
      return false;
    }
    if (words.IsAny(next, {"минут", "минуты", "мин"})) ++next;
    if (!ReadHour(words, next, hour, end) && words.Is(next, "час")) {
      hour = 1;
      end = next + 1;
    }
    if (hour < 1 || hour > 12) return false;
    time.hour = hour == 1 ? 12 : hour - 1;
    time.minute = 60 - minutes;
    return true;
  }
  if (words.IsAny(at, {"половине", "половину", "пол", "половина"})) {
    minutes = 30;
    next = at + 1;
  } else if (words.IsAny(at, {"четверть"})) {
    minutes = 15;
    next = at + 1;
  } else if (words.Begins(at, "пол") && words[at].text.size() > 14) {
    // "полшестого": one word.
    static constexpr std::pair<std::string_view, int> kHalves[] = {
        {"полпервого", 1},        {"полвторого", 2},        {"полтретьего", 3},
        {"полчетвертого", 4},     {"полпятого", 5},         {"полшестого", 6},
        {"полседьмого", 7},       {"полвосьмого", 8},       {"полдевятого", 9},
        {"полдесятого", 10},      {"полодиннадцатого", 11}, {"полдвенадцатого", 12},
        {"пол-одиннадцатого", 11}};
    for (const auto& [name, named] : kHalves) {
      if (!words.Is(at, name)) continue;
      time.hour = named == 1 ? 12 : named - 1;
      time.minute = 30;
      end = at + 1;
      return true;
    }
    return false;
  } else if (ReadNumber(words, at, minutes, next) && minutes >= 1 && minutes <= 29 &&
             words.IsAny(next, {"минут", "минуты"})) {
    ++next;
  } else {
    return false;
  }
  if (!ReadHourUnderWay(words, next, hour, end)) return false;
  time.hour = hour == 1 ? 12 : hour - 1;
  time.minute = minutes;
  return true;
}

// `bare`: whether an hour alone is a time, as behind "в".
bool ReadTime(const Words& words, size_t at, bool bare, TimeSpec& time, Part& part, size_t& end) {
  int hour = 0, minute = 0;
  if (ReadSpoken(words, at, time, end)) {
    if (const Part half = HalfOf(words, end); half != Part::kNone) {
      part = half;
      ++end;
    }
    return true;
  }
  if (words.IsAny(at, {"полдень", "полудню", "полудня"})) {
    time = {.hour = 12};
    end = at + 1;
    return true;
  }
  if (words.IsAny(at, {"полночь", "полуночи"})) {
    time = {.midnight = true};
    end = at + 1;
    return true;
  }
  if (bare && words.IsAny(at, {"обед", "обеду", "обеда", "обеденное"})) {
    time = {.hour = 13};
    end = at + 1;
    return true;
  }
  for (const std::string_view mark : {":", ".", "-"}) {
    if (!ReadClock(words, at, mark, hour, minute) || (mark != ":" && !bare)) continue;
    // "в 5-10 минут", "в 2.5 раза".
    if (mark == "-" && minute % 5 != 0) continue;
    end = at + 3;
    const Part half = HalfOf(words, end);
    if (half != Part::kNone) {
      part = half;
      ++end;
    }
    time = {.hour = hour % 24, .minute = minute, .has_minutes = true};
    // Figures with minutes are of 24 hours.
    time.ambiguous = half != Part::kNone && hour >= 1 && hour <= 12;
    return true;
  }
  // "в час дня", "в час".
  if (bare && words.IsAny(at, {"час", "часу"})) {
    time = {.hour = 1, .ambiguous = true};
    end = at + 1;
    part = HalfOf(words, end);
    if (part != Part::kNone) ++end;
    return true;
  }
  if (!ReadHour(words, at, hour, end)) return false;
  const bool says_hours = words.IsAny(end, {"часов", "часа", "час", "часам", "часу", "ч"});
  if (says_hours) {
    ++end;
    if (words.Is(end, ".") && words.Is(end - 1, "ч") && end + 1 < words.size()) ++end;
  }
  time = {.hour = hour % 24, .ambiguous = hour >= 1 && hour <= 12};
  size_t after = end;
  if (says_hours && ReadNumber(words, end, minute, after) && minute < 60 &&
      words.IsAny(after, {"минут", "минуты", "минуту", "мин"})) {
    time.minute = minute;
    time.has_minutes = true;
    end = after + 1;
  } else if (bare && !says_hours && !words.IsNumber(at) && words.IsWord(end) &&
             ReadNumber(words, end, minute, after) && minute >= 10 && minute < 60 &&
             !words.IsAny(after, {"минут", "раз"})) {
    // "в шесть тридцать".
    time.minute = minute;
    time.has_minutes = true;
    end = after;
  }
  if (const Part half = HalfOf(words, end); half != Part::kNone && hour <= 12) {
    part = half;
    ++end;
    return true;
  }
  if (!bare) return false;
  if (says_hours) return true;
  // "в 3 магазинах", "в 2 раза", "на 5 человек", "в 5%": no times.
  if (words.IsNumber(at) &&
      (words.Joins(end, ".") || words.Joins(end, ",") || words.Is(end, "%"))) {
    return false;
  }
  if (words.IsWord(end)) {
    const std::string_view next = words[end].text;
    for (const std::string_view ending : {"ах", "ях", "раза", "раз", "этаже", "дома", "классе",
                                          "местах", "комнатах", "экземплярах", "частях"}) {
      if (next.size() > ending.size() + 2 ? next.substr(next.size() - ending.size()) == ending
                                          : next == ending) {
        return false;
      }
    }
  }
  return true;
}

void ReadRange(const Words& words, TimeSpec& time, Part& part, size_t& end) {
  if (!words.IsAny(end, {"-", "–", "—", "до"})) return;
  TimeSpec last;
  Part last_part = Part::kNone;
  size_t behind = end;
  if (!ReadTime(words, end + 1, true, last, last_part, behind)) return;
  // "с 2 до 4 дня": the part is of both.
  if (part == Part::kNone && last_part != Part::kNone) part = last_part;
  int minutes = last.hour * 60 + last.minute - time.hour * 60 - time.minute;
  if (last.ambiguous && time.ambiguous && minutes <= 0) minutes += 12 * 60;
  if (minutes <= 0) minutes += 24 * 60;
  if (minutes > 12 * 60) return;
  time.minutes_long = minutes;
  // "с 6 до 20": the end says that these are of 24 hours.
  if (!last.ambiguous && time.ambiguous && last.hour > 12 && part == Part::kNone &&
      time.hour >= 6) {
    time.ambiguous = false;
  }
  end = behind;
}

}  // namespace

bool FindTime(const Words& words, size_t at, const Finding* before, Finding& finding) {
  size_t next = at;
  bool bare = true;
  const bool ranged = words.IsAny(at, {"с", "со"});
  if (words.Is(at, "не") && words.IsAny(at + 1, {"позднее", "позже"})) {
    next = words.Is(at + 2, "чем") ? at + 3 : at + 2;
    if (words.IsAny(next, {"в", "к"})) ++next;
  } else if (words.Is(at, "примерно") && words.Is(at + 1, "в")) {
    next = at + 2;
  } else if (words.IsAny(at, {"в", "во", "к", "ко", "до", "около", "после", "с", "со"})) {
    next = at + 1;
    if (words.IsAny(next, {"районе", "ровно"})) ++next;
  } else if (words.Is(at, "на") && before != nullptr && before->date.kind != DateSpec::kNone) {
    // "на завтра на 18:00", "на завтра на 6 вечера".
    next = at + 1;
  } else if (words.Is(at, "на") &&
             (words.Joins(at + 2, ":") || HalfOf(words, at + 2) != Part::kNone)) {
    next = at + 1;
    bare = words.IsAny(at + 1, {"час"});
  } else {
    bare = false;
  }
  TimeSpec time;
  if (!ReadTime(words, next, bare, time, finding.part, finding.end)) return false;
  const size_t before_range = finding.end;
  ReadRange(words, time, finding.part, finding.end);
  if (ranged && finding.end == before_range && time.ambiguous && finding.part == Part::kNone) {
    return false;
  }
  if (words.IsAny(at, {"до", "к"})) finding.role = Role::kDeadline;
  finding.time = time;
  return true;
}

bool FindPart(const Words& words, size_t at, const Finding*, Finding& finding) {
  size_t next = at;
  if (words.Is(at, "с") && words.Is(at + 1, "утра")) {
    finding.part = Part::kMorning;
    finding.end = at + 2;
    return true;
  }
  if (words.IsAny(at, {"ранним", "поздним", "рано", "поздно"}) &&
      ReadPart(words, at + 1, finding.part, finding.end)) {
    return true;
  }
  if (words.Is(at, "первым") && words.Is(at + 1, "делом")) {
    finding.part = Part::kMorning;
    finding.end = at + 2;
    return true;
  }
  // "в первой половине дня".
  if (words.IsAny(at, {"в", "во"}) && words.IsAny(at + 1, {"первой", "второй"}) &&
      words.Is(at + 2, "половине") && words.Is(at + 3, "дня")) {
    finding.part = words.Is(at + 1, "первой") ? Part::kMorning : Part::kAfternoon;
    finding.end = at + 4;
    return true;
  }
  if (words.Is(at, "до") && words.IsAny(at + 1, {"вечера", "утра"})) {
    finding.part = words.Is(at + 1, "вечера") ? Part::kEvening : Part::kMorning;
    finding.end = at + 2;
    return true;
  }
  if (words.IsAny(at, {"к", "под", "на", "в"}) &&
      words.IsAny(at + 1, {"утру", "вечеру", "вечер", "утро"})) {
    // "на вечер" is, "в вечер" is not.
    next = at + 1;
    return !words.Is(at, "в") && ReadPart(words, next, finding.part, finding.end);
  }
  if (words.IsAny(at, {"утро", "вечер", "утру", "вечеру"})) return false;
  // "с днём рождения", "с добрым утром".
  if (words.Begins(at + 1, "рожден") ||
      (at > 0 &&
       (words.IsAny(at - 1, {"с", "за", "перед", "над"}) || words.Begins(at - 1, "добр")))) {
    return false;
  }
  return ReadPart(words, at, finding.part, finding.end);
}

}  // namespace selfology::task::russian
