#include "common/timestamps/local_time.h"

#include <algorithm>
#include <string>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"

namespace selfology::timestamps {
namespace {

constexpr size_t kLongestZone = 64;

}  // namespace

bool IsZone(std::string_view name) {
  // The database's names, and none of the files and words that the library would take besides.
  const bool is_word = !name.empty() && name.size() <= kLongestZone && name.front() != '/' &&
                       std::all_of(name.begin(), name.end(), [](char c) {
                         return absl::ascii_isalnum(static_cast<unsigned char>(c)) || c == '/' ||
                                c == '_' || c == '-' || c == '+';
                       });
  if (!is_word || absl::StartsWith(name, "Fixed/") || name == "localtime") return false;
  absl::TimeZone zone;
  return absl::LoadTimeZone(name, &zone);
}

absl::TimeZone ZoneOf(std::string_view name) {
  absl::TimeZone zone;
  return !name.empty() && absl::LoadTimeZone(name, &zone) ? zone : absl::UTCTimeZone();
}

int MinuteOfDay(absl::Time time, absl::TimeZone zone) {
  const absl::CivilSecond civil = absl::ToCivilSecond(time, zone);
  return civil.hour() * 60 + civil.minute();
}

bool IsWithin(int minute, int from, int until) {
  if (from <= until) return minute >= from && minute < until;
  return minute >= from || minute < until;  // Over midnight.
}

absl::Time AtMinute(absl::CivilDay day, int minute, absl::TimeZone zone) {
  const absl::CivilSecond civil(day.year(), day.month(), day.day(), minute / 60, minute % 60, 0);
  const absl::TimeZone::TimeInfo info = zone.At(civil);
  return info.kind == absl::TimeZone::TimeInfo::SKIPPED ? info.trans : info.pre;
}

absl::Time NextAt(absl::Time after, int minute, absl::TimeZone zone) {
  absl::CivilDay day = absl::ToCivilDay(after, zone);
  absl::Time time = AtMinute(day, minute, zone);
  while (time <= after) time = AtMinute(++day, minute, zone);
  return time;
}

}  // namespace selfology::timestamps
