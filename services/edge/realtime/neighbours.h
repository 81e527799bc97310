// Requests of polling devices that come to a replica which does not have their session: passed on to
// the one that has, by HTTP, as they are.
//
//   Neighbours neighbours(mesh.redis(), mesh.http(), "replica-1");
//   mesh.Run("rt_neighbours", [&](auto& stop) { neighbours.Announce("10.0.0.7:5008", stop); });
//   engine_options.forward = [&](auto&&... arguments) { neighbours.Forward(arguments...); };
//
// Each replica keeps its address in Redis while it is there. A device whose replica is gone, or
// cannot be found, is told that its session is unknown: it begins another with its offset.
//
// Each request that waits over there holds a thread here; beyond kMaxWaiting they wait for one. So
// balancers had better keep a device's requests together; WebSockets are together by nature.
// Threads: thread-safe; Forward does not block.
#pragma once

#include <memory>
#include <string>
#include <string_view>
#include <utility>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/executor/worker_pool.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "common/redis/client.h"
#include "common/service/stop_signal.h"

namespace selfology::realtime {

class Neighbours {
 public:
  static constexpr int kMaxWaiting = 128;

  Neighbours(redis::Client& redis, http::Client& http, std::string replica)
      : redis_(redis), http_(http), replica_(std::move(replica)), workers_(kMaxWaiting) {}
  ~Neighbours() { Stop(); }

  // address: where the others reach this one, "10.0.0.7:5008".
  void Announce(const std::string& address, service::StopSignal& stop) const;

  void Forward(const http::Request& request, std::string_view replica,
               std::shared_ptr<http::Responder> responder);

  void Stop() { workers_.Stop(); }

 private:
  absl::StatusOr<http::Response> Ask(const Call& call, const http::Request& request,
                                     const std::string& replica) const;

  redis::Client& redis_;
  http::Client& http_;
  const std::string replica_;
  executor::WorkerPool workers_;
};

}  // namespace selfology::realtime
