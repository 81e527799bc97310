// When a job that failed is tried again.
//
//   RetryDelays delays = {absl::Seconds(10), absl::Minutes(1)};   // As the job says; may be empty.
//   const absl::Duration delay = RetryDelay(delays, /*failed=*/3, /*random=*/0.5);   // 1 min.
//
// Without delays of its own a job waits 1 s, 2 s, 4 s ... up to 1 h, each up to a tenth longer, so
// that what failed together does not come back together.
//
// Threads: pure functions. Randomness is the caller's.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "absl/time/time.h"

namespace selfology::queue {

using RetryDelays = std::vector<absl::Duration>;

inline constexpr absl::Duration kLongestDelay = absl::Hours(24 * 30);
inline constexpr absl::Duration kLongestBackoff = absl::Hours(1);

// `failed`: attempts that failed, 1 or more. `random`: in [0, 1).
absl::Duration RetryDelay(const RetryDelays& delays, int failed, double random);

// As the database keeps them: whole milliseconds with commas, "10000,60000".
std::string WriteDelays(const RetryDelays& delays);
// What WriteDelays wrote; anything else is left out.
RetryDelays ReadDelays(std::string_view text);

}  // namespace selfology::queue
