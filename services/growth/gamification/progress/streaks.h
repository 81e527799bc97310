// Streaks as a pure function of the days on which a person was active and of the freezes that they
// had. Nothing runs at midnight, so nothing can run twice or be missed.
//
//   const StreakOf streak = ComputeStreak(active_days, freezes_by_day_of_getting_them, today);
//
// A missed day uses up a freeze that the person held on it, and then neither counts nor breaks the
// streak; without one the streak ends, and the freezes that come later wait for the next. Today is no
// missed day until it is over. Days are the person's own (DayOf).
//
// Threads: pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "absl/time/civil_time.h"
#include "absl/time/time.h"
#include "selfology/gamification/v1/progress_service.pb.h"

namespace selfology::gamification {

struct StreakOf {
  v1::StreakState state = v1::STREAK_STATE_UNSPECIFIED;
  int32_t current = 0;
  int32_t longest = 0;
  int32_t held = 0;  // Freezes that are left.
  // How long the streak was on each active day.
  std::map<absl::CivilDay, int32_t> lengths = {};
  // Days that a freeze has kept, of all streaks there were.
  std::set<absl::CivilDay> frozen = {};
  // And of the current one.
  std::set<absl::CivilDay> frozen_now = {};
};

// `freezes`: for each freeze the day on which the person got it. Active days after `today` (a person
// who flew west) count as they are.
StreakOf ComputeStreak(const std::set<absl::CivilDay>& active, std::vector<absl::CivilDay> freezes,
                       absl::CivilDay today);

// The day of a time in a zone (IANA); a zone that is not known is UTC.
absl::CivilDay DayOf(absl::Time time, std::string_view zone);
// "2026-11-30", and back; a text that is no day gives 1970-01-01.
std::string DayText(absl::CivilDay day);
absl::CivilDay DayFromText(std::string_view text);

}  // namespace selfology::gamification
