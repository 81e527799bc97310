#include "services/growth/task/filter/dates.h"

#include <algorithm>
#include <iterator>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"

namespace selfology::task {
namespace {

using Kind = DateWord::Kind;

constexpr int kMaxAmount = 10'000;

struct Fixed {
  std::string_view word;
  Kind kind;
  int amount;
};
constexpr Fixed kFixed[] = {
    {"now", Kind::kNow, 0},           {"today", Kind::kDays, 0},
    {"tomorrow", Kind::kDays, 1},     {"yesterday", Kind::kDays, -1},
    {"monday", Kind::kWeekday, 0},    {"tuesday", Kind::kWeekday, 1},
    {"wednesday", Kind::kWeekday, 2}, {"thursday", Kind::kWeekday, 3},
    {"friday", Kind::kWeekday, 4},    {"saturday", Kind::kWeekday, 5},
    {"sunday", Kind::kWeekday, 6},    {"week", Kind::kWeek, 0},
    {"month", Kind::kMonth, 0},       {"year", Kind::kYear, 0},
    {"eow", Kind::kEndOfWeek, 0},     {"eom", Kind::kEndOfMonth, 0},
    {"eoy", Kind::kEndOfYear, 0},
};

// Monday is 0.
int WeekdayNumber(absl::CivilDay day) { return static_cast<int>(absl::GetWeekday(day)); }

std::optional<DateWord> ReadRelative(std::string_view word) {
  if (word.size() < 3 || (word[0] != '+' && word[0] != '-')) return std::nullopt;
  const size_t unit = word.find_first_not_of("0123456789", 1);
  int amount = 0;
  if (unit == std::string_view::npos || !absl::SimpleAtoi(word.substr(1, unit - 1), &amount) ||
      amount > kMaxAmount) {
    return std::nullopt;
  }
  if (word[0] == '-') amount = -amount;
  const std::string_view name = word.substr(unit);
  if (name == "d") return DateWord{.kind = Kind::kDays, .amount = amount};
  if (name == "w") return DateWord{.kind = Kind::kDays, .amount = amount * 7};
  if (name == "m") return DateWord{.kind = Kind::kMonths, .amount = amount};
  if (name == "y") return DateWord{.kind = Kind::kMonths, .amount = amount * 12};
  if (name == "h") return DateWord{.kind = Kind::kAfter, .after = absl::Hours(amount)};
  if (name == "min") return DateWord{.kind = Kind::kAfter, .after = absl::Minutes(amount)};
  return std::nullopt;
}

absl::CivilDay DayOf(absl::CivilMonth month, int day) {
  const absl::CivilDay last = absl::CivilDay(month + 1) - 1;
  return absl::CivilDay(month.year(), month.month(), std::min(day, last.day()));
}

}  // namespace

std::optional<DateWord> ReadDate(std::string_view word) {
  for (const Fixed& fixed : kFixed) {
    if (word == fixed.word) return DateWord{.kind = fixed.kind, .amount = fixed.amount};
  }
  if (const std::optional<DateWord> relative = ReadRelative(word)) return relative;
  absl::CivilDay day;
  if (word.size() == 10 && absl::ParseCivilTime(word, &day) && day.year() > 0) {
    return DateWord{.kind = Kind::kDay, .at = absl::CivilMinute(day)};
  }
  absl::CivilMinute minute;
  std::string upper(word);
  std::replace(upper.begin(), upper.end(), 't', 'T');
  if (word.size() == 16 && absl::ParseCivilTime(upper, &minute) && minute.year() > 0) {
    return DateWord{.kind = Kind::kMinute, .at = minute};
  }
  return std::nullopt;
}

Span SpanOf(const DateWord& word, absl::Time now, absl::TimeZone zone) {
  const absl::CivilDay today = absl::ToCivilDay(now, zone);
  const absl::CivilDay monday = today - WeekdayNumber(today);
  const auto days = [&](absl::CivilDay from, absl::CivilDay to) {
    return Span{absl::FromCivil(from, zone), absl::FromCivil(to, zone)};
  };
  const auto day = [&](absl::CivilDay one) { return days(one, one + 1); };
  switch (word.kind) {
    case Kind::kNow:
      return {now, now};
    case Kind::kAfter:
      return {now + word.after, now + word.after};
    case Kind::kDays:
      return day(today + word.amount);
    case Kind::kMonths:
      return day(DayOf(absl::CivilMonth(today) + word.amount, today.day()));
    case Kind::kWeekday:
      return day(today + (word.amount - WeekdayNumber(today) + 7) % 7);
    case Kind::kWeek:
      return days(monday, monday + 7);
    case Kind::kMonth:
      return days(absl::CivilDay(absl::CivilMonth(today)),
                  absl::CivilDay(absl::CivilMonth(today) + 1));
    case Kind::kYear:
      return days(absl::CivilDay(today.year(), 1, 1), absl::CivilDay(today.year() + 1, 1, 1));
    case Kind::kEndOfWeek:
      return day(monday + 6);
    case Kind::kEndOfMonth:
      return day(absl::CivilDay(absl::CivilMonth(today) + 1) - 1);
    case Kind::kEndOfYear:
      return day(absl::CivilDay(today.year(), 12, 31));
    case Kind::kDay:
      return day(absl::CivilDay(word.at));
    case Kind::kMinute:
      return {absl::FromCivil(word.at, zone), absl::FromCivil(word.at + 1, zone)};
  }
  return {now, now};
}

}  // namespace selfology::task
