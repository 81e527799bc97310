// Which replica of a consumer group reads which partitions.
//
// Every replica keeps a heartbeat in a sorted set of the group's members and takes the partitions
// that fall to it when they are dealt out in turn over the members in order of name. A partition is
// held by a key that expires, so a crashed replica's come free after one lease; a newcomer's share
// is given back by its holders at their next Keep. Holding twice (a stalled replica, a Redis that
// lost its keys) costs double work only: the inbox keeps the guarantee. Threads: one at a time.
#pragma once

#include <set>
#include <string>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/redis/client.h"

namespace selfology::events {

class PartitionLeases {
 public:
  PartitionLeases(redis::Client& redis, std::string group, std::string replica, int partitions,
                  absl::Duration lease);

  // Renews, gives back what is no longer ours, takes what is ours and free; gives what is held now.
  // Call it several times a lease.
  absl::StatusOr<std::set<int>> Keep(const Call& call);

  // Gives everything back, so that others need not wait for the lease to end.
  absl::Status Release(const Call& call);

 private:
  redis::Client& redis_;
  const std::string group_;
  const std::string replica_;
  const int partitions_;
  const absl::Duration lease_;
};

}  // namespace selfology::events
