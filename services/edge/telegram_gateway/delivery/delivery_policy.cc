#include "services/edge/telegram_gateway/delivery/delivery_policy.h"

#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::telegram_gateway {
namespace {

// Telegram may be away for long; what waits for it costs nothing.
constexpr resilience::Backoff kBackoff = {.first = absl::Seconds(1), .max = absl::Seconds(30)};

bool IsInDoubt(const absl::Status& failure) {
  return absl::IsDeadlineExceeded(failure) || status::Reason(failure) == "CONNECTION_LOST";
}

}  // namespace

Judgement JudgeFailure(const absl::Status& failure, bool expendable, int failures,
                       absl::BitGenRef random) {
  using Verdict = Judgement::Verdict;
  const mesh::v1::ErrorCode reason = status::ErrorCodeOf(failure);
  if (reason == mesh::v1::ERROR_CODE_USER_UNREACHABLE) return {.verdict = Verdict::kUnreachable};
  if (absl::IsInvalidArgument(failure)) return {.verdict = Verdict::kDrop};
  if (IsInDoubt(failure) && expendable) return {.verdict = Verdict::kAssumeSent};
  const bool counts = reason != mesh::v1::ERROR_CODE_SERVICE_DEGRADED &&
                      reason != mesh::v1::ERROR_CODE_RATE_LIMITED;
  const absl::Duration at_least = status::RetryAfter(failure).value_or(absl::ZeroDuration());
  return {.verdict = Verdict::kRetry,
          .wait = resilience::BackoffDelay(kBackoff, counts ? failures + 1 : 1, at_least, random),
          .counts = counts,
          .in_doubt = IsInDoubt(failure)};
}

}  // namespace selfology::telegram_gateway
