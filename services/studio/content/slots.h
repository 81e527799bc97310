// Times of the week at which queued posts are published.
//
//   std::vector<absl::Time> next = NextFree(slots, zone, now, taken, 1);
//
// A time that the clocks skip is the moment after it; one that they show twice is the first.
// Threads: pure functions.
#pragma once

#include <optional>
#include <set>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace selfology::content {

struct Slot {
  int weekday = 1;  // 1 (Monday) to 7 (Sunday).
  int minute = 0;   // After midnight, local time.
  friend auto operator<=>(const Slot&, const Slot&) = default;
};

// The first `count` times after `after` that are not taken, within the next two years.
std::vector<absl::Time> NextFree(const std::vector<Slot>& slots, const absl::TimeZone& zone,
                                 absl::Time after, const std::set<absl::Time>& taken, int count);

// UTC for "".
std::optional<absl::TimeZone> ZoneOf(std::string_view name);

}  // namespace selfology::content
