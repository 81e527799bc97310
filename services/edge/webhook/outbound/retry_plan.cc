#include "services/edge/webhook/outbound/retry_plan.h"

#include <algorithm>
#include <iterator>
#include <string>

#include "absl/random/random.h"
#include "absl/random/uniform_real_distribution.h"
#include "absl/strings/ascii.h"
#include "absl/strings/numbers.h"
#include "absl/strings/strip.h"

namespace selfology::webhook {
namespace {

constexpr int32_t kDefaultSchedule[] = {10, 60};  // R004: three attempts with exponential backoff.
constexpr absl::Duration kThrottledFor = absl::Hours(24);
constexpr absl::Duration kThrottlePause = absl::Seconds(60);  // Where the endpoint names none.
constexpr absl::Duration kMaxRetryAfter = absl::Hours(24);
constexpr double kJitter = 0.2;
// One bad minute at the end of a quiet week is no persistent failure.
constexpr int64_t kFewFailures = 10;

}  // namespace

Outcome OutcomeOf(int http_status, std::string_view retry_after, absl::Time now) {
  Outcome outcome{.http_status = http_status};
  if (http_status >= 200 && http_status <= 299) return outcome;
  outcome.not_before = ParseRetryAfter(retry_after, now);
  outcome.failure = v1::DELIVERY_FAILURE_STATUS;
  if (http_status == 410) outcome.failure = v1::DELIVERY_FAILURE_GONE;
  if (http_status == 429 || (http_status == 503 && outcome.not_before.has_value())) {
    outcome.failure = v1::DELIVERY_FAILURE_THROTTLED;
  }
  return outcome;
}

std::optional<absl::Time> ParseRetryAfter(std::string_view text, absl::Time now) {
  text = absl::StripAsciiWhitespace(text);
  if (text.empty()) return std::nullopt;
  int64_t seconds = 0;
  absl::Time time;
  if (std::all_of(text.begin(), text.end(), absl::ascii_isdigit)) {
    // What is too large for a number is more than a day, too.
    if (!absl::SimpleAtoi(text, &seconds)) seconds = absl::ToInt64Seconds(kMaxRetryAfter);
    time = now + std::min(absl::Seconds(seconds), kMaxRetryAfter);
  } else if (!absl::ParseTime("%a, %d %b %Y %H:%M:%S GMT", text, &time, nullptr)) {
    return std::nullopt;
  }
  return std::clamp(time, now, now + kMaxRetryAfter);
}

Next PlanAfter(const Outcome& outcome, const Tried& tried, const std::vector<int32_t>& schedule,
               absl::Time now, absl::BitGenRef random) {
  switch (outcome.failure) {
    case v1::DELIVERY_FAILURE_UNSPECIFIED:
      return {.state = v1::DELIVERY_STATE_DELIVERED, .counts = true};
    case v1::DELIVERY_FAILURE_GONE:
      return {.state = v1::DELIVERY_STATE_FAILED, .counts = true, .endpoint_gone = true};
    case v1::DELIVERY_FAILURE_UNKNOWN:
      return {.at = now};
    case v1::DELIVERY_FAILURE_THROTTLED:
      if (now - tried.created_at < kThrottledFor) {
        return {.at = outcome.not_before.value_or(now + kThrottlePause)};
      }
      break;
    default:
      break;
  }
  const std::vector<int32_t> pauses =
      schedule.empty()
          ? std::vector<int32_t>(std::begin(kDefaultSchedule), std::end(kDefaultSchedule))
          : schedule;
  const size_t failures = static_cast<size_t>(std::max(0, tried.counted_before)) + 1;
  if (failures > pauses.size()) return {.state = v1::DELIVERY_STATE_FAILED, .counts = true};
  const double stretch = 1 + absl::Uniform(random, 0.0, kJitter);
  const absl::Time planned = now + absl::Seconds(pauses[failures - 1]) * stretch;
  return {.counts = true, .at = std::max(planned, outcome.not_before.value_or(planned))};
}

bool FailsPersistently(absl::Time failing_since, int64_t failures, absl::Duration tolerated,
                       absl::Time now) {
  return failures >= kFewFailures && now - failing_since >= tolerated;
}

}  // namespace selfology::webhook
