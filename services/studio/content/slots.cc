#include "services/studio/content/slots.h"

#include <algorithm>
#include <string>

namespace selfology::content {
namespace {

constexpr int kDays = 2 * 366;

int WeekdayOf(absl::CivilDay day) { return static_cast<int>(absl::GetWeekday(day)) + 1; }

}  // namespace

std::vector<absl::Time> NextFree(const std::vector<Slot>& slots, const absl::TimeZone& zone,
                                 absl::Time after, const std::set<absl::Time>& taken, int count) {
  std::vector<absl::Time> found;
  if (slots.empty()) return found;
  std::vector<Slot> sorted = slots;
  std::sort(sorted.begin(), sorted.end());
  absl::CivilDay day = absl::ToCivilDay(after, zone);
  for (int i = 0; i < kDays && static_cast<int>(found.size()) < count; ++i, ++day) {
    for (const Slot& slot : sorted) {
      if (slot.weekday != WeekdayOf(day)) continue;
      const absl::TimeZone::TimeInfo at =
          zone.At(absl::CivilSecond(absl::CivilMinute(day) + slot.minute));
      const absl::Time time = at.kind == absl::TimeZone::TimeInfo::SKIPPED ? at.trans : at.pre;
      // Two slots of a skipped hour are one moment.
      const bool twice = !found.empty() && found.back() >= time;
      if (time > after && !twice && !taken.contains(time) &&
          static_cast<int>(found.size()) < count) {
        found.push_back(time);
      }
    }
  }
  return found;
}

std::optional<absl::TimeZone> ZoneOf(std::string_view name) {
  if (name.empty()) return absl::UTCTimeZone();
  absl::TimeZone zone;
  // A name that begins with "/" would be a path.
  if (name.size() > 64 || name.front() == '/' || name.find("..") != std::string_view::npos ||
      name.front() == ':' || !absl::LoadTimeZone(std::string(name), &zone)) {
    return std::nullopt;
  }
  return zone;
}

}  // namespace selfology::content
