#include "common/resilience/retry.h"

#include <algorithm>
#include <cmath>

#include "absl/random/random.h"
#include "absl/time/clock.h"
#include "common/status/status.h"

namespace selfology::resilience {
namespace {

constexpr absl::Duration kCancellationLatency = absl::Milliseconds(50);

}  // namespace

absl::Duration BackoffDelay(const Backoff& backoff, int failures, absl::Duration at_least,
                            absl::BitGenRef random) {
  const absl::Duration grown = backoff.first * std::pow(backoff.multiplier, failures - 1);
  // The bound is on what jitter makes of it, not cut off afterwards, or many clients would meet
  // there.
  const absl::Duration base = std::min(grown, backoff.max / (1 + backoff.jitter));
  const absl::Duration delay = base * absl::Uniform(absl::IntervalClosedClosed, random,
                                                    1 - backoff.jitter, 1 + backoff.jitter);
  const absl::Duration asked =
      at_least * absl::Uniform(absl::IntervalClosedClosed, random, 1.0, 1 + backoff.jitter);
  return std::max(delay, asked);
}

std::optional<absl::Duration> NextAttempt(const Call& call, const RetryOptions& options,
                                          int failures, const absl::Status& failure) {
  const auto retry_after = status::RetryAfter(failure);
  if (!status::IsRetryable(failure) && !retry_after.has_value()) return std::nullopt;
  if (failures >= options.attempts || call.Cancelled()) return std::nullopt;
  absl::BitGen random;
  const absl::Duration delay =
      BackoffDelay(options.backoff, failures, retry_after.value_or(absl::ZeroDuration()), random);
  const absl::Time now = options.clock ? options.clock() : absl::Now();
  if (now + delay >= call.deadline()) return std::nullopt;
  return delay;
}

bool WaitUnlessCancelled(const Call& call, absl::Duration delay) {
  const absl::Time end = absl::Now() + delay;
  while (!call.Cancelled()) {
    const absl::Duration left = end - absl::Now();
    if (left <= absl::ZeroDuration()) return true;
    absl::SleepFor(std::min(left, kCancellationLatency));
  }
  return false;
}

}  // namespace selfology::resilience
