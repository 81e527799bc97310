#include "services/edge/telegram_gateway/routing/failure_policy.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "common/status/status.h"
#include "common/text/utf8.h"

namespace selfology::telegram_gateway {
namespace {

// Stays in the process: only google.rpc's details cross gRPC.
constexpr std::string_view kDialogPayload = "selfology/telegram_gateway.dialog";
constexpr std::string_view kNotAskedPayload = "selfology/telegram_gateway.not_asked";
constexpr std::string_view kItsTimePayload = "selfology/telegram_gateway.its_time";
constexpr std::string_view kCrowded = "crowded";
constexpr std::string_view kOpen = "open";
constexpr int kLongestHoldSeconds = 30;
constexpr int kLongestMessage = 500;
constexpr char32_t kReplacement = 0xFFFD;

}  // namespace

absl::Status Blame(absl::Status failure, std::string_view dialog) {
  failure.SetPayload(kDialogPayload, absl::Cord(dialog));
  return failure;
}

std::string BlamedDialog(const absl::Status& failure) {
  const auto dialog = failure.GetPayload(kDialogPayload);
  return dialog.has_value() ? std::string(*dialog) : std::string();
}

bool MayPass(const absl::Status& failure) {
  if (status::IsRetryable(failure) || status::RetryAfter(failure).has_value()) return true;
  switch (failure.code()) {
    case absl::StatusCode::kCancelled:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
    case absl::StatusCode::kUnknown:
    case absl::StatusCode::kUnimplemented:
      return true;
    case absl::StatusCode::kResourceExhausted:
      return status::Reason(failure) != "REQUEST_TOO_LARGE";
    default:
      return false;
  }
}

bool IsUnclear(const absl::Status& failure) {
  return (absl::IsUnknown(failure) || absl::IsUnimplemented(failure)) &&
         !status::RetryAfter(failure).has_value();
}

absl::Status WithItsTime(absl::Status failure) {
  failure.SetPayload(kItsTimePayload, absl::Cord());
  return failure;
}

bool MayBeItsOwn(const absl::Status& failure) {
  if (BlamedDialog(failure).empty() || WasNotAsked(failure) ||
      status::RetryAfter(failure).has_value()) {
    return false;
  }
  switch (failure.code()) {
    case absl::StatusCode::kAborted:
    case absl::StatusCode::kPermissionDenied:
    case absl::StatusCode::kUnauthenticated:
      return true;
    case absl::StatusCode::kDeadlineExceeded:
      return failure.GetPayload(kItsTimePayload).has_value();
    default:
      return false;
  }
}

bool GivesUp(const absl::Status& failure, int rounds) {
  const bool in_the_end = IsUnclear(failure) || MayBeItsOwn(failure);
  return !MayPass(failure) || (in_the_end && rounds >= kUnclearRounds);
}

absl::Status NotAsked(absl::Status why, bool crowded) {
  why.SetPayload(kNotAskedPayload, absl::Cord(crowded ? kCrowded : kOpen));
  return why;
}

bool WasNotAsked(const absl::Status& failure) {
  return failure.GetPayload(kNotAskedPayload).has_value();
}

bool WasCrowded(const absl::Status& failure) {
  const auto why = failure.GetPayload(kNotAskedPayload);
  return why.has_value() && *why == kCrowded;
}

absl::Duration HoldFor(int rounds) {
  const int doublings = std::clamp(rounds - 1, 0, 5);
  return absl::Seconds(std::min(1 << doublings, kLongestHoldSeconds));
}

std::string Storable(std::string_view message) {
  std::string storable;
  for (int i = 0; i < kLongestMessage && !message.empty(); ++i) {
    const char32_t character = text::TakeCharacter(message);
    text::AppendCharacter(character == 0 ? kReplacement : character, storable);
  }
  return storable;
}

}  // namespace selfology::telegram_gateway
