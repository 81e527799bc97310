#include "services/platform/analytics/steps.h"

#include <algorithm>

#include "absl/strings/ascii.h"
#include "absl/time/civil_time.h"
#include "common/status/status.h"

namespace selfology::analytics {
namespace {

// Where a place leaves midnight out, its day begins when the gap ends.
absl::Time Midnight(absl::CivilDay day, absl::TimeZone zone) {
  const absl::TimeZone::TimeInfo info = zone.At(absl::CivilSecond(day));
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

absl::CivilDay FirstDay(absl::CivilDay day, v1::Step step) {
  switch (step) {
    case v1::STEP_WEEK:
      return absl::PrevWeekday(day + 1, absl::Weekday::monday);
    case v1::STEP_MONTH:
      return absl::CivilDay(absl::CivilMonth(day));
    default:
      return day;
  }
}

}  // namespace

absl::Time StepBegin(absl::Time time, v1::Step step, absl::TimeZone zone) {
  if (step == v1::STEP_HOUR) {
    const absl::CivilSecond civil = absl::ToCivilSecond(time, zone);
    const absl::Time second = absl::FromUnixSeconds(absl::ToUnixSeconds(time));
    return second - absl::Seconds(civil.minute() * 60 + civil.second());
  }
  return Midnight(FirstDay(absl::ToCivilDay(time, zone), step), zone);
}

absl::Time NextStep(absl::Time begin, v1::Step step, absl::TimeZone zone) {
  const absl::CivilDay day = absl::ToCivilDay(begin, zone);
  switch (step) {
    case v1::STEP_HOUR:
      return begin + absl::Hours(1);
    case v1::STEP_WEEK:
      return Midnight(day + 7, zone);
    case v1::STEP_MONTH:
      return Midnight(absl::CivilDay(absl::CivilMonth(day) + 1), zone);
    default:
      return Midnight(day + 1, zone);
  }
}

std::vector<absl::Time> StepsBetween(absl::Time from, absl::Time to, v1::Step step,
                                     absl::TimeZone zone, size_t limit) {
  std::vector<absl::Time> steps;
  for (absl::Time begin = StepBegin(from, step, zone); begin < to && steps.size() <= limit;
       begin = NextStep(begin, step, zone)) {
    steps.push_back(begin);
  }
  return steps;
}

const char* StepWord(v1::Step step) {
  switch (step) {
    case v1::STEP_HOUR:
      return "hour";
    case v1::STEP_WEEK:
      return "week";
    case v1::STEP_MONTH:
      return "month";
    default:
      return "day";
  }
}

absl::StatusOr<absl::TimeZone> ReadZone(const std::string& name) {
  absl::TimeZone zone = absl::UTCTimeZone();
  if (name.empty()) return zone;
  // A name could be a path, or the machine's own zone.
  const bool is_name = name.size() <= 64 && name != "localtime" &&
                       absl::ascii_isalpha(static_cast<unsigned char>(name[0])) &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' ||
                                c == '_' || c == '-' || c == '+';
                       });
  if (!is_name || !absl::LoadTimeZone(name, &zone)) {
    return status::InvalidField("query.time_zone", "must be IANA's name of a time zone");
  }
  return zone;
}

}  // namespace selfology::analytics
