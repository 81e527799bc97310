// How much one person may do with one bot: 30 messages in 60 s (R000-17), and beside that 120
// buttons and reactions, which are quickly made and tell nothing new.
//
//   if (const auto wait = limits.Wait(call, user_id, act)) Refuse(*wait);
//
// That somebody leaves always counts. Errors: none; without Redis all is let through
// (common/resilience/rate_limiter.h). Threads: thread-safe.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/resilience/rate_limiter.h"
#include "services/edge/telegram_gateway/routing/route.h"

namespace selfology::telegram_gateway {

enum class RateClass { kWords, kTaps, kFree };

// Pure.
RateClass RateClassOf(const Act& act);

class RateLimits {
 public:
  // Both outlive it.
  RateLimits(redis::Client& redis, observe::Metrics& metrics, int64_t bot_id);

  // Counts it. How long to wait, if it is too much.
  std::optional<absl::Duration> Wait(const Call& call, int64_t user_id, const Act& act);

 private:
  const int64_t bot_id_;
  resilience::RateLimiter words_;
  resilience::RateLimiter taps_;
};

}  // namespace selfology::telegram_gateway
