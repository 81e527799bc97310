// When a publication is tried again, looked up again, and measured.
//
// Threads: pure functions.
#pragma once

#include <optional>

#include "absl/time/time.h"

namespace selfology::social {

// After the n-th try (from 1) that did nothing: 5 s, 10 s ... 15 min.
absl::Duration TryAgainAfter(int attempts);

// While the outcome is unknown, counted from the call: at once, then 5 s, 10 s ... 10 min.
absl::Duration LookUpAfter(absl::Duration since_call);

// Tries that did nothing for so long are given up.
inline constexpr absl::Duration kGiveUpAfter = absl::Hours(24);

// The first moment after publication at which reading number `readings` + 1 is due; nullopt: there
// are eight.
std::optional<absl::Duration> MeasureAt(int readings);

}  // namespace selfology::social
