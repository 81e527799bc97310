// Notices that a source's markup has changed: the share of its latest posts with every field that
// such posts have.
//
//   const Drift drift = JudgeDrift(missing_of_latest_posts, /*was_drifting=*/false);
//   if (drift.drifting && !was) ... alarm
//
// Threads: pure functions.
#pragma once

#include <string>
#include <vector>

namespace selfology::channel_reader {

inline constexpr int kJudgedPosts = 200;  // The latest ones.
inline constexpr int kFewestPosts = 20;   // Fewer prove nothing.
inline constexpr double kDriftsBelow = 0.8;
inline constexpr double kRecoversAt = 0.9;  // Apart from kDriftsBelow, so that it does not flicker.

struct Drift {
  int posts = 0;
  double complete_share = 1;
  bool drifting = false;
  std::vector<std::string> missing = {};  // The most frequent first, at most 5.
};

// `posts`: for each, what it lacks.
Drift JudgeDrift(const std::vector<std::vector<std::string>>& posts, bool was_drifting);

}  // namespace selfology::channel_reader
