// Whether to win back a person who stays away, by a post that is unusually good for them.
//
//   switch (Decide({.now = now, .last_seen_at = seen, .time_zone = zone, .nudges = earlier,
//                   .scores = scores_of_30_days, .score = best})) ...
//
// At most one a day and three a week, none after three that were ignored until the person comes back,
// none at night, and only by a post better than four of five that the person had in 30 days.
//
// Threads: pure functions. Requirement: R003-6.
#pragma once

#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace selfology::feed {

enum class Nudge {
  kYes,
  kStillHere,    // They were here within a day.
  kTooOften,     // One within a day, or three within a week.
  kIgnored,      // Three in a row were ignored.
  kNight,        // Between 22:00 and 9:00 where they are.
  kNothingGood,  // The best post is not good enough, or too few are known to tell.
};

struct NudgeFacts {
  absl::Time now;
  absl::Time last_seen_at;  // Reaction or visit.
  absl::TimeZone time_zone = absl::UTCTimeZone();
  std::vector<absl::Time> nudges = {};  // All since last_seen_at, and those of the last 7 days.
  std::vector<double> scores = {};      // Of the person's posts of the last 30 days.
  double score = 0;                     // Of the post that would be shown.
};

inline constexpr double kNudgeQuantile = 0.8;

Nudge Decide(const NudgeFacts& facts);

// Which share of the scores is below this one, 0 to 1; 0 where there are none.
double QuantileOf(double score, const std::vector<double>& scores);

}  // namespace selfology::feed
