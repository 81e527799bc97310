#include "services/edge/telegram_gateway/delivery/pacing.h"

#include <algorithm>

namespace selfology::telegram_gateway {
namespace {

absl::Duration PerToken(const Rate& rate) { return absl::Seconds(1 / rate.per_second); }

}  // namespace

absl::Duration Bucket::Wait(const Rate& rate, absl::Time now, double weight) const {
  // With that much less than the burst missing it is still there to take.
  const absl::Duration missing = full_at_ - now;
  return std::max(absl::ZeroDuration(), missing - PerToken(rate) * (rate.burst - weight));
}

void Bucket::Take(const Rate& rate, absl::Time now, double weight) {
  full_at_ = std::max(full_at_, now) + PerToken(rate) * weight;
}

absl::Duration Pacer::Take(int64_t chat_id, absl::Time now, double weight, double spare) {
  if (chats_.size() >= forget_at_) ForgetFullOnes(now);
  const Rate& rate = chat_id < 0 ? limits_.group : limits_.chat;
  Bucket& chat = chats_[chat_id];
  const double needed = std::max(weight, std::min<double>(rate.burst, weight + spare));
  const absl::Duration wait =
      std::max(chat.Wait(rate, now, needed), all_.Wait(limits_.all, now, weight));
  if (wait > absl::ZeroDuration()) return wait;
  chat.Take(rate, now, weight);
  all_.Take(limits_.all, now, weight);
  return absl::ZeroDuration();
}

void Pacer::ForgetFullOnes(absl::Time now) {
  absl::erase_if(chats_, [now](const auto& entry) { return entry.second.IsFull(now); });
  forget_at_ = std::max<size_t>(1024, 2 * chats_.size());
}

}  // namespace selfology::telegram_gateway
