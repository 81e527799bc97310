#include "services/platform/queue/cron.h"

#include <algorithm>
#include <cstddef>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"

namespace selfology::queue {
namespace {

constexpr size_t kMaxLength = 200;
// The 29th of February is at most eight years away, across 2100.
constexpr int kDaysToSearch = 9 * 366;

struct Field {
  std::string_view what;
  int first;
  int last;
  absl::Span<const std::string_view> names = {};  // Of `first` and those that follow.
};

constexpr std::string_view kMonths[] = {"jan", "feb", "mar", "apr", "may", "jun",
                                        "jul", "aug", "sep", "oct", "nov", "dec"};
constexpr std::string_view kWeekdays[] = {"sun", "mon", "tue", "wed", "thu", "fri", "sat"};

constexpr std::pair<std::string_view, std::string_view> kWords[] = {
    {"@yearly", "0 0 1 1 *"}, {"@annually", "0 0 1 1 *"}, {"@monthly", "0 0 1 * *"},
    {"@weekly", "0 0 * * 0"}, {"@daily", "0 0 * * *"},    {"@midnight", "0 0 * * *"},
    {"@hourly", "0 * * * *"},
};

absl::Status Refuse(const Field& field, std::string_view rule) {
  return status::InvalidField("cron", absl::StrCat(field.what, " ", rule));
}

std::optional<int> Number(std::string_view text, const Field& field) {
  for (size_t i = 0; i < field.names.size(); ++i) {
    if (absl::EqualsIgnoreCase(text, field.names[i])) return field.first + static_cast<int>(i);
  }
  const bool digits =
      !text.empty() && text.size() <= 4 && std::all_of(text.begin(), text.end(), [](char c) {
        return absl::ascii_isdigit(static_cast<unsigned char>(c));
      });
  int number = 0;
  if (!digits || !absl::SimpleAtoi(text, &number)) return std::nullopt;
  return number;
}

// One of a field's parts between commas: "*", "7", "1-5", each perhaps with "/step".
absl::Status AddPart(std::string_view part, const Field& field, std::vector<bool>& chosen) {
  const std::pair<std::string_view, std::string_view> halves =
      absl::StrSplit(part, absl::MaxSplits('/', 1));
  const auto [range, step_text] = halves;
  const bool has_step = absl::StrContains(part, '/');
  int first = field.first;
  int last = field.last;
  if (range != "*") {
    const bool is_range = absl::StrContains(range, '-');
    const std::pair<std::string_view, std::string_view> ends =
        absl::StrSplit(range, absl::MaxSplits('-', 1));
    const std::optional<int> from = Number(ends.first, field);
    const std::optional<int> to = is_range ? Number(ends.second, field) : from;
    if (!from.has_value() || !to.has_value()) return Refuse(field, "must be numbers or names");
    first = *from;
    if (is_range || !has_step) last = *to;
    if (first < field.first || last > field.last || first > last) {
      return Refuse(field, absl::StrCat("must be ", field.first, " to ", field.last,
                                        ", the lower number of a range first"));
    }
  }
  int step = 1;
  if (has_step) {
    const std::optional<int> number = Number(step_text, Field{field.what, 0, 0});
    if (!number.has_value() || *number < 1) return Refuse(field, "has a step that is not above 0");
    step = *number;
  }
  for (int value = first; value <= last; value += step) chosen[static_cast<size_t>(value)] = true;
  return absl::OkStatus();
}

absl::StatusOr<std::vector<bool>> ReadField(std::string_view text, const Field& field) {
  std::vector<bool> chosen(static_cast<size_t>(field.last) + 1);
  for (const std::string_view part : absl::StrSplit(text, ',')) {
    RETURN_IF_ERROR(AddPart(part, field, chosen));
  }
  return chosen;
}

template <size_t size>
void Set(const std::vector<bool>& chosen, std::bitset<size>& set) {
  for (size_t i = 0; i < chosen.size(); ++i) {
    if (chosen[i]) set.set(i % size);
  }
}

bool BeginsWithStar(std::string_view field) { return absl::StartsWith(field, "*"); }

// Sunday is 0, as in an expression.
size_t WeekdayOf(absl::CivilDay day) {
  return (static_cast<size_t>(absl::GetWeekday(day)) + 1) % 7;
}

}  // namespace

absl::StatusOr<Cron> Cron::Parse(std::string_view expression) {
  if (expression.size() > kMaxLength) {
    return status::InvalidField("cron", absl::StrCat("must be at most ", kMaxLength, " bytes"));
  }
  const std::string lower = absl::AsciiStrToLower(absl::StripAsciiWhitespace(expression));
  std::string_view text = lower;
  for (const auto& [word, meaning] : kWords) {
    if (text == word) text = meaning;
  }
  const std::vector<std::string_view> fields =
      absl::StrSplit(text, absl::ByAnyChar(" \t"), absl::SkipEmpty());
  if (fields.size() != 5) {
    return status::InvalidField("cron", "must have five fields, or be a word such as @daily");
  }
  Cron cron;
  ASSIGN_OR_RETURN(const auto minutes, ReadField(fields[0], {"the minute", 0, 59}));
  ASSIGN_OR_RETURN(const auto hours, ReadField(fields[1], {"the hour", 0, 23}));
  ASSIGN_OR_RETURN(const auto days, ReadField(fields[2], {"the day of the month", 1, 31}));
  ASSIGN_OR_RETURN(const auto months, ReadField(fields[3], {"the month", 1, 12, kMonths}));
  ASSIGN_OR_RETURN(const auto weekdays,
                   ReadField(fields[4], {"the day of the week", 0, 7, kWeekdays}));
  Set(minutes, cron.minutes_);
  Set(hours, cron.hours_);
  Set(days, cron.days_);
  Set(months, cron.months_);
  Set(weekdays, cron.weekdays_);  // 7 is 0.
  cron.any_day_ = BeginsWithStar(fields[2]);
  cron.any_weekday_ = BeginsWithStar(fields[4]);
  cron.as_time_passes_ = BeginsWithStar(fields[0]) || BeginsWithStar(fields[1]);
  if (!cron.EverComes()) return status::InvalidField("cron", "names a day that never comes");
  return cron;
}

bool Cron::RunsOn(absl::CivilDay day) const {
  if (!months_[static_cast<size_t>(day.month())]) return false;
  const bool by_day = days_[static_cast<size_t>(day.day())];
  const bool by_weekday = weekdays_[WeekdayOf(day)];
  return any_day_ || any_weekday_ ? by_day && by_weekday : by_day || by_weekday;
}

bool Cron::EverComes() const {
  // Any eight years with a leap year in them.
  absl::CivilDay day(2000, 1, 1);
  for (int i = 0; i < kDaysToSearch; ++i, ++day) {
    if (RunsOn(day)) return true;
  }
  return false;
}

absl::Time Cron::Next(absl::Time after, absl::TimeZone zone) const {
  // From the day before: where clocks go back across midnight, it comes again.
  absl::CivilDay day = absl::ToCivilDay(after, zone) - 1;
  for (int i = 0; i < kDaysToSearch; ++i, ++day) {
    if (!RunsOn(day)) continue;
    const absl::Time next = NextOfDay(day, after, zone);
    if (next != absl::InfiniteFuture()) return next;
  }
  return absl::InfiniteFuture();
}

absl::Time Cron::NextOfDay(absl::CivilDay day, absl::Time after, absl::TimeZone zone) const {
  return as_time_passes_ ? NextAsTimePasses(day, after, zone) : NextTimeOfDay(day, after, zone);
}

absl::Time Cron::NextAsTimePasses(absl::CivilDay day, absl::Time after, absl::TimeZone zone) const {
  // Each minute that really passes between the first and the last moment that may bear the date.
  const auto first = zone.At(absl::CivilSecond(day));
  const auto last = zone.At(absl::CivilSecond(day + 1));
  const absl::Time end = std::max(last.pre, last.post);
  const absl::Time begin = std::max(std::min(first.pre, first.post), after);
  // To where a minute begins on the clock of the place.
  absl::Time time = absl::FromUnixSeconds(absl::ToUnixSeconds(begin)) -
                    absl::Seconds(absl::ToCivilSecond(begin, zone).second());
  for (; time < end; time += absl::Minutes(1)) {
    const absl::CivilSecond civil = absl::ToCivilSecond(time, zone);
    if (time > after && absl::CivilDay(civil) == day && hours_[static_cast<size_t>(civil.hour())] &&
        minutes_[static_cast<size_t>(civil.minute())]) {
      return time;
    }
  }
  return absl::InfiniteFuture();
}

absl::Time Cron::NextTimeOfDay(absl::CivilDay day, absl::Time after, absl::TimeZone zone) const {
  for (size_t hour = 0; hour < hours_.size(); ++hour) {
    if (!hours_[hour]) continue;
    for (size_t minute = 0; minute < minutes_.size(); ++minute) {
      if (!minutes_[minute]) continue;
      const absl::TimeZone::TimeInfo info =
          zone.At(absl::CivilSecond(day) + static_cast<int>(hour * 3600 + minute * 60));
      const absl::Time time =
          info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
      if (time > after) return time;
    }
  }
  return absl::InfiniteFuture();
}

}  // namespace selfology::queue
