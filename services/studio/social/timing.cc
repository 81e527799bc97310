#include "services/studio/social/timing.h"

#include <algorithm>

namespace selfology::social {
namespace {

constexpr absl::Duration kReadings[] = {
    absl::Minutes(5), absl::Minutes(30),   absl::Hours(2),      absl::Hours(12),
    absl::Hours(24),  absl::Hours(3 * 24), absl::Hours(7 * 24), absl::Hours(30 * 24)};

constexpr absl::Duration kCheckEvery = absl::Hours(1);
constexpr absl::Duration kCheckSoonest = absl::Minutes(1);

}  // namespace

absl::Duration TryAgainAfter(int attempts) {
  return std::min(absl::Seconds(5) * (1 << std::clamp(attempts - 1, 0, 10)), absl::Minutes(15));
}

absl::Duration LookUpAfter(absl::Duration since_call) {
  return std::clamp(since_call, absl::Seconds(5), absl::Minutes(10));
}

std::optional<absl::Duration> MeasureAt(int readings) {
  if (readings < 0 || readings >= static_cast<int>(std::size(kReadings))) return std::nullopt;
  return kReadings[readings];
}

absl::Time CheckAt(absl::Time now, std::optional<absl::Time> expires_at, bool renews) {
  absl::Time next = now + kCheckEvery;
  if (expires_at.has_value()) {
    const absl::Time due = *expires_at - (renews ? kRenewAhead : absl::ZeroDuration());
    next = std::min(next, std::max(due, now + kCheckSoonest));
  }
  return next;
}

}  // namespace selfology::social
