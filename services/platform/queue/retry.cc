#include "services/platform/queue/retry.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"

namespace selfology::queue {

absl::Duration RetryDelay(const RetryDelays& delays, int failed, double random) {
  const int nth = std::max(failed, 1) - 1;
  if (!delays.empty()) return delays[std::min(static_cast<size_t>(nth), delays.size() - 1)];
  // 2^12 s is more than the longest backoff.
  const absl::Duration doubled = absl::Seconds(1 << std::min(nth, 12));
  return std::min(doubled, kLongestBackoff) * (1 + std::clamp(random, 0.0, 1.0) / 10);
}

std::string WriteDelays(const RetryDelays& delays) {
  return absl::StrJoin(delays, ",", [](std::string* out, absl::Duration delay) {
    absl::StrAppend(out, absl::ToInt64Milliseconds(delay));
  });
}

RetryDelays ReadDelays(std::string_view text) {
  RetryDelays delays;
  for (const std::string_view part : absl::StrSplit(text, ',', absl::SkipEmpty())) {
    int64_t milliseconds = 0;
    if (absl::SimpleAtoi(part, &milliseconds)) delays.push_back(absl::Milliseconds(milliseconds));
  }
  return delays;
}

}  // namespace selfology::queue
