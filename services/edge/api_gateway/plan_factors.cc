#include "services/edge/api_gateway/plan_factors.h"

#include <algorithm>
#include <utility>

namespace selfology::api_gateway {
namespace {

// A plan may also end by itself.
constexpr absl::Duration kRemembered = absl::Minutes(5);
constexpr absl::Duration kPatience = absl::Milliseconds(300);
constexpr absl::Duration kPause = absl::Seconds(2);

}  // namespace

PlanFactors::PlanFactors(std::function<absl::Time()> clock, Ask ask)
    : clock_(std::move(clock)), ask_(std::move(ask)) {}

int PlanFactors::Of(const Call& call, int64_t user_id) {
  if (user_id <= 0) return 1;
  const absl::Time now = clock_();
  int before = 1;
  {
    absl::MutexLock lock(&mutex_);
    if (known_.size() >= kMaxPeople && !known_.contains(user_id)) known_.clear();
    Known& known = known_[user_id];
    before = known.factor;
    if (now < known.until || now < ask_again_at_) return before;
    // Others do not ask meanwhile.
    known.until = now + kPause;
  }
  const absl::StatusOr<int> asked = ask_(call.WithTimeout(kPatience), user_id);
  absl::MutexLock lock(&mutex_);
  if (!asked.ok()) {
    ask_again_at_ = now + kPause;
    return before;
  }
  const auto known = known_.find(user_id);
  // It was forgotten since: what was asked may be old already.
  if (known == known_.end()) return std::max(1, *asked);
  known->second = {.factor = std::max(1, *asked), .until = now + kRemembered};
  return known->second.factor;
}

void PlanFactors::Forget(int64_t user_id) {
  absl::MutexLock lock(&mutex_);
  known_.erase(user_id);
}

void PlanFactors::ForgetAll() {
  absl::MutexLock lock(&mutex_);
  known_.clear();
}

}  // namespace selfology::api_gateway
