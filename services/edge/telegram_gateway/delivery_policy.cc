#include "services/edge/telegram_gateway/delivery_policy.h"

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

Judgement JudgeFailure(const absl::Status& failure, Kind kind, int failures,
                       absl::BitGenRef random) {
  using Verdict = Judgement::Verdict;
  if (status::ErrorCodeOf(failure) == mesh::v1::ERROR_CODE_USER_UNREACHABLE)
    return {.verdict = Verdict::kUnreachable};
  if (absl::IsInvalidArgument(failure)) return {.verdict = Verdict::kDrop};
  if (IsInDoubt(failure) && !IsEssential(kind)) return {.verdict = Verdict::kAssumeSent};
  const absl::Duration at_least = status::RetryAfter(failure).value_or(absl::ZeroDuration());
  return {.verdict = Verdict::kRetry,
          .wait = resilience::BackoffDelay(kBackoff, failures + 1, at_least, random)};
}

}  // namespace selfology::telegram_gateway
