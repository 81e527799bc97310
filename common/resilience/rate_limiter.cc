#include "common/resilience/rate_limiter.h"

#include <utility>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/types/span.h"
#include "common/observe/log.h"
#include "common/status/status_macros.h"

namespace selfology::resilience {
namespace {

// KEYS: the set. ARGV: limit, window in µs, a member of its own, and optionally the time in µs.
// Gives: 1 if allowed, what remains, µs until one will be allowed. Microseconds since 1970 stay
// well below 2^53, so Lua's numbers and Redis's scores hold them exactly.
const redis::Script& Window() {
  static const auto* const script = new redis::Script(R"lua(
    local limit, window, now = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[4])
    if not now then
      local time = redis.call('TIME')
      now = time[1] * 1000000 + time[2]
    end
    redis.call('ZREMRANGEBYSCORE', KEYS[1], '-inf', now - window)
    local count = redis.call('ZCARD', KEYS[1])
    if count >= limit then
      -- More than `limit` after the limit was lowered: that many must leave first.
      local last = redis.call('ZRANGE', KEYS[1], count - limit, count - limit, 'WITHSCORES')
      return {0, 0, last[2] + window - now}
    end
    redis.call('ZADD', KEYS[1], now, ARGV[3])
    redis.call('PEXPIRE', KEYS[1], math.ceil(window / 1000))
    return {1, limit - count - 1, 0}
  )lua");
  return *script;
}

observe::Counter Decisions(const RateLimiter::Options& options, std::string_view decision) {
  if (options.metrics == nullptr) return {};
  return options.metrics->Counter(
      "rate_limiter_decisions_total", "Requests checked by a rate limiter, by decision",
      {{"limiter", options.prefix}, {"decision", std::string(decision)}});
}

}  // namespace

RateLimiter::RateLimiter(redis::Client* redis, Options options)
    : redis_(redis),
      options_(std::move(options)),
      allowed_(Decisions(options_, "allowed")),
      refused_(Decisions(options_, "refused")),
      failed_open_(options_.metrics == nullptr
                       ? observe::Counter()
                       : options_.metrics->Counter("rate_limiter_failed_open_total",
                                                   "Requests allowed because Redis did not answer",
                                                   {{"limiter", options_.prefix}})),
      nonce_(absl::Uniform<uint64_t>(absl::BitGen())) {}

RateLimiter::Decision RateLimiter::Allow(const Call& call, std::string_view key) {
  absl::StatusOr<Decision> decision = Ask(call.WithTimeout(options_.timeout), key);
  if (!decision.ok()) {
    failed_open_.Increment();
    if (!degraded_.exchange(true)) {
      observe::Warning(observe::Category::kSecurity,
                       "rate limiter cannot reach Redis; allowing all requests",
                       {{"limiter", options_.prefix}, {"status", decision.status()}});
    }
    return {.allowed = true, .degraded = true};
  }
  if (degraded_.exchange(false)) {
    observe::Info(observe::Category::kSecurity, "rate limiter recovered",
                  {{"limiter", options_.prefix}});
  }
  (decision->allowed ? allowed_ : refused_).Increment();
  return *decision;
}

absl::StatusOr<RateLimiter::Decision> RateLimiter::Ask(const Call& call, std::string_view key) {
  const std::string member =
      absl::StrCat(absl::Hex(nonce_, absl::kZeroPad16), ":", sequence_.fetch_add(1));
  redis::Args args{options_.limit, absl::ToInt64Microseconds(options_.window), member};
  if (options_.clock) args.Add(absl::ToUnixMicros(options_.clock()));
  ASSIGN_OR_RETURN(const redis::Reply reply,
                   redis_->Eval(call, Window(), {absl::StrCat(options_.prefix, key)}, args));
  ASSIGN_OR_RETURN(const absl::Span<const redis::Reply> fields, reply.Array());
  if (fields.size() != 3) return absl::InternalError("rate limiter: not three fields");
  ASSIGN_OR_RETURN(const int64_t allowed, fields[0].Integer());
  ASSIGN_OR_RETURN(const int64_t remaining, fields[1].Integer());
  ASSIGN_OR_RETURN(const int64_t retry_after, fields[2].Integer());
  return Decision{.allowed = allowed == 1,
                  .remaining = static_cast<int>(remaining),
                  .retry_after = absl::Microseconds(retry_after)};
}

}  // namespace selfology::resilience
