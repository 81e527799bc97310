// When a delivery that failed is tried again, and when an address is given up.
//
//   const auto wait = NextWait(v1::CHANNEL_EMAIL, attempts, outcome.retry_after);
//   // nullopt: that was the last attempt
//
// Threads: pure functions.
#pragma once

#include <optional>
#include <string_view>

#include "absl/time/time.h"
#include "selfology/notification/v1/notification.pb.h"

namespace selfology::notification {

// After `attempts` attempts. Mail: 1, 5, 30 min, 2, 6, 12, 24 h, as mail servers do; SMS: 30 s, 2, 10
// min, 1 h; push: 10 s, 1, 5, 30 min, 2 h; Telegram, whose gateway has a schedule of its own: none.
// Never earlier than the other side asked for, which is taken up to a day.
std::optional<absl::Duration> NextWait(v1::Channel channel, int attempts,
                                       std::optional<absl::Duration> retry_after);

inline constexpr int kSoftBounces = 5;
inline constexpr absl::Duration kSoftBouncesWithin = absl::Hours(7 * 24);

enum class Bounce { kNone, kSoft, kHard };
// Of an enhanced status code (RFC 3463): 5.x.x is hard, 4.x.x soft.
Bounce BounceOf(std::string_view status_code);
// Three numbers with dots; the first one is 2, 4 or 5.
bool IsStatusCode(std::string_view status_code);

}  // namespace selfology::notification
