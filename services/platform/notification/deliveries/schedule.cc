#include "services/platform/notification/deliveries/schedule.h"

#include <algorithm>
#include <iterator>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/str_split.h"
#include "absl/types/span.h"

namespace selfology::notification {
namespace {

constexpr absl::Duration kMail[] = {absl::Minutes(1), absl::Minutes(5), absl::Minutes(30),
                                    absl::Hours(2),   absl::Hours(6),   absl::Hours(12),
                                    absl::Hours(24)};
constexpr absl::Duration kSms[] = {absl::Seconds(30), absl::Minutes(2), absl::Minutes(10),
                                   absl::Hours(1)};
constexpr absl::Duration kPush[] = {absl::Seconds(10), absl::Minutes(1), absl::Minutes(5),
                                    absl::Minutes(30), absl::Hours(2)};
constexpr absl::Duration kLongestAsked = absl::Hours(24);

absl::Span<const absl::Duration> WaitsOf(v1::Channel channel) {
  switch (channel) {
    case v1::CHANNEL_EMAIL:
      return kMail;
    case v1::CHANNEL_SMS:
      return kSms;
    case v1::CHANNEL_PUSH:
      return kPush;
    default:
      return {};
  }
}

}  // namespace

std::optional<absl::Duration> NextWait(v1::Channel channel, int attempts,
                                       std::optional<absl::Duration> retry_after) {
  const absl::Span<const absl::Duration> waits = WaitsOf(channel);
  if (attempts < 1 || static_cast<size_t>(attempts) > waits.size()) return std::nullopt;
  const absl::Duration wait = waits[static_cast<size_t>(attempts) - 1];
  return std::max(wait, std::min(retry_after.value_or(absl::ZeroDuration()), kLongestAsked));
}

bool IsStatusCode(std::string_view status_code) {
  const std::vector<std::string_view> parts = absl::StrSplit(status_code, '.');
  const auto is_number = [](std::string_view part) {
    return !part.empty() && part.size() <= 3 && std::all_of(part.begin(), part.end(), [](char c) {
      return absl::ascii_isdigit(static_cast<unsigned char>(c));
    });
  };
  return parts.size() == 3 && std::all_of(parts.begin(), parts.end(), is_number) &&
         (parts[0] == "2" || parts[0] == "4" || parts[0] == "5");
}

Bounce BounceOf(std::string_view status_code) {
  if (!IsStatusCode(status_code)) return Bounce::kNone;
  if (status_code[0] == '5') return Bounce::kHard;
  return status_code[0] == '4' ? Bounce::kSoft : Bounce::kNone;
}

}  // namespace selfology::notification
