#include "common/resilience/cache.h"

#include <algorithm>
#include <optional>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/observe/log.h"

namespace selfology::resilience {
namespace {

// KEYS: value, token. ARGV: a new token, its life in ms, "1" to disregard what is stored.
// Gives the value, or nil after leaving the token: its holder may store.
const redis::Script& LookOrClaim() {
  static const auto* const script = new redis::Script(R"lua(
    local value = ARGV[3] ~= '1' and redis.call('GET', KEYS[1])
    if value then return value end
    redis.call('SET', KEYS[2], ARGV[1], 'PX', ARGV[2])
    return false
  )lua");
  return *script;
}

// KEYS: value, token. ARGV: the token, the value, its life in ms.
const redis::Script& StoreIfClaimed() {
  static const auto* const script = new redis::Script(R"lua(
    if redis.call('GET', KEYS[2]) ~= ARGV[1] then return 0 end
    redis.call('SET', KEYS[1], ARGV[2], 'PX', ARGV[3])
    redis.call('DEL', KEYS[2])
    return 1
  )lua");
  return *script;
}

// Longer than any call may take to load; then the token is forgotten.
constexpr absl::Duration kLongestLoad = absl::Minutes(5);

observe::Counter Results(const CacheOptions& options, std::string_view result) {
  if (options.metrics == nullptr) return {};
  return options.metrics->Counter("cache_requests_total", "Cache look-ups, by result",
                                  {{"cache", options.name}, {"result", std::string(result)}});
}

std::string NewToken() {
  absl::BitGen random;
  return absl::StrCat(absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16),
                      absl::Hex(absl::Uniform<uint64_t>(random), absl::kZeroPad16));
}

// The loading thread's own troubles, which say nothing about the value.
bool IsOfTheCallAlone(const absl::Status& status) {
  return status.code() == absl::StatusCode::kCancelled ||
         status.code() == absl::StatusCode::kDeadlineExceeded;
}

}  // namespace

// One load that several threads wait for.
struct ByteCache::Flight {
  bool landed = false;
  absl::StatusOr<std::string> result = absl::UnknownError("still loading");
};

struct ByteCache::Found {
  bool redis_answered = false;
  std::optional<std::string> value = std::nullopt;
};

ByteCache::ByteCache(redis::Client* redis, CacheOptions options)
    : redis_(redis),
      options_(std::move(options)),
      hits_(Results(options_, "hit")),
      misses_(Results(options_, "miss")),
      bypasses_(Results(options_, "bypass")) {}

absl::StatusOr<std::string> ByteCache::Get(
    const Call& call, std::string_view key, const Loader& load,
    const std::function<bool(const std::string&)>& acceptable) {
  while (true) {
    std::shared_ptr<Flight> flight;
    {
      absl::MutexLock lock(&mutex_);
      std::shared_ptr<Flight>& current = flights_[key];
      if (current != nullptr) {
        flight = current;
        if (!mutex_.AwaitWithDeadline(absl::Condition(&flight->landed), call.deadline())) {
          return absl::DeadlineExceededError("cached value was still being loaded");
        }
        if (IsOfTheCallAlone(flight->result.status())) continue;
        return flight->result;
      }
      flight = current = std::make_shared<Flight>();
    }
    absl::StatusOr<std::string> result = LoadAndStore(call, key, load, acceptable);
    absl::MutexLock lock(&mutex_);
    flight->result = result;
    flight->landed = true;
    const auto current = flights_.find(key);
    if (current != flights_.end() && current->second == flight) flights_.erase(current);
    return result;
  }
}

absl::Status ByteCache::Invalidate(const Call& call, std::string_view key) {
  const absl::Status status =
      redis_->Command(call.WithTimeout(options_.timeout), {"DEL", ValueKey(key), TokenKey(key)})
          .status();
  // Afterwards, so that a flight which found the value just before it was deleted goes as well.
  absl::MutexLock lock(&mutex_);
  flights_.erase(key);
  return status;
}

absl::StatusOr<std::string> ByteCache::LoadAndStore(
    const Call& call, std::string_view key, const Loader& load,
    const std::function<bool(const std::string&)>& acceptable) {
  const std::string token = NewToken();
  Found found = Look(call, key, token, /*disregard=*/false);
  if (found.value.has_value()) {
    if (acceptable(*found.value)) {
      hits_.Increment();
      return *std::move(found.value);
    }
    observe::Warning("cached value is malformed; ignored", {{"cache", options_.name}});
    found = Look(call, key, token, /*disregard=*/true);
  }
  (found.redis_answered ? misses_ : bypasses_).Increment();
  absl::StatusOr<std::string> loaded = load();
  if (loaded.ok() && found.redis_answered) Store(call, key, token, *loaded);
  return loaded;
}

ByteCache::Found ByteCache::Look(const Call& call, std::string_view key, const std::string& token,
                                 bool disregard) {
  const int64_t token_life_ms =
      absl::ToInt64Milliseconds(std::clamp(call.Remaining(), absl::Seconds(1), kLongestLoad));
  absl::StatusOr<redis::Reply> reply =
      redis_->Eval(call.WithTimeout(options_.timeout), LookOrClaim(),
                   {ValueKey(key), TokenKey(key)}, {token, token_life_ms, disregard ? 1 : 0});
  if (!reply.ok()) return {};
  if (reply->is_nil()) return {.redis_answered = true};
  absl::StatusOr<std::string> value = (*std::move(reply)).TakeString();
  if (!value.ok()) return {};
  return {.redis_answered = true, .value = *std::move(value)};
}

void ByteCache::Store(const Call& call, std::string_view key, const std::string& token,
                      const std::string& value) {
  // Whether it was stored matters to nobody: the next one to miss loads again.
  redis_
      ->Eval(call.WithTimeout(options_.timeout), StoreIfClaimed(), {ValueKey(key), TokenKey(key)},
             {token, value, absl::ToInt64Milliseconds(options_.ttl)})
      .IgnoreError();
}

std::string ByteCache::ValueKey(std::string_view key) const {
  return absl::StrCat("cache:", options_.name, ":", key);
}

std::string ByteCache::TokenKey(std::string_view key) const {
  return absl::StrCat("cache_token:", options_.name, ":", key);
}

}  // namespace selfology::resilience
