// So many requests a window, per key, shared by all replicas: a sliding window kept in Redis.
//
//   resilience::RateLimiter limiter(&redis, {.metrics = &metrics});
//   resilience::RateLimiter::Decision decision = limiter.Allow(call, absl::StrCat(user_id));
//   if (!decision.allowed) return TooFast(decision.retry_after);
//
// No window of 60 s, wherever it begins, holds more than 30 allowed requests. Each request counts
// by itself, also several of the same instant. Refused ones do not count, so hammering does not
// prolong the wait.
//
// One Lua script decides atomically on the sorted set rate_limit:user:{key} (R000-17), with
// microseconds since 1970 as scores and members that are unique. The time is the Redis server's, so
// the replicas' clocks need not agree.
//
// Errors: none. As R000-17 asks, it fails open: when Redis does not answer within `timeout` the
// request is allowed, `degraded` is set, and rate_limiter_failed_open_total counts it.
//
// 30 in 60 s is R000-17. Threads: thread-safe.
#pragma once

#include <atomic>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"

namespace selfology::resilience {

class RateLimiter {
 public:
  struct Options {
    int limit = 30;
    absl::Duration window = absl::Seconds(60);
    std::string prefix = "rate_limit:user:";
    absl::Duration timeout = absl::Milliseconds(250);  // What Redis may cost a request at most.
    std::function<absl::Time()> clock = {};            // Empty: the Redis server's.
    observe::Metrics* metrics = nullptr;               // Outlives the limiter; null: none.
  };

  struct Decision {
    bool allowed = true;
    bool degraded = false;  // Redis did not answer; the request is allowed (fail open).
    int remaining = 0;      // Further requests that would be allowed now.
    // When refused: how long until one will be allowed.
    absl::Duration retry_after = absl::ZeroDuration();
  };

  // redis outlives the limiter.
  RateLimiter(redis::Client* redis, Options options);

  Decision Allow(const Call& call, std::string_view key);

 private:
  absl::StatusOr<Decision> Ask(const Call& call, std::string_view key);

  redis::Client* const redis_;
  const Options options_;
  const observe::Counter allowed_;
  const observe::Counter refused_;
  const observe::Counter failed_open_;
  const uint64_t nonce_;  // Makes members of different limiters differ.
  std::atomic<uint64_t> sequence_{0};
  std::atomic<bool> degraded_{false};  // So that an outage is logged once, not per request.
};

}  // namespace selfology::resilience
