// Tells other replicas that there is something new in a person's log.
//
//   Hints hints(mesh.redis(), [&](int64_t user_id) { delivery.Hint(user_id); });
//   mesh.Run("rt_hints_out", [&](auto& stop) { hints.Send(stop); });
//   mesh.Run("rt_hints_in", [&](auto& stop) { hints.Receive(stop); });
//   hints.Tell(user_id);
//
// They go through one short stream in Redis, gathered while one is under way. Nothing depends on
// them: one that is lost only makes an event late (delivery.h). This replica hears its own, too.
//
// Threads: Tell from any, and it never blocks.
#pragma once

#include <cstdint>
#include <functional>
#include <set>
#include <string>
#include <string_view>
#include <utility>

#include "absl/base/thread_annotations.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "common/redis/client.h"
#include "common/service/stop_signal.h"

namespace selfology::realtime {

class Hints {
 public:
  Hints(redis::Client& redis, std::function<void(int64_t user_id)> hear)
      : redis_(redis), hear_(std::move(hear)) {}

  void Tell(int64_t user_id);

  void Send(service::StopSignal& stop);
  void Receive(service::StopSignal& stop);

 private:
  absl::StatusOr<std::string> LastEntry() const;
  void Take(std::string_view users) const;

  redis::Client& redis_;
  const std::function<void(int64_t)> hear_;
  absl::Mutex mutex_;
  bool stopping_ ABSL_GUARDED_BY(mutex_) = false;
  std::set<int64_t> users_ ABSL_GUARDED_BY(mutex_);
};

}  // namespace selfology::realtime
