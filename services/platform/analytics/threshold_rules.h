// When a threshold is reached.
//
//   ReachesThreshold(threshold, /*events=*/1200, {90, 110, 100, ...})
//
// Threads: pure functions.
#pragma once

#include <algorithm>
#include <vector>

#include "selfology/analytics/v1/analytics_service.pb.h"

namespace selfology::analytics {

// Below so many events nothing is many times as much as usual.
inline constexpr double kLeastEvents = 10;

// How many events reach it, given those of the windows before.
inline double Reach(const v1::Threshold& threshold, std::vector<double> before) {
  if (threshold.value() > 0) return threshold.value();
  std::sort(before.begin(), before.end());
  const size_t n = before.size();
  const double median = n == 0       ? 0
                        : n % 2 == 1 ? before[n / 2]
                                     : (before[n / 2 - 1] + before[n / 2]) / 2;
  return std::max(median * threshold.times_median(), kLeastEvents);
}

}  // namespace selfology::analytics
