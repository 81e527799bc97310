// Tries again what failed for a passing reason, with exponential backoff.
//
//   absl::StatusOr<Answer> answer =
//       resilience::Retry(call, {.attempts = 3}, [&] { return model.Ask(call, prompt); });
//
// Only statuses that status::IsRetryable names, or that carry a google.rpc.RetryInfo, are tried
// again; the last result is what comes back. What is retried must bear being done twice.
//
// Before attempt n+1 it waits first * multiplier^(n-1), at most max, changed by up to ±jitter of
// itself so that many clients do not come back together: about 1 s, 2 s, 4 s. A RetryInfo is a
// lower bound, jittered upwards only.
//
// It never waits past the deadline: when the wait would end there, the last result is given back at
// once. A cancelled call ends the wait (looked at every 50 ms).
//
// 3, 1 s and 10 s are R001-23. Threads: may be called from any thread.
#pragma once

#include <functional>
#include <optional>
#include <type_traits>
#include <utility>

#include "absl/random/bit_gen_ref.h"
#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/status/status_macros.h"

namespace selfology::resilience {

struct Backoff {
  absl::Duration first = absl::Seconds(1);
  absl::Duration max = absl::Seconds(10);
  double multiplier = 2;  // >= 1
  double jitter = 0.2;    // 0 to 1
};

// How long to wait after the n-th failure (n from 1); never over backoff.max, never below at_least,
// which stands above max. Pure.
absl::Duration BackoffDelay(const Backoff& backoff, int failures, absl::Duration at_least,
                            absl::BitGenRef random);

struct RetryOptions {
  int attempts = 3;  // In all, the first included.
  Backoff backoff = {};
  // Waits; false: the call was cancelled meanwhile. Empty: really waits.
  std::function<bool(const Call&, absl::Duration)> wait = {};
  std::function<absl::Time()> clock = {};  // Empty: the real one.
};

// How long to wait before the next attempt; nullopt when `failure` is to be given back: it is not
// retryable, the attempts are used up, the deadline is too near or the call cancelled.
std::optional<absl::Duration> NextAttempt(const Call& call, const RetryOptions& options,
                                          int failures, const absl::Status& failure);

// Waits; false as soon as the call is seen to be cancelled.
bool WaitUnlessCancelled(const Call& call, absl::Duration delay);

// f() -> absl::Status or absl::StatusOr<T>; gives the same.
template <typename F>
std::invoke_result_t<F&> Retry(const Call& call, const RetryOptions& options, F&& f) {
  for (int attempt = 1;; ++attempt) {
    std::invoke_result_t<F&> result = f();
    if (result.ok()) return result;
    const std::optional<absl::Duration> delay =
        NextAttempt(call, options, attempt, status_internal::ToStatus(result));
    if (!delay.has_value()) return result;
    const bool waited =
        options.wait ? options.wait(call, *delay) : WaitUnlessCancelled(call, *delay);
    if (!waited) return result;
  }
}

}  // namespace selfology::resilience
