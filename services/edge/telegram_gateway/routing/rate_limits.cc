#include "services/edge/telegram_gateway/routing/rate_limits.h"

#include <variant>

#include "absl/strings/str_cat.h"

namespace selfology::telegram_gateway {
namespace {

constexpr int kTaps = 120;

}  // namespace

RateClass RateClassOf(const Act& act) {
  if (std::holds_alternative<Press>(act) || std::holds_alternative<Reacted>(act)) {
    return RateClass::kTaps;
  }
  return std::holds_alternative<Left>(act) ? RateClass::kFree : RateClass::kWords;
}

RateLimits::RateLimits(redis::Client& redis, observe::Metrics& metrics, int64_t bot_id)
    : bot_id_(bot_id),
      words_(&redis, {.metrics = &metrics}),
      taps_(&redis, {.limit = kTaps, .prefix = "rate_limit:taps:", .metrics = &metrics}) {}

std::optional<absl::Duration> RateLimits::Wait(const Call& call, int64_t user_id, const Act& act) {
  const RateClass rate_class = RateClassOf(act);
  if (rate_class == RateClass::kFree) return std::nullopt;
  resilience::RateLimiter& limiter = rate_class == RateClass::kTaps ? taps_ : words_;
  const auto decision = limiter.Allow(call, absl::StrCat(bot_id_, ":", user_id));
  if (decision.allowed) return std::nullopt;
  return decision.retry_after;
}

}  // namespace selfology::telegram_gateway
