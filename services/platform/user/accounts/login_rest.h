// How long an address has to rest after logins that failed: guessing a password takes years, and who
// mistyped theirs a few times waits seconds.
//
//   if (const absl::Duration rest = RestLeft(failures, now); rest > absl::ZeroDuration()) ...
//
// Threads: pure functions.
#pragma once

#include <cstdint>

#include "absl/time/time.h"

namespace selfology::user {

// What is known of an address's failures. They are forgotten by a success, and a day after the last.
struct LoginFailures {
  int64_t count = 0;
  absl::Time last_at = absl::InfinitePast();
};

inline constexpr int64_t kFreeFailures = 4;
inline constexpr absl::Duration kLongestRest = absl::Minutes(15);
inline constexpr absl::Duration kFailuresLast = absl::Hours(24);

// Zero: it may be tried now.
absl::Duration RestLeft(const LoginFailures& failures, absl::Time now);

LoginFailures AfterFailure(const LoginFailures& failures, absl::Time now);

}  // namespace selfology::user
