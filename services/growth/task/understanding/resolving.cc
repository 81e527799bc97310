#include "services/growth/task/understanding/resolving.h"

#include <algorithm>
#include <string_view>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"

namespace selfology::task {
namespace {

int WeekdayOf(absl::CivilDay day) { return static_cast<int>(absl::GetWeekday(day)); }
absl::CivilDay MondayOf(absl::CivilDay day) { return day - WeekdayOf(day); }
absl::CivilDay LastOf(absl::CivilMonth month) { return absl::CivilDay(month + 1) - 1; }

// That day of the month, or the last if it has none such.
absl::CivilDay InMonth(absl::CivilMonth month, int day) {
  const absl::CivilDay last = LastOf(month);
  return day < 0 || day > last.day() ? last : absl::CivilDay(month.year(), month.month(), day);
}

absl::CivilDay NextDayOfMonth(int day, absl::CivilDay today) {
  for (absl::CivilMonth month(today);; ++month) {
    if (day > LastOf(month).day()) continue;
    const absl::CivilDay found = InMonth(month, day);
    if (found >= today) return found;
  }
}

absl::CivilDay DateOf(const DateSpec& date, absl::CivilDay today) {
  // "in May", said in May: before it is over.
  if (date.whole_month && date.month == today.month() &&
      (date.year == 0 || date.year == today.year())) {
    return LastOf(absl::CivilMonth(today));
  }
  if (date.year != 0) return InMonth(absl::CivilMonth(date.year, date.month), date.day);
  // 29 February comes but every few years.
  for (absl::civil_year_t year = today.year(); year < today.year() + 9; ++year) {
    const absl::CivilMonth month(year, date.month);
    if (date.day > LastOf(month).day()) continue;
    const absl::CivilDay found = InMonth(month, date.day);
    if (found >= today) return found;
  }
  return today;
}

absl::CivilDay EndOf(const DateSpec& date, absl::CivilDay today) {
  switch (date.unit) {
    case Unit::kWeek:
      return MondayOf(today) + 7 * date.amount + 6;
    case Unit::kMonth:
      return LastOf(absl::CivilMonth(today) + date.amount);
    case Unit::kQuarter: {
      const int first = (today.month() - 1) / 3 * 3 + 1;
      return LastOf(absl::CivilMonth(today.year(), first) + 2 + 3 * date.amount);
    }
    case Unit::kYear:
      return absl::CivilDay(today.year() + date.amount, 12, 31);
    default:
      return today + date.amount;
  }
}

}  // namespace

bool Merge(const DateSpec& more, bool adjoining, DateSpec& date) {
  using Spec = DateSpec;
  const auto is_week = [](const Spec& spec) {
    return (spec.kind == Spec::kWeek || spec.kind == Spec::kWeeksOn) && spec.weekday < 0;
  };
  if (date.kind == Spec::kWeekday && is_week(more)) {
    const int weekday = date.weekday;
    date = more;
    date.weekday = weekday;
    return true;
  }
  if (is_week(date) && more.kind == Spec::kWeekday) {
    date.weekday = more.weekday;
    return true;
  }
  if (date.kind == Spec::kDayOfMonth && more.kind == Spec::kMonth && more.day == 0) {
    const int day = date.day;
    date = more;
    date.day = day;
    return true;
  }
  if (date.kind == Spec::kMonth && date.day == 0 && more.kind == Spec::kDayOfMonth) {
    date.day = more.day;
    return true;
  }
  const auto is_day = [](const Spec& spec) {
    return spec.kind == Spec::kDate || spec.kind == Spec::kDayOfMonth || spec.kind == Spec::kInDays;
  };
  // "EOD friday", "end of day tomorrow".
  if (adjoining && date.kind == Spec::kEndOf && date.unit == Unit::kDay &&
      (is_day(more) || more.kind == Spec::kWeekday || more.kind == Spec::kWeek)) {
    date = more;
    return true;
  }
  // And "wed eod".
  if (adjoining && more.kind == Spec::kEndOf && more.unit == Unit::kDay && more.amount == 0 &&
      (is_day(date) || date.kind == Spec::kWeekday || date.kind == Spec::kWeek)) {
    return true;
  }
  // "monday, 5 May": the date says it, the weekday is for people.
  if (adjoining && date.kind == Spec::kWeekday && is_day(more)) {
    date = more;
    return true;
  }
  return adjoining && is_day(date) && more.kind == Spec::kWeekday;
}

namespace {

absl::CivilDay UnshiftedDayOf(const DateSpec& date, absl::CivilDay today) {
  using Spec = DateSpec;
  switch (date.kind) {
    case Spec::kNone:
      return today;
    case Spec::kInDays:
      return today + date.amount;
    case Spec::kInMonths:
      return InMonth(absl::CivilMonth(today) + date.amount, today.day());
    case Spec::kWeekday: {
      const int days = (date.weekday - WeekdayOf(today) + 7) % 7;
      // "this friday" on a Friday is today, "friday" is not.
      return today + (days == 0 && date.amount == 0 ? 7 : days);
    }
    case Spec::kWeek:
      return MondayOf(today) + 7 * date.amount + std::max(date.weekday, 0);
    case Spec::kWeeksOn:
      return date.weekday < 0 ? today + 7 * date.amount
                              : MondayOf(today) + 7 * date.amount + date.weekday;
    case Spec::kMonth:
      return InMonth(absl::CivilMonth(today) + date.amount, date.day == 0 ? 1 : date.day);
    case Spec::kYear:
      return absl::CivilDay(today.year() + date.amount, 1, 1);
    case Spec::kDayOfMonth:
      return date.day < 0 ? LastOf(absl::CivilMonth(today)) : NextDayOfMonth(date.day, today);
    case Spec::kDate:
      return DateOf(date, today);
    case Spec::kEndOf:
      return EndOf(date, today);
    case Spec::kMiddleOf: {
      const absl::CivilDay middle = InMonth(absl::CivilMonth(today) + date.amount, 15);
      return middle < today ? InMonth(absl::CivilMonth(today) + date.amount + 1, 15) : middle;
    }
    case Spec::kNthWeekday: {
      absl::CivilMonth month = absl::CivilMonth(today) + date.amount;
      if (date.month != 0) month = absl::CivilMonth(today.year(), date.month);
      const auto in = [&](absl::CivilMonth of) {
        if (date.day < 0) {
          const absl::CivilDay last = LastOf(of);
          return last - (WeekdayOf(last) - date.weekday + 7) % 7;
        }
        const absl::CivilDay first(of);
        return first + (date.weekday - WeekdayOf(first) + 7) % 7 + 7 * (date.day - 1);
      };
      if (in(month) >= today) return in(month);
      return in(month + (date.month != 0 ? 12 : 1));
    }
    case Spec::kWeekend: {
      const absl::CivilDay saturday = MondayOf(today) + 7 * date.amount + 5;
      return std::max(saturday, date.amount == 0 ? today : saturday);
    }
  }
  return today;
}

}  // namespace

absl::CivilDay DayOf(const DateSpec& date, absl::CivilDay today) {
  return UnshiftedDayOf(date, today) + date.shift_days;
}

int MinutesOf(Part part) {
  switch (part) {
    case Part::kMorning:
      return 9 * 60;
    case Part::kNoon:
      return 12 * 60;
    case Part::kAfternoon:
      return 15 * 60;
    case Part::kEvening:
      return 19 * 60;
    case Part::kTonight:
      return 20 * 60;
    case Part::kNight:
      return 22 * 60;
    case Part::kMidnight:
    case Part::kNone:
      return 0;
  }
  return 0;
}

int MinutesOf(const TimeSpec& time, Part part, bool may_be_late, int minutes_now) {
  const int early = time.hour % 12 * 60 + time.minute, late = early + 12 * 60;
  if (!time.ambiguous) return time.hour * 60 + time.minute;
  switch (part) {
    case Part::kMorning:
      return early;
    case Part::kNoon:
    case Part::kAfternoon:
      return late;
    case Part::kEvening:
    case Part::kTonight:
      return time.hour == 12 ? early : late;
    case Part::kNight:
      // Eleven at night, and one at night.
      return time.hour >= 6 && time.hour != 12 ? late : early;
    case Part::kMidnight:
    case Part::kNone:
      break;
  }
  if (time.hour == 12 || time.hour <= (time.has_minutes ? 5 : 6)) return late;
  return may_be_late && early <= minutes_now && late > minutes_now ? late : early;
}

void Complete(const DateSpec& date, RepeatSpec& repeat) {
  if (repeat.unit == Unit::kWeek && repeat.weekdays.empty() && date.kind == DateSpec::kWeekday) {
    repeat.weekdays = {date.weekday};
  } else if ((repeat.unit == Unit::kMonth || repeat.unit == Unit::kQuarter) &&
             repeat.month_days.empty() && repeat.weekdays.empty()) {
    if (date.kind == DateSpec::kDayOfMonth) repeat.month_days = {date.day};
    if (date.kind == DateSpec::kEndOf && date.unit == Unit::kMonth) repeat.month_days = {-1};
  } else if (repeat.unit == Unit::kYear && repeat.month_days.empty() &&
             date.kind == DateSpec::kDate && date.year == 0) {
    repeat.month = date.month;
    repeat.month_days = {date.day};
  }
}

std::string ToRule(const RepeatSpec& repeat) {
  static constexpr std::string_view kDays[] = {"MO", "TU", "WE", "TH", "FR", "SA", "SU"};
  int interval = repeat.interval;
  std::string rule = "FREQ=";
  switch (repeat.unit) {
    case Unit::kMinute:
    case Unit::kHour:
      rule += "HOURLY";
      break;
    case Unit::kDay:
      rule += "DAILY";
      break;
    case Unit::kWeek:
      rule += "WEEKLY";
      break;
    case Unit::kQuarter:
      interval *= 3;
      [[fallthrough]];
    case Unit::kMonth:
      rule += "MONTHLY";
      break;
    case Unit::kYear:
      rule += "YEARLY";
      break;
  }
  interval = std::min(interval, 1000);
  if (interval > 1) absl::StrAppend(&rule, ";INTERVAL=", interval);
  if (repeat.month != 0) absl::StrAppend(&rule, ";BYMONTH=", repeat.month);
  if (!repeat.month_days.empty()) {
    absl::StrAppend(&rule, ";BYMONTHDAY=", absl::StrJoin(repeat.month_days, ","));
  }
  if (!repeat.weekdays.empty()) {
    absl::StrAppend(&rule,
                    ";BYDAY=", absl::StrJoin(repeat.weekdays, ",", [&](std::string* out, int day) {
                      if (repeat.nth != 0) absl::StrAppend(out, repeat.nth);
                      absl::StrAppend(out, kDays[day]);
                    }));
  }
  if (!repeat.hours.empty()) absl::StrAppend(&rule, ";BYHOUR=", absl::StrJoin(repeat.hours, ","));
  return rule;
}

}  // namespace selfology::task
