#include "services/growth/task/tasks/recurrence.h"

#include <libical/ical.h>

#include <algorithm>
#include <memory>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::task {
namespace {

struct FreeIterator {
  void operator()(icalrecur_iterator* iterator) const { icalrecur_iterator_free(iterator); }
};
using Iterator = std::unique_ptr<icalrecur_iterator, FreeIterator>;

// Without a zone ("floating"), which is applied afterwards.
icaltimetype ToIcal(absl::CivilSecond at) {
  icaltimetype time = icaltime_null_time();
  time.year = static_cast<int>(at.year());
  time.month = at.month();
  time.day = at.day();
  time.hour = at.hour();
  time.minute = at.minute();
  time.second = at.second();
  return time;
}

absl::CivilSecond FromIcal(const icaltimetype& time) {
  return absl::CivilSecond(time.year, time.month, time.day, time.hour, time.minute, time.second);
}

// libical passes over parts that it does not know; RFC 5545 says that there are no others.
absl::Status CheckParts(std::string_view rrule) {
  static constexpr std::string_view kParts[] = {
      "FREQ",      "INTERVAL", "COUNT",    "UNTIL",  "BYDAY",    "BYMONTHDAY", "BYMONTH",
      "BYYEARDAY", "BYWEEKNO", "BYSETPOS", "BYHOUR", "BYMINUTE", "WKST"};
  static constexpr std::string_view kFrequencies[] = {"HOURLY", "DAILY", "WEEKLY", "MONTHLY",
                                                      "YEARLY"};
  bool has_frequency = false, has_count = false, has_until = false;
  for (const std::string_view part : absl::StrSplit(rrule, ';')) {
    const std::pair<std::string_view, std::string_view> named =
        absl::StrSplit(part, absl::MaxSplits('=', 1));
    if (std::find(std::begin(kParts), std::end(kParts), named.first) == std::end(kParts) ||
        named.second.empty()) {
      return absl::InvalidArgumentError("a part of the rule is none of RFC 5545");
    }
    int number = 0;
    if (named.first == "FREQ") {
      if (std::find(std::begin(kFrequencies), std::end(kFrequencies), named.second) ==
          std::end(kFrequencies)) {
        return absl::InvalidArgumentError("FREQ must be HOURLY, DAILY, WEEKLY, MONTHLY or YEARLY");
      }
      has_frequency = true;
    } else if (named.first == "INTERVAL") {
      if (!absl::SimpleAtoi(named.second, &number) || number < 1 || number > 1000) {
        return absl::InvalidArgumentError("INTERVAL must be 1 to 1000");
      }
    } else if (named.first == "COUNT") {
      if (!absl::SimpleAtoi(named.second, &number) || number < 1 || number > 10'000) {
        return absl::InvalidArgumentError("COUNT must be 1 to 10000");
      }
      has_count = true;
    } else if (named.first == "UNTIL") {
      has_until = true;
    }
  }
  if (!has_frequency) return absl::InvalidArgumentError("there must be a FREQ");
  if (has_count && has_until) {
    return absl::InvalidArgumentError("there must not be both COUNT and UNTIL");
  }
  return absl::OkStatus();
}

absl::StatusOr<icalrecurrencetype> Parse(std::string_view rrule) {
  if (rrule.empty() || rrule.size() > kMaxRule) {
    return absl::InvalidArgumentError("must be 1 to 500 characters");
  }
  const std::string rule = absl::AsciiStrToUpper(rrule);
  RETURN_IF_ERROR(CheckParts(rule));
  icalerror_set_errors_are_fatal(0);
  const icalrecurrencetype parsed = icalrecurrencetype_from_string(rule.c_str());
  if (parsed.freq == ICAL_NO_RECURRENCE) {
    return absl::InvalidArgumentError("must be a rule of RFC 5545, such as FREQ=WEEKLY;BYDAY=TU");
  }
  return parsed;
}

// The start that libical is given. Of rules of every other week its search begins in the week before,
// where Sundays are concerned (3.0.16), unless it starts on a day of the rule: so that is what it gets.
absl::CivilSecond StartOf(const icalrecurrencetype& rule, absl::CivilSecond start) {
  if (rule.freq != ICAL_WEEKLY_RECURRENCE || rule.interval < 2 ||
      rule.by_day[0] == ICAL_RECURRENCE_ARRAY_MAX || rule.week_start != ICAL_MONDAY_WEEKDAY) {
    return start;
  }
  const auto has = [&](absl::CivilDay day) {
    for (int i = 0; i < ICAL_BY_DAY_SIZE && rule.by_day[i] != ICAL_RECURRENCE_ARRAY_MAX; ++i) {
      // ICAL_SUNDAY_WEEKDAY is 1; absl's Monday is 0.
      const int weekday = icalrecurrencetype_day_day_of_week(rule.by_day[i]);
      if ((weekday + 5) % 7 == static_cast<int>(absl::GetWeekday(day))) return true;
    }
    return false;
  };
  const absl::CivilDay day(start);
  const absl::CivilDay monday = day - static_cast<int>(absl::GetWeekday(day));
  absl::CivilDay first = day;
  while (first < monday + 7 && !has(first)) ++first;
  if (first == monday + 7) {
    first = monday + 7 * rule.interval;
    while (!has(first)) ++first;
  }
  return start + (absl::CivilSecond(first) - absl::CivilSecond(day));
}

}  // namespace

// Of a time that does not exist, `pre` is the one by the offset before the change; of one that
// exists twice, it is the first.
absl::Time ToTime(const Moment& moment) { return moment.zone.At(moment.at).pre; }

Moment ToMoment(absl::Time time, absl::TimeZone zone) {
  return {absl::ToCivilSecond(time, zone), zone};
}

absl::Status CheckRule(std::string_view rrule) { return Parse(rrule).status(); }

absl::StatusOr<std::vector<absl::Time>> Occurrences(std::string_view rrule, const Moment& start,
                                                    absl::Time after, int limit) {
  ASSIGN_OR_RETURN(icalrecurrencetype rule, Parse(rrule));
  if (!icaltime_is_null_time(rule.until) && icaltime_is_utc(rule.until)) {
    const absl::Time until = absl::FromCivil(FromIcal(rule.until), absl::UTCTimeZone());
    rule.until = ToIcal(absl::ToCivilSecond(until, start.zone));
  } else if (!icaltime_is_null_time(rule.until) && rule.until.is_date) {
    // Until a day: all of it.
    rule.until.is_date = 0;
    rule.until.hour = 23;
    rule.until.minute = 59;
    rule.until.second = 59;
  }
  std::vector<absl::Time> found;
  const Iterator iterator(icalrecur_iterator_new(rule, ToIcal(StartOf(rule, start.at))));
  if (iterator == nullptr) {
    return absl::InvalidArgumentError("its parts must go together by RFC 5545");
  }
  for (int step = 0; step < kMaxSteps && static_cast<int>(found.size()) < limit; ++step) {
    const icaltimetype next = icalrecur_iterator_next(iterator.get());
    if (icaltime_is_null_time(next)) break;
    const absl::Time at = ToTime({FromIcal(next), start.zone});
    if (at > after) found.push_back(at);
  }
  return found;
}

absl::StatusOr<std::optional<absl::Time>> NextOccurrence(std::string_view rrule,
                                                         const Moment& start, absl::Time after) {
  ASSIGN_OR_RETURN(const std::vector<absl::Time> found, Occurrences(rrule, start, after, 1));
  if (found.empty()) return std::nullopt;
  return found.front();
}

absl::StatusOr<std::optional<absl::Time>> NextDue(const v1::Recurrence& recurrence, absl::Time due,
                                                  absl::Time completed, absl::TimeZone zone) {
  const absl::Time anchor =
      recurrence.has_start_at() ? timestamps::FromProto(recurrence.start_at()) : due;
  if (recurrence.mode() != v1::RECURRENCE_MODE_AFTER_COMPLETION) {
    return NextOccurrence(recurrence.rrule(), ToMoment(std::min(anchor, due), zone),
                          std::max(due, completed));
  }
  // Of the day on which it was done, at the time of the day at which it was due.
  const absl::CivilSecond of_day = absl::ToCivilSecond(due, zone);
  const absl::CivilDay day(absl::ToCivilSecond(completed, zone));
  const Moment start = {absl::CivilSecond(day.year(), day.month(), day.day(), of_day.hour(),
                                          of_day.minute(), of_day.second()),
                        zone};
  return NextOccurrence(recurrence.rrule(), start, ToTime(start));
}

}  // namespace selfology::task
