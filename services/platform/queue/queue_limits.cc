#include "services/platform/queue/queue_limits.h"

#include <algorithm>
#include <cmath>

namespace selfology::queue {

RateState Refill(const Limits& limits, const RateState& state, absl::Time now) {
  const double full = static_cast<double>(limits.rate_jobs);
  if (state.at == absl::InfinitePast()) return {full, now};
  // A clock that steps back gives nothing.
  const absl::Duration passed = std::max(now - state.at, absl::ZeroDuration());
  const double earned = full * absl::FDivDuration(passed, limits.rate_period);
  return {std::min(full, state.tokens + earned), std::max(now, state.at)};
}

int64_t Budget(const Limits& limits, const RateState& refilled, int64_t running, int64_t wanted) {
  int64_t budget = wanted;
  if (limits.max_running > 0) budget = std::min(budget, limits.max_running - running);
  if (limits.rate_jobs > 0) {
    // What sums of fractions lose must not cost a job.
    budget = std::min(budget, static_cast<int64_t>(std::floor(refilled.tokens + 1e-9)));
  }
  return std::max<int64_t>(budget, 0);
}

RateState Spend(const Limits& limits, const RateState& refilled, int64_t begun) {
  if (limits.rate_jobs == 0) return refilled;
  return {std::max(refilled.tokens - static_cast<double>(begun), 0.0), refilled.at};
}

std::vector<int64_t> Choose(const std::vector<Candidate>& candidates,
                            std::map<std::string, int64_t> running_by_key, const Limits& limits,
                            int64_t budget) {
  std::vector<int64_t> chosen;
  for (const Candidate& candidate : candidates) {
    if (static_cast<int64_t>(chosen.size()) >= budget) break;
    if (!candidate.key.empty()) {
      int64_t& running = running_by_key[candidate.key];
      if (running >= limits.max_running_per_key) continue;
      ++running;
    }
    chosen.push_back(candidate.job_id);
  }
  return chosen;
}

}  // namespace selfology::queue
