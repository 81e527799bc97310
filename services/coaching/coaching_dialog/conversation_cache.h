// Conversations in Redis, for an hour after the last change.
//
//   absl::StatusOr<std::optional<Kept>> kept = cache.Get(call, user_id);
//   (*kept)->conversation.state = ...;
//   ASSIGN_OR_RETURN(const bool stored, cache.Put(call, **kept));
//   if (!stored) ...                      // somebody else has changed it since Get: begin again
//
// Keys: fsm:state:{user_id} is the state's word (R001-18), fsm:data:{user_id} a hash with the rest.
//
// After a failure of Redis, its state may be outdated, even when it is back. So this replica marks
// the person as in doubt: until a newer state has been stored, the state in Redis counts as lost
// and is determined anew. No replica keeps a state of its own, because another replica may have
// stored a newer one.
//
// Errors: Redis's. Threads: thread-safe.
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
  // Since when the person is in doubt, as Get saw it.
  std::optional<absl::Time> doubted_since = {};
};

class ConversationCache {
 public:
  using Clock = std::function<absl::Time()>;

  // The client must outlive the cache.
  ConversationCache(redis::Client* redis, Clock clock) : redis_(*redis), clock_(std::move(clock)) {}

  absl::StatusOr<std::optional<Kept>> Get(const Call& call, int64_t user_id);

  // Stores it with a fresh updated_at. False: another version is there by now. An error: it may be
  // stored or not, and the person is in doubt.
  absl::StatusOr<bool> Put(const Call& call, Kept& kept);

  // Something has happened that Redis does not know of.
  void Doubt(int64_t user_id);

  // How many keys were there. After an error what Redis has is gone within the hour.
  absl::StatusOr<int64_t> Delete(const Call& call, int64_t user_id);

 private:
  absl::StatusOr<std::optional<Kept>> Read(const Call& call, int64_t user_id);
  absl::StatusOr<bool> Write(const Call& call, const Kept& kept, const std::string& next_version);
  // Since when; nullopt: the person is not in doubt.
  std::optional<absl::Time> DoubtedSince(int64_t user_id);
  void Settle(int64_t user_id, std::optional<absl::Time> doubted_since);
  std::string NewVersion();

  redis::Client& redis_;
  const Clock clock_;
  absl::Mutex mutex_;
  absl::BitGen random_ ABSL_GUARDED_BY(mutex_);
  absl::flat_hash_map<int64_t, absl::Time> doubted_ ABSL_GUARDED_BY(mutex_);
  // Everybody is: there were too many.
  absl::Time all_doubted_until_ ABSL_GUARDED_BY(mutex_) = absl::InfinitePast();
};

}  // namespace selfology::coaching_dialog
