#include "services/edge/telegram_gateway/delivery/pacing.h"

#include <algorithm>

namespace selfology::telegram_gateway {
namespace {

absl::Duration PerToken(const Rate& rate) { return absl::Seconds(1 / rate.per_second); }

}  // namespace

absl::Duration Bucket::Wait(const Rate& rate, absl::Time now) const {
  // With one token less than the burst missing there is still one to take.
  const absl::Duration missing = full_at_ - now;
  return std::max(absl::ZeroDuration(), missing - PerToken(rate) * (rate.burst - 1));
}

void Bucket::Take(const Rate& rate, absl::Time now) {
  full_at_ = std::max(full_at_, now) + PerToken(rate);
}

absl::Duration Pacer::Take(int64_t chat_id, absl::Time now) {
  if (chats_.size() >= forget_at_) ForgetFullOnes(now);
  Bucket& chat = chats_[chat_id];
  const absl::Duration wait = std::max(chat.Wait(limits_.chat, now), all_.Wait(limits_.all, now));
  if (wait > absl::ZeroDuration()) return wait;
  chat.Take(limits_.chat, now);
  all_.Take(limits_.all, now);
  return absl::ZeroDuration();
}

void Pacer::ForgetFullOnes(absl::Time now) {
  absl::erase_if(chats_, [now](const auto& entry) { return entry.second.IsFull(now); });
  forget_at_ = std::max<size_t>(1024, 2 * chats_.size());
}

}  // namespace selfology::telegram_gateway
