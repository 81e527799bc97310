// The periods that boards count over, by the names that their scores are kept under. Threads: pure
// functions.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"
#include "selfology/gamification/v1/leaderboard_service.pb.h"

namespace selfology::gamification {

// "ever", "d:2026-11-30", "w:2026-11-30" (its Monday), "m:2026-11"; UTC. A season is "s:" and its id.
std::string PeriodName(v1::BoardPeriod period, absl::Time at, std::string_view season_id = "");

// All that a time lies in, but seasons.
std::vector<std::string> PeriodNames(absl::Time at);

}  // namespace selfology::gamification
