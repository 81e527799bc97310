#include "services/edge/telegram_gateway/delivery/delivery_policy.h"

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "common/resilience/retry.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::telegram_gateway {
namespace {

// Telegram may be away for long; what waits for it costs nothing.
constexpr resilience::Backoff kBackoff = {.first = absl::Seconds(1), .max = absl::Seconds(30)};

// Where the line is too slow for a file it stays so, and the chat's other messages wait behind it.
constexpr int kMostUploadTries = 3;

// A person looks at the buttons that should be gone.
constexpr resilience::Backoff kChangeBackoff = {.first = absl::Milliseconds(300),
                                                .max = absl::Seconds(5)};
// After so many failures it is this message, not Telegram, that is in a bad way: while Telegram is
// away the circuit is open, and that does not count.
constexpr int kHastyTries = 20;
constexpr resilience::Backoff kPatientBackoff = {.first = absl::Seconds(5),
                                                 .max = absl::Minutes(10)};
// With those waits some 48 hours. What was to be deleted then cannot be any more.
constexpr int kMostChangeTries = 370;

bool Says(const absl::Status& failure, std::string_view words) {
  return absl::IsInvalidArgument(failure) &&
         absl::StrContains(absl::AsciiStrToLower(failure.message()), words);
}

// Telegram, or we in its place, did not look at the request: it does not count as tried.
bool WasLookedAt(const absl::Status& failure) {
  const mesh::v1::ErrorCode reason = status::ErrorCodeOf(failure);
  return reason != mesh::v1::ERROR_CODE_SERVICE_DEGRADED &&
         reason != mesh::v1::ERROR_CODE_RATE_LIMITED && !absl::IsCancelled(failure);
}

bool IsInDoubt(const absl::Status& failure) {
  return absl::IsDeadlineExceeded(failure) || absl::IsCancelled(failure) ||
         status::Reason(failure) == "CONNECTION_LOST";
}

}  // namespace

Judgement JudgeFailure(const absl::Status& failure, bool expendable, int failures,
                       absl::BitGenRef random) {
  using Verdict = Judgement::Verdict;
  const mesh::v1::ErrorCode reason = status::ErrorCodeOf(failure);
  if (reason == mesh::v1::ERROR_CODE_USER_UNREACHABLE) return {.verdict = Verdict::kUnreachable};
  if (absl::IsInvalidArgument(failure)) return {.verdict = Verdict::kDrop};
  if (IsInDoubt(failure) && expendable) return {.verdict = Verdict::kAssumeSent};
  const bool counts = WasLookedAt(failure);
  const absl::Duration at_least = status::RetryAfter(failure).value_or(absl::ZeroDuration());
  return {.verdict = Verdict::kRetry,
          .wait = resilience::BackoffDelay(kBackoff, counts ? failures + 1 : 1, at_least, random),
          .counts = counts,
          .in_doubt = IsInDoubt(failure)};
}

bool GivesUpFiles(const absl::Status& failure, bool expendable, int failures) {
  if (absl::IsInvalidArgument(failure)) return true;
  // One that is expendable is not sent again.
  return absl::IsDeadlineExceeded(failure) && !expendable && failures + 1 >= kMostUploadTries;
}

bool IsGone(const absl::Status& failure) {
  return Says(failure, "message to edit not found") ||
         Says(failure, "message to delete not found") || Says(failure, "message_id_invalid");
}

bool CannotBeEdited(const absl::Status& failure) {
  return IsGone(failure) || Says(failure, "message can't be edited") ||
         Says(failure, "there is no text in the message to edit");
}

ChangeJudgement JudgeChange(store::Change::Kind kind, size_t messages, const absl::Status& outcome,
                            int failures, absl::BitGenRef random) {
  using Kind = store::Change::Kind;
  using Verdict = ChangeJudgement::Verdict;
  if (outcome.ok()) return {.verdict = Verdict::kDone};
  if (status::ErrorCodeOf(outcome) == mesh::v1::ERROR_CODE_USER_UNREACHABLE) {
    return {.verdict = Verdict::kGiveUp};
  }
  if (absl::IsInvalidArgument(outcome)) {
    if (kind == Kind::kDelete && messages > 1) return {.verdict = Verdict::kOneByOne};
    if (kind == Kind::kReplace) return {.verdict = Verdict::kSayAnew};
    if (IsGone(outcome)) return {.verdict = Verdict::kGone};
    return {.verdict = kind == Kind::kDelete ? Verdict::kOnlyButtons : Verdict::kGiveUp};
  }
  const bool counts = WasLookedAt(outcome);
  if (counts && failures >= kHastyTries && messages > 1) return {.verdict = Verdict::kOneByOne};
  if (counts && failures >= kMostChangeTries) return {.verdict = Verdict::kGiveUp};
  const bool hasty = !counts || failures < kHastyTries;
  const int tries = !counts ? 1 : failures + 1 - (hasty ? 0 : kHastyTries);
  const absl::Duration at_least = status::RetryAfter(outcome).value_or(absl::ZeroDuration());
  return {.verdict = Verdict::kRetry,
          .wait = resilience::BackoffDelay(hasty ? kChangeBackoff : kPatientBackoff, tries,
                                           at_least, random),
          .counts = counts};
}

}  // namespace selfology::telegram_gateway
