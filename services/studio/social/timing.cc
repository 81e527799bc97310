#include "services/studio/social/timing.h"

#include <algorithm>

namespace selfology::social {
namespace {

constexpr absl::Duration kReadings[] = {
    absl::Minutes(5), absl::Minutes(30),   absl::Hours(2),      absl::Hours(12),
    absl::Hours(24),  absl::Hours(3 * 24), absl::Hours(7 * 24), absl::Hours(30 * 24)};

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

}  // namespace selfology::social
