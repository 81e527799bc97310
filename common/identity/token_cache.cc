#include "common/identity/token_cache.h"

#include <algorithm>
#include <utility>

#include "absl/container/flat_hash_map.h"
#include "openssl/sha.h"

namespace selfology::identity {

TokenCache::TokenCache(size_t capacity)
    : capacity_of_shard_(std::max<size_t>(1, capacity / kShards)) {}

TokenCache::Hash TokenCache::HashOf(std::string_view token) {
  Hash hash;
  static_assert(sizeof(hash) == SHA256_DIGEST_LENGTH);
  SHA256(reinterpret_cast<const unsigned char*>(token.data()), token.size(), hash.data());
  return hash;
}

std::shared_ptr<const Caller> TokenCache::Find(std::string_view token, absl::Time now) {
  const Hash hash = HashOf(token);
  Shard& shard = ShardOf(hash);
  absl::MutexLock lock(&shard.mutex);
  const auto found = shard.entries.find(hash);
  if (found == shard.entries.end()) return nullptr;
  if (now >= found->second.until) {
    shard.entries.erase(found);
    return nullptr;
  }
  found->second.used = true;
  return found->second.caller;
}

void TokenCache::Remember(std::string_view token, std::shared_ptr<const Caller> caller,
                          absl::Time until) {
  const Hash hash = HashOf(token);
  Shard& shard = ShardOf(hash);
  absl::MutexLock lock(&shard.mutex);
  if (shard.entries.size() >= capacity_of_shard_ && !shard.entries.contains(hash)) MakeRoom(shard);
  shard.entries[hash] = {.caller = std::move(caller), .until = until, .used = true};
}

void TokenCache::MakeRoom(Shard& shard) {
  const size_t keep = capacity_of_shard_ / 2;
  size_t surplus = shard.entries.size() - keep;
  for (const bool spare_used : {true, false}) {
    absl::erase_if(shard.entries, [&](const auto& entry) {
      if (surplus == 0 || (spare_used && entry.second.used)) return false;
      --surplus;
      return true;
    });
  }
  for (auto& [hash, entry] : shard.entries) entry.used = false;
}

void TokenCache::Forget(const std::function<bool(const Caller&)>& which) {
  for (Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    absl::erase_if(shard.entries, [&](const auto& entry) { return which(*entry.second.caller); });
  }
}

size_t TokenCache::size() const {
  size_t size = 0;
  for (const Shard& shard : shards_) {
    absl::MutexLock lock(&shard.mutex);
    size += shard.entries.size();
  }
  return size;
}

}  // namespace selfology::identity
