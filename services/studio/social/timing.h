// When a publication is tried again, looked up again, and measured; when an account is looked after.
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

// A token that can be renewed is, so long before it ends.
inline constexpr absl::Duration kRenewAhead = absl::Minutes(30);
// When an account's token is looked at next: within the hour, and when it is to be renewed or ends.
absl::Time CheckAt(absl::Time now, std::optional<absl::Time> expires_at, bool renews);

// How often a platform is asked for what others wrote to an account.
inline constexpr absl::Duration kHearEvery = absl::Minutes(5);

}  // namespace selfology::social
