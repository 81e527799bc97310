// How fast the bot may write: so many messages a second to one chat, and so many to all chats
// together, each with a burst to begin with.
//
//   const absl::Duration wait = pacer.Take(chat_id, now);
//   if (wait > absl::ZeroDuration()) { come back after `wait`; } else { send; }
//
// Per chat no time of length t sees more than burst + t * per_second messages; the same over all
// chats. Taking is counted, asking too early is not. Pure: time is passed in and never goes back
// for one pacer. Not thread-safe.
// Source: https://core.telegram.org/bots/faq#my-bot-is-hitting-limits-how-do-i-avoid-this
#pragma once

#include <cstddef>
#include <cstdint>

#include "absl/container/flat_hash_map.h"
#include "absl/time/time.h"

namespace selfology::telegram_gateway {

struct Rate {
  double per_second = 1;
  int burst = 1;  // At least 1.
};

struct PacingLimits {
  // What belongs together should come together; Telegram bears short bursts.
  Rate chat = {.per_second = 1, .burst = 5};
  Rate all = {.per_second = 30, .burst = 30};
};

// A token bucket, kept as the time at which it will be full.
class Bucket {
 public:
  // How long until a token is there; zero: now.
  absl::Duration Wait(const Rate& rate, absl::Time now) const;
  void Take(const Rate& rate, absl::Time now);
  bool IsFull(absl::Time now) const { return full_at_ <= now; }

 private:
  absl::Time full_at_ = absl::InfinitePast();
};

class Pacer {
 public:
  explicit Pacer(PacingLimits limits) : limits_(limits) {}

  // Zero: go ahead, it is counted. Else how long to wait before asking again.
  absl::Duration Take(int64_t chat_id, absl::Time now);

  // Chats remembered: those that wrote lately.
  size_t size() const { return chats_.size(); }

 private:
  void ForgetFullOnes(absl::Time now);

  const PacingLimits limits_;
  Bucket all_;
  absl::flat_hash_map<int64_t, Bucket> chats_;
  size_t forget_at_ = 1024;  // Chats; grows with those that are really busy.
};

}  // namespace selfology::telegram_gateway
