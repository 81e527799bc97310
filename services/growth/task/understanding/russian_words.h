// Russian words for numbers, weekdays, months and lengths of time, in their cases.
//
// Each reads at the word `at`, and on success says where it ends. The words are folded: "ё" is "е".
// Threads: pure functions.
#pragma once

#include <cstddef>

#include "services/growth/task/understanding/findings.h"

namespace selfology::task::russian {

// "3", "три", "трех", "двадцать пять", "пару"; 0 to 9,999.
bool ReadNumber(const Words& words, size_t at, int& number, size_t& end);
// "первого", "пятую", "двадцать первое", "15-го", "3-й"; 1 to 31.
bool ReadOrdinal(const Words& words, size_t at, int& number, size_t& end);
// "понедельник", "среду", "пн"; not the plural.
bool ReadWeekday(const Words& words, size_t at, int& weekday, size_t& end);
// "понедельникам", "средам", "пн": behind "по".
bool ReadWeekdays(const Words& words, size_t at, int& weekday, size_t& end);
// "понедельник, среду и пятницу", "пн-пт", "с понедельника по пятницу" without its "с".
bool ReadWeekdayList(const Words& words, size_t at, bool plural, std::vector<int>& weekdays,
                     size_t& end);
// "мая", "январе", "сент".
bool ReadMonth(const Words& words, size_t at, int& month, size_t& end);

// A length of time: minutes, or so many of a unit of days or more.
struct Length {
  int amount = 0;
  Unit unit = Unit::kMinute;  // Never kHour: hours are minutes.
};
// "два часа", "полчаса", "полтора часа", "час 30 минут", "3 дня", "неделю".
bool ReadLength(const Words& words, size_t at, Length& length, size_t& end);
// "минут", "часа", "дней", "неделю", "квартал".
bool ReadUnit(const Words& words, size_t at, Unit& unit, size_t& end);

// "утром", "вечером"; "утра", "дня" behind hours are in russian_times.cc.
bool ReadPart(const Words& words, size_t at, Part& part, size_t& end);

}  // namespace selfology::task::russian
