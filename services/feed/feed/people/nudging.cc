#include "services/feed/feed/people/nudging.h"

#include <algorithm>

namespace selfology::feed {
namespace {

constexpr int kMostPerWeek = 3;
constexpr int kMostIgnored = 3;
constexpr int kDayBegins = 9;  // Hours.
constexpr int kNightBegins = 22;
// A quantile of fewer says nothing.
constexpr size_t kFewestScores = 10;

}  // namespace

double QuantileOf(double score, const std::vector<double>& scores) {
  if (scores.empty()) return 0;
  const auto below =
      std::count_if(scores.begin(), scores.end(), [&](double other) { return other < score; });
  return static_cast<double>(below) / static_cast<double>(scores.size());
}

Nudge Decide(const NudgeFacts& facts) {
  if (facts.now < facts.last_seen_at + absl::Hours(24)) return Nudge::kStillHere;
  const auto since = [&](absl::Time from) {
    return std::count_if(facts.nudges.begin(), facts.nudges.end(),
                         [&](absl::Time at) { return at > from; });
  };
  if (since(facts.last_seen_at) >= kMostIgnored) return Nudge::kIgnored;
  if (since(facts.now - absl::Hours(24)) > 0 ||
      since(facts.now - absl::Hours(7 * 24)) >= kMostPerWeek) {
    return Nudge::kTooOften;
  }
  const int hour = absl::ToCivilHour(facts.now, facts.time_zone).hour();
  if (hour < kDayBegins || hour >= kNightBegins) return Nudge::kNight;
  if (facts.scores.size() < kFewestScores ||
      QuantileOf(facts.score, facts.scores) < kNudgeQuantile) {
    return Nudge::kNothingGood;
  }
  return Nudge::kYes;
}

}  // namespace selfology::feed
