// Tokens that were checked before, so that the next request with one costs a hash and a look.
//
//   TokenCache seen(/*capacity=*/100'000);
//   if (auto caller = seen.Find(token, now); caller != nullptr) return caller;
//   seen.Remember(token, caller, /*until=*/caller->expires_at);
//
// Holds SHA-256 of tokens and never a token. What is full forgets half of what it holds, those first
// that were not asked for lately. Whether a token was revoked is asked beside it, each time
// (revocations.h).
// Threads: thread-safe.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/identity/caller.h"

namespace selfology::identity {

class TokenCache {
 public:
  // capacity: at least 16, a few hundred bytes each.
  explicit TokenCache(size_t capacity);

  // Null: not known, or not any more.
  std::shared_ptr<const Caller> Find(std::string_view token, absl::Time now);
  void Remember(std::string_view token, std::shared_ptr<const Caller> caller, absl::Time until);
  // Those whose caller it says yes to.
  void Forget(const std::function<bool(const Caller&)>& which);

  size_t size() const;

 private:
  using Hash = std::array<uint8_t, 32>;
  struct Entry {
    std::shared_ptr<const Caller> caller;
    absl::Time until;
    bool used = false;  // Since others were forgotten last.
  };
  // Several, so that threads seldom meet.
  struct Shard {
    mutable absl::Mutex mutex;
    absl::flat_hash_map<Hash, Entry> entries ABSL_GUARDED_BY(mutex);
  };
  static constexpr size_t kShards = 16;

  static Hash HashOf(std::string_view token);
  Shard& ShardOf(const Hash& hash) { return shards_[hash[0] % kShards]; }
  void MakeRoom(Shard& shard) ABSL_EXCLUSIVE_LOCKS_REQUIRED(shard.mutex);

  const size_t capacity_of_shard_;
  std::array<Shard, kShards> shards_;
};

}  // namespace selfology::identity
