// What the clock on a person's wall shows.
//
//   const absl::TimeZone zone = timestamps::ZoneOf("Europe/Berlin");
//   if (timestamps::IsWithin(timestamps::MinuteOfDay(now, zone), 22 * 60, 8 * 60)) {
//     later = timestamps::NextAt(now, 8 * 60, zone);
//   }
//
// Minutes are those after midnight by that clock, 0 to 1,439. A time that the clocks skip is the
// moment at which they do; of one that comes twice, the first. Threads: pure functions; time zones
// are read from the machine's database.
#pragma once

#include <string_view>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"

namespace selfology::timestamps {

inline constexpr int kMinutesOfDay = 24 * 60;

// A name of the IANA database that this machine knows.
bool IsZone(std::string_view name);
// UTC where there is no such zone.
absl::TimeZone ZoneOf(std::string_view name);

int MinuteOfDay(absl::Time time, absl::TimeZone zone);

// Whether a minute lies in [from, until), which may go over midnight. Equal: in none.
bool IsWithin(int minute, int from, int until);

absl::Time AtMinute(absl::CivilDay day, int minute, absl::TimeZone zone);
// The first moment after `after` at which it is that minute.
absl::Time NextAt(absl::Time after, int minute, absl::TimeZone zone);

}  // namespace selfology::timestamps
