#include "services/edge/telegram_gateway/routing/setback.h"

#include <algorithm>

#include "absl/strings/cord.h"
#include "common/status/status.h"
#include "common/text/utf8.h"

namespace selfology::telegram_gateway {
namespace {

// Stays in the process: only google.rpc's details cross gRPC.
constexpr std::string_view kDialogPayload = "selfology/telegram_gateway.dialog";
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
      return true;
    case absl::StatusCode::kResourceExhausted:
      return status::Reason(failure) != "REQUEST_TOO_LARGE";
    default:
      return false;
  }
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
