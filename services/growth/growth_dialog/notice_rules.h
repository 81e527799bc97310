// What of a person's progress is worth a message, and how several become one.
//
// At most kMostADay messages go out in a day of the person's; what happens within kGather of each
// other, or while the day's are used up, is told together. Threads: pure functions.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "services/growth/growth_dialog/texts.h"

namespace selfology::growth_dialog {

inline constexpr int kMostADay = 3;
inline constexpr absl::Duration kGather = absl::Minutes(2);
// What could not be told for so long is news no more.
inline constexpr absl::Duration kStale = absl::Hours(72);

enum class NoticeKind { kStreak, kBadge, kLevel, kAssigned, kChallenge };
std::string_view NameOf(NoticeKind kind);

struct Notice {
  std::string kind = {};  // A NoticeKind's name.
  int64_t number = 0;     // Days, the level, or the prize.
  std::string word = {};  // What the badge is called, or its id.
  absl::Time created_at = {};
};

// Whether a streak of so many days is told of: 3, 7, 14, 21, 30, 50, 75, 100, then every 50.
bool IsMilestone(int64_t days);

// HTML of one message about all of them; of levels and streaks the highest only.
std::string Join(const std::vector<Notice>& notices, Language language);

// The earliest time at which they may be told: after they were gathered, outside of the quiet hours,
// when fewer than kMostADay were told on that day. `told`: when others were, any order.
struct Quiet {
  int from_minute = 22 * 60;  // Of the day; equal to `until_minute`: never.
  int until_minute = 8 * 60;
};
absl::Time TellAt(absl::Time first_created, const std::vector<absl::Time>& told,
                  absl::TimeZone zone, const Quiet& quiet, absl::Time now);

}  // namespace selfology::growth_dialog
