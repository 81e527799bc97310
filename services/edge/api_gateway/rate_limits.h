// How often one caller may call one method over REST: the contract's rate_limit, counted in Redis for
// all replicas together; else the gateway's own limit, counted by each replica for itself.
//
//   const RateLimits::Verdict verdict = limits.Judge(call, method, caller_key, factor, now);
//   verdict.AddHeaders(response.headers);      // RateLimit, RateLimit-Policy
//   if (!verdict.error.ok()) return verdict.error;
//
// Errors: RATE_LIMITED (RESOURCE_EXHAUSTED) with when to come back; SERVICE_UNAVAILABLE where the
// contract says fail_closed and nothing can be counted.
// Thread-safe. Source of the headers: draft-ietf-httpapi-ratelimit-headers-11.
#pragma once

#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/http/message.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/resilience/rate_limiter.h"
#include "google/protobuf/descriptor.h"
#include "services/edge/api_gateway/local_window.h"

namespace selfology::api_gateway {

class RateLimits {
 public:
  // Both outlive it. `own`: requests a minute, 0 for none.
  RateLimits(redis::Client& redis, observe::Metrics& metrics, int own);

  struct Verdict {
    absl::Status error = absl::OkStatus();
    int limit = 0;  // A minute; 0: none.
    int remaining = 0;
    absl::Duration reset = absl::ZeroDuration();  // Until there is more.

    void AddHeaders(http::Headers& headers) const;
  };
  // factor: so many times the limits, by the caller's plan (plan_factors.h).
  Verdict Judge(const Call& call, const google::protobuf::MethodDescriptor& method,
                std::string_view caller, int factor, absl::Time now);

 private:
  // Plans are few, and so are limits.
  resilience::RateLimiter& Shared(int limit, int factor);

  redis::Client& redis_;
  observe::Metrics& metrics_;
  absl::Mutex mutex_;
  std::map<std::pair<int, int>, std::unique_ptr<resilience::RateLimiter>> shared_
      ABSL_GUARDED_BY(mutex_);
  const int own_limit_;
  LocalWindow own_;
};

}  // namespace selfology::api_gateway
