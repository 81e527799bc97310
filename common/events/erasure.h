// Erasing a person: what is on its way to a service must not bring back what the service erased.
//
//   database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
//     ASSIGN_OR_RETURN(bool begun, events::BeginErasure(tx, user_id));
//     return store::DeleteUser(tx, user_id);
//   });
//   ... once all services have done so ...
//   database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
//     events::FinishErasure(tx, user_id, erased_at);
//     return absl::OkStatus();
//   });
//
// From the first commit on none of that person's events takes effect in this service, whichever of
// its groups they come to and however late, nor do those of the time until `erased_at` afterwards;
// they are dropped. Who comes back begins anew: later events are handled. The service's dead
// letters of that person go, too. Rooms leave this to the kernel (service/mesh.h, OnErase).
// Errors: the transaction's. Threads: as the transaction.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"

namespace selfology::events {

// Waits for handlers that are at work on one of the person's events. True: an erasure had begun
// before and is not finished.
absl::StatusOr<bool> BeginErasure(postgres::Transaction& tx, int64_t user_id);

void FinishErasure(postgres::Transaction& tx, int64_t user_id, absl::Time erased_at);

// Until when the service erased the person: InfiniteFuture while it is at it, InfinitePast if never.
// For what a process keeps in its own memory, where another replica's erasure does not reach.
absl::StatusOr<absl::Time> ErasedAt(postgres::Transaction& tx, int64_t user_id);

// Whether all transactions that began before an event's have ended, so that all that was published
// before it is in the outbox. True for an event that the outbox does not hold any more. Under the
// role that owns the outbox.
absl::StatusOr<bool> IsSettled(postgres::Transaction& tx, const uuid::Uuid& event_id);

// Empties the payloads of events about the person that occurred until then, under the role that
// owns the outbox. The rows stay.
void RedactOutbox(postgres::Transaction& tx, int64_t user_id, absl::Time erased_at);

}  // namespace selfology::events
