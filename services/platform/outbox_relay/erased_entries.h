// Takes what the streams still hold about an erased person out of them: handles user.data.erased.
//
//   mesh.On<events::v1::UserDataErased>([remover](const auto& event, auto& handling) {
//     return remover->Remove(event, handling);
//   });
//
// The streams are in commit order, so whatever was committed before the event is in them when it is
// handled. A transaction that began before it may commit after it, so it is handled once all of
// those have ended; then the outbox is redacted once more, too. Consumers miss nothing by it: such
// events take no effect any more.
// Errors: UNAVAILABLE while an older transaction is open, or while Redis or the database cannot be
// reached. Threads: thread-safe.
#pragma once

#include <memory>
#include <utility>

#include "absl/status/status.h"
#include "common/events/handling.h"
#include "common/postgres/database.h"
#include "common/redis/client.h"
#include "selfology/events/v1/erasure.pb.h"

namespace selfology::outbox_relay {

class ErasedEntries {
 public:
  // owner: under the role that owns the outbox. redis outlives it.
  ErasedEntries(std::unique_ptr<postgres::Database> owner, redis::Client& redis, int partitions)
      : owner_(std::move(owner)), redis_(redis), partitions_(partitions) {}

  absl::Status Remove(const events::v1::UserDataErased& event, events::Handling& handling) const;

 private:
  const std::unique_ptr<postgres::Database> owner_;
  redis::Client& redis_;
  const int partitions_;
};

}  // namespace selfology::outbox_relay
