// When a post goes viral.
//
//   ViralReach(ViralPreset(), {12, 8, 20, 9, 15})     // 75: five times the median of the others
//
// Threads: pure functions.
#pragma once

#include <algorithm>
#include <vector>

#include "selfology/analytics/v1/analytics_service.pb.h"

namespace selfology::analytics {

inline constexpr char kViral[] = "social.viral";
inline constexpr char kEngagement[] = "social.post.engagement";
// With fewer of the author's other posts there is nothing usual.
inline constexpr size_t kLeastPosts = 5;
// Five likes instead of one are no alert.
inline constexpr double kLeastEngagement = 50;
// What is much for somebody of whom nothing is known.
inline constexpr double kMuchEngagement = 1000;

// What holds unless an operator puts a threshold of that id: five times what the author's posts
// usually have at the same age.
inline v1::Threshold ViralPreset() {
  v1::Threshold preset;
  preset.set_threshold_id(kViral);
  preset.set_metric(kEngagement);
  preset.set_dimension("post_id");
  preset.set_window_hours(1);
  preset.set_times_median(5);
  return preset;
}

// Likes, reposts and replies that reach it, given those of the author's other posts at that age.
inline double ViralReach(const v1::Threshold& threshold, std::vector<double> others) {
  if (threshold.value() > 0) return threshold.value();
  const size_t n = others.size();
  if (n < kLeastPosts) return kMuchEngagement;
  std::sort(others.begin(), others.end());
  const double median = n % 2 == 1 ? others[n / 2] : (others[n / 2 - 1] + others[n / 2]) / 2;
  return std::max(median * threshold.times_median(), kLeastEngagement);
}

}  // namespace selfology::analytics
