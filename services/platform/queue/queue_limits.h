// How many jobs of a queue may begin now, by its limits.
//
//   const RateState refilled = Refill(limits, state, now);
//   const int64_t budget = Budget(limits, refilled, running, wanted);
//   const std::vector<int64_t> chosen = Choose(candidates, running_by_key, limits, budget);
//   state = Spend(refilled, chosen.size());
//
// The rate is a token bucket of `rate_jobs` that fills anew in `rate_period`: in any time T at most
// rate_jobs * (1 + T / rate_period) jobs begin.
//
// Threads: values and pure functions.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/time/time.h"

namespace selfology::queue {

struct Limits {
  int64_t max_running = 0;          // 0: any number.
  int64_t max_running_per_key = 1;  // Of one concurrency key.
  int64_t rate_jobs = 0;            // 0: any number.
  absl::Duration rate_period = absl::Seconds(1);

  bool any() const { return max_running > 0 || rate_jobs > 0; }
};

// How full the bucket is, and as of when.
struct RateState {
  double tokens = 0;
  absl::Time at = absl::InfinitePast();  // InfinitePast: never used, so full.
};

RateState Refill(const Limits& limits, const RateState& state, absl::Time now);

// At most `wanted`, 0 or more.
int64_t Budget(const Limits& limits, const RateState& refilled, int64_t running, int64_t wanted);

RateState Spend(const Limits& limits, const RateState& refilled, int64_t begun);

// A job that is ready, and its concurrency key; empty: none.
struct Candidate {
  int64_t job_id = 0;
  std::string key = {};
};

// The first `budget` candidates that their keys' limit lets begin, in their order.
std::vector<int64_t> Choose(const std::vector<Candidate>& candidates,
                            std::map<std::string, int64_t> running_by_key, const Limits& limits,
                            int64_t budget);

}  // namespace selfology::queue
