// Who is connected, to whichever replica: kept in Redis while their replica says so.
//
//   Presence presence(mesh.redis(), mesh.settings().replica);
//   presence.Add(user_id, socket_id);
//   presence.Remove(user_id, socket_id);
//   mesh.Run("rt_presence", [&](auto& stop) { presence.Run(stop); });
//   ASSIGN_OR_RETURN(std::vector<int64_t> counts, presence.Count(call, {7, 8}));
//
// A connection counts for kLasting after its replica last said so, which it does every kRefresh: so
// what a replica that crashed had goes by itself, and what a Redis that was emptied lost comes back.
//
// Errors: Count gives those of Redis. Add and Remove give none and do not wait. Threads: thread-safe.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_set.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/redis/client.h"
#include "common/service/stop_signal.h"

namespace selfology::realtime {

class Presence {
 public:
  static constexpr absl::Duration kRefresh = absl::Seconds(20);
  static constexpr absl::Duration kLasting = absl::Seconds(60);

  // replica: tells this one's connections from those of others.
  Presence(redis::Client& redis, std::string replica)
      : redis_(redis), replica_(std::move(replica)) {}

  void Add(int64_t user_id, std::string_view connection);
  void Remove(int64_t user_id, std::string_view connection);

  // How many connections each of them has.
  absl::StatusOr<std::vector<int64_t>> Count(const Call& call,
                                             const std::vector<int64_t>& users) const;
  // Nobody knows any more that the person was here.
  absl::Status Forget(const Call& call, int64_t user_id) const;

  void Run(service::StopSignal& stop);

 private:
  using Connection = std::pair<int64_t, std::string>;  // The person's, and its id in Redis.

  absl::Status Say(const std::vector<Connection>& here, const std::vector<Connection>& gone) const;

  redis::Client& redis_;
  const std::string replica_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  absl::flat_hash_set<Connection> here_ ABSL_GUARDED_BY(mutex_);
  std::vector<Connection> come_ ABSL_GUARDED_BY(mutex_);  // Not said yet.
  std::vector<Connection> gone_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::realtime
