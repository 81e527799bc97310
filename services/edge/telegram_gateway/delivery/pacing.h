// How fast the bot may write: so many messages a second to one chat, fewer to a group or channel
// (whose ids are below 0), and so many to all chats together, each with a burst to begin with. A
// change to a message that is there already weighs less than a new one, and can be made to leave room
// for one, so that many changes never keep a chat's messages from being sent.
//
//   const absl::Duration wait = pacer.Take(chat_id, now);  // or (chat_id, now, kChangeWeight)
//   if (wait > absl::ZeroDuration()) { come back after `wait`; } else { send; }
//
// Per chat no time of length t sees more than burst + t * per_second messages, changes counted by
// their weight; the same over all chats. Taking is counted, asking too early is not. Pure: time is
// passed in and never goes back for one pacer. Not thread-safe.
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
  // 20 within any minute, as Telegram wants it: the burst and 60 s at this rate.
  Rate group = {.per_second = 0.25, .burst = 5};
};

// What a request takes, in messages.
inline constexpr double kMessageWeight = 1;
inline constexpr double kChangeWeight = 0.25;

// A token bucket, kept as the time at which it will be full.
class Bucket {
 public:
  // How long until so much of a token is there; zero: now.
  absl::Duration Wait(const Rate& rate, absl::Time now, double weight = kMessageWeight) const;
  void Take(const Rate& rate, absl::Time now, double weight = kMessageWeight);
  bool IsFull(absl::Time now) const { return full_at_ <= now; }

 private:
  absl::Time full_at_ = absl::InfinitePast();
};

class Pacer {
 public:
  explicit Pacer(PacingLimits limits) : limits_(limits) {}

  // Zero: go ahead, it is counted. Else how long to wait before asking again.
  // spare: what the chat has left afterwards, at least, so far as its burst allows.
  absl::Duration Take(int64_t chat_id, absl::Time now, double weight = kMessageWeight,
                      double spare = 0);

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
