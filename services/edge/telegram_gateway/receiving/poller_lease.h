// Decides which replica polls: Telegram gives updates to one poller at a time, so only the replica
// that holds a lease in Redis polls.
//
//   PollerLease lease(&redis, "selfology:telegram_gateway:poller:42", replica);
//   mesh.Run("poller_lease", [&lease](service::StopSignal& stop) { lease.Run(stop); });
//   if (lease.held()) Poll();
//
// A replica that dies leaves the lease for 10 s at most; one that stops gives it back. While Redis
// is unavailable every replica may poll: Telegram then answers all but one with 409, and each
// update is still handled once. Threads: thread-safe.
#pragma once

#include <atomic>
#include <string>

#include "common/redis/client.h"
#include "common/redis/lease.h"
#include "common/service/stop_signal.h"

namespace selfology::telegram_gateway {

class PollerLease {
 public:
  // redis outlives it. `replica`: unique.
  PollerLease(redis::Client* redis, std::string key, std::string replica);

  // Keeps the lease whenever it can be had, until stopped.
  void Run(service::StopSignal& stop);

  bool held() const { return held_; }

 private:
  const redis::Lease lease_;
  std::atomic<bool> held_ = false;
};

}  // namespace selfology::telegram_gateway
