// Conversations as Redis keeps them, for an hour after the last change; in the process's own memory
// while Redis cannot.
//
//   std::optional<Kept> kept = cache.Get(call, user_id);
//   kept->conversation.state = ...;
//   if (!cache.Put(call, *kept)) ...   // somebody else has changed it since Get: begin again
//
// Keys: fsm:state:{user_id} is the state's word (spec 001), fsm:data:{user_id} a hash with the
// rest. When Redis fails, Put keeps the conversation here; as long as it is here it is newer than
// what Redis has, and Get goes by it, unless the person was erased since, by whichever replica.
// Errors: only Delete's; whatever else is lost can be worked out anew. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <functional>
#include <optional>
#include <string>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/random/random.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/redis/client.h"
#include "services/coaching/coaching_dialog/conversation.h"

namespace selfology::coaching_dialog {

// What Get gives. A conversation with state UNSPECIFIED is one whose state was forgotten.
struct Kept {
  Conversation conversation;
  std::string version = {};  // Of what it was read from; empty: nothing was there.
};

class ConversationCache {
 public:
  using Clock = std::function<absl::Time()>;

  // Until when the person's data were erased; InfinitePast: never.
  using ErasedAt = std::function<absl::StatusOr<absl::Time>(const Call& call, int64_t user_id)>;

  // redis outlives it.
  ConversationCache(redis::Client* redis, Clock clock, ErasedAt erased_at)
      : redis_(*redis), clock_(std::move(clock)), erased_at_(std::move(erased_at)) {}

  std::optional<Kept> Get(const Call& call, int64_t user_id);

  // Stores it with a fresh updated_at, unless another version is there by now.
  bool Put(const Call& call, Kept& kept);

  // How many keys were there. Errors: Redis's; then what it has is gone within the hour.
  absl::StatusOr<int64_t> Delete(const Call& call, int64_t user_id);

 private:
  absl::StatusOr<std::optional<Kept>> Read(const Call& call, int64_t user_id);
  absl::StatusOr<bool> Write(const Call& call, const Kept& kept,
                             const std::string& expected_version, const std::string& next_version);
  // What is kept here; nullopt: Redis has the latest.
  std::optional<Kept> Remembered(const Call& call, int64_t user_id);
  bool Remember(Kept& kept, std::string next_version);
  std::string NewVersion();

  redis::Client& redis_;
  const Clock clock_;
  const ErasedAt erased_at_;
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  // Only what Redis did not take.
  absl::flat_hash_map<int64_t, Kept> memory_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::coaching_dialog
