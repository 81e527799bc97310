// Remembers in Redis, for a while, what is costly to find out.
//
//   resilience::Cache<Profile> profiles(&redis, {.name = "profile", .ttl = absl::Hours(1)});
//   ASSIGN_OR_RETURN(Profile profile, profiles.Get(call, id, [&] { return Load(call, id); }));
//   ...
//   RETURN_IF_ERROR(profiles.Invalidate(call, id));   // after the change has committed
//
// Values are protobuf messages, stored as bytes under cache:{name}:{key}. Never more than a cache:
// when Redis is down or slow (`timeout`) or holds something unreadable, the loader is asked; its
// errors are not stored.
//
// A slow load cannot bring back what was invalidated meanwhile: a miss leaves a token, Invalidate
// takes it away, and only the holder of the token may store.
//
// Of the threads of one process that ask for the same key at once, one looks and loads and the
// others share what it got, also an error, unless it ran out of its own time or was cancelled. So a
// value may be as old as the load it came from.
//
// When Invalidate fails, the old value may live until its ttl: let the caller try again.
//
// Metric: cache_requests_total{cache, result=hit|miss|bypass}. Threads: thread-safe.
#pragma once

#include <functional>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/observe/metrics.h"
#include "common/redis/client.h"
#include "common/status/status_macros.h"

namespace selfology::resilience {

struct CacheOptions {
  std::string name = {};  // A fixed word; names the keys and the metric's label.
  absl::Duration ttl = absl::Hours(1);
  absl::Duration timeout = absl::Milliseconds(250);  // What one Redis operation may cost at most.
  observe::Metrics* metrics = nullptr;               // Outlives the cache; null: none.
};

// The cache of bytes beneath Cache<Message>.
class ByteCache {
 public:
  using Loader = std::function<absl::StatusOr<std::string>()>;

  // redis outlives the cache.
  ByteCache(redis::Client* redis, CacheOptions options);

  // acceptable: whether stored bytes can be read; if not, they count as missing.
  absl::StatusOr<std::string> Get(const Call& call, std::string_view key, const Loader& load,
                                  const std::function<bool(const std::string&)>& acceptable);
  absl::Status Invalidate(const Call& call, std::string_view key);

 private:
  struct Flight;
  struct Found;

  absl::StatusOr<std::string> LoadAndStore(
      const Call& call, std::string_view key, const Loader& load,
      const std::function<bool(const std::string&)>& acceptable);
  // disregard: what is stored cannot be read.
  Found Look(const Call& call, std::string_view key, const std::string& token, bool disregard);
  void Store(const Call& call, std::string_view key, const std::string& token,
             const std::string& value);
  std::string ValueKey(std::string_view key) const;
  std::string TokenKey(std::string_view key) const;

  redis::Client* const redis_;
  const CacheOptions options_;
  const observe::Counter hits_;
  const observe::Counter misses_;
  const observe::Counter bypasses_;

  absl::Mutex mutex_;
  absl::flat_hash_map<std::string, std::shared_ptr<Flight>> flights_ ABSL_GUARDED_BY(mutex_);
};

template <typename Message>
class Cache {
 public:
  Cache(redis::Client* redis, CacheOptions options) : bytes_(redis, std::move(options)) {}

  // load() -> absl::StatusOr<Message>.
  template <typename Load>
  absl::StatusOr<Message> Get(const Call& call, std::string_view key, Load&& load) {
    ASSIGN_OR_RETURN(std::string bytes, bytes_.Get(
                                            call, key,
                                            [&]() -> absl::StatusOr<std::string> {
                                              ASSIGN_OR_RETURN(Message loaded, load());
                                              return loaded.SerializeAsString();
                                            },
                                            [](const std::string& stored) {
                                              return Message().ParseFromString(stored);
                                            }));
    Message message;
    if (!message.ParseFromString(bytes)) return absl::InternalError("cached value does not parse");
    return message;
  }

  absl::Status Invalidate(const Call& call, std::string_view key) {
    return bytes_.Invalidate(call, key);
  }

 private:
  ByteCache bytes_;
};

}  // namespace selfology::resilience
