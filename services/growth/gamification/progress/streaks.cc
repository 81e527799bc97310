#include "services/growth/gamification/progress/streaks.h"

#include <algorithm>

namespace selfology::gamification {

StreakOf ComputeStreak(const std::set<absl::CivilDay>& active, std::vector<absl::CivilDay> freezes,
                       absl::CivilDay today) {
  std::sort(freezes.begin(), freezes.end());
  StreakOf streak;
  size_t used = 0;
  // Whether every missed day from `first` to before `end` is kept.
  const auto keep = [&](absl::CivilDay first, absl::CivilDay end) {
    for (absl::CivilDay day = first; day < end; ++day) {
      if (used == freezes.size() || freezes[used] > day) return false;
      ++used;
      streak.frozen.insert(day);
      streak.frozen_now.insert(day);
    }
    return true;
  };
  const absl::CivilDay* last = nullptr;
  for (const absl::CivilDay& day : active) {
    if (last == nullptr || !keep(*last + 1, day)) {
      streak.current = 0;
      streak.frozen_now.clear();
    }
    streak.longest = std::max(streak.longest, ++streak.current);
    streak.lengths[day] = streak.current;
    last = &day;
  }
  if (last != nullptr) {
    if (*last >= today) {
      streak.state = v1::STREAK_STATE_ALIVE;
    } else if (keep(*last + 1, today)) {
      streak.state = v1::STREAK_STATE_AT_RISK;
    } else {
      streak.state = v1::STREAK_STATE_BROKEN;
      streak.current = 0;
      streak.frozen_now.clear();
    }
  }
  streak.held = static_cast<int32_t>(freezes.size() - used);
  return streak;
}

absl::CivilDay DayOf(absl::Time time, std::string_view zone) {
  absl::TimeZone found;
  if (!absl::LoadTimeZone(zone, &found)) found = absl::UTCTimeZone();
  return absl::ToCivilDay(time, found);
}

std::string DayText(absl::CivilDay day) { return absl::FormatCivilTime(day); }

absl::CivilDay DayFromText(std::string_view text) {
  absl::CivilDay day;
  return absl::ParseCivilTime(text, &day) ? day : absl::CivilDay();
}

}  // namespace selfology::gamification
