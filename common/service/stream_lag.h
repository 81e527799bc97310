// How far the mesh's consumer groups are behind the streams.
//
//   ASSIGN_OR_RETURN(const std::vector<GroupLag> lags, GroupLags(call, redis, partitions));
//
// Redis itself knows a group's lag only at a stream's end (XINFO GROUPS gives nil elsewhere, as our
// groups move by XGROUP SETID); where it does not, the entries are counted on the server, up to
// kMostCounted a partition.
// Errors: those of Redis. Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "common/call/call.h"
#include "common/redis/client.h"

namespace selfology::service {

inline constexpr int64_t kMostCounted = 1000;

struct GroupLag {
  std::string group;
  int64_t waiting = 0;    // Entries, of all partitions.
  bool at_least = false;  // There are more.
  int partitions = 0;     // That the group has read.
};
// By name.
absl::StatusOr<std::vector<GroupLag>> GroupLags(const Call& call, redis::Client& redis,
                                                int partitions);

}  // namespace selfology::service
