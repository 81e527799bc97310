#include "services/edge/api_gateway/rate_limits.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"
#include "selfology/mesh/v1/options.pb.h"

namespace selfology::api_gateway {
namespace {

using google::protobuf::MethodDescriptor;

constexpr absl::Duration kWindow = absl::Minutes(1);

const mesh::v1::RateLimit& LimitOf(const MethodDescriptor& method) {
  return method.options().GetExtension(mesh::v1::rate_limit);
}

absl::Status TooMany(absl::Duration retry_after) {
  return status::WithRetryAfter(
      status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "too many requests"), retry_after);
}

}  // namespace

RateLimits::RateLimits(redis::Client& redis, observe::Metrics& metrics, int own)
    : redis_(redis), metrics_(metrics), own_limit_(own), own_(own) {}

resilience::RateLimiter& RateLimits::Shared(int limit, int factor) {
  absl::MutexLock lock(&mutex_);
  std::unique_ptr<resilience::RateLimiter>& shared = shared_[{limit, factor}];
  if (shared == nullptr) {
    // What a person called counts, whatever plan they had then.
    shared = std::make_unique<resilience::RateLimiter>(
        &redis_,
        resilience::RateLimiter::Options{.limit = limit * factor,
                                         .window = kWindow,
                                         .prefix = absl::StrCat("rate_limit:rest:", limit, ":"),
                                         .metrics = &metrics_});
  }
  return *shared;
}

RateLimits::Verdict RateLimits::Judge(const Call& call, const MethodDescriptor& method,
                                      std::string_view caller, int factor, absl::Time now) {
  const std::string key = absl::StrCat(method.full_name(), ":", caller);
  const mesh::v1::RateLimit& limit = LimitOf(method);
  if (limit.per_minute() > 0) {
    const auto decision = Shared(limit.per_minute(), factor).Allow(call, key);
    Verdict verdict = {
        .limit = limit.per_minute() * factor, .remaining = decision.remaining, .reset = kWindow};
    if (decision.degraded && limit.fail_closed()) {
      verdict.error = status::WithRetryAfter(
          status::Error(mesh::v1::ERROR_CODE_SERVICE_UNAVAILABLE, "requests cannot be counted"),
          absl::Seconds(5));
    } else if (!decision.allowed) {
      verdict.reset = decision.retry_after;
      verdict.error = TooMany(decision.retry_after);
    }
    return verdict;
  }
  if (own_limit_ == 0) return {};
  const LocalWindow::Decision decision = own_.Allow(key, now, factor);
  Verdict verdict = {
      .limit = own_limit_ * factor, .remaining = decision.remaining, .reset = kWindow};
  if (!decision.allowed) {
    verdict.reset = decision.retry_after;
    verdict.error = TooMany(decision.retry_after);
  }
  return verdict;
}

void RateLimits::Verdict::AddHeaders(http::Headers& headers) const {
  if (limit == 0) return;
  const int64_t seconds = absl::ToInt64Seconds(absl::Ceil(reset, absl::Seconds(1)));
  headers.Set("RateLimit-Policy",
              absl::StrCat("\"default\";q=", limit, ";w=", absl::ToInt64Seconds(kWindow)));
  headers.Set("RateLimit", absl::StrCat("\"default\";r=", remaining, ";t=", seconds));
}

}  // namespace selfology::api_gateway
