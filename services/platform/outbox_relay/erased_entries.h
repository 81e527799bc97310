// Removes what the outbox and the streams still hold about erased persons: selfology.redactions
// says about whom (events/redaction.h).
//
//   mesh.Every(absl::Seconds(2), "redactions",
//              [remover](const Call& call) { return remover->Remove(call); });
//
// The outbox first, once every transaction that began before the erasure's end has ended; then the
// streams, once all events from before are in them. Consumers miss nothing by it: such events take
// no effect any more.
// Errors: Redis's and the database's; the next turn goes on from there. Threads: thread-safe.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"

namespace selfology::outbox_relay {

class ErasedEntries {
 public:
  // owner: under the role that owns the outbox. redis outlives it.
  ErasedEntries(std::unique_ptr<postgres::Database> owner, redis::Client& redis, int partitions)
      : owner_(std::move(owner)), redis_(redis), partitions_(partitions) {}

  // All whose time has come.
  absl::Status Remove(const Call& call) const;

 private:
  absl::Status RemoveFromStreams(const Call& call) const;

  const std::unique_ptr<postgres::Database> owner_;
  redis::Client& redis_;
  const int partitions_;
};

}  // namespace selfology::outbox_relay
