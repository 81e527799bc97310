// Erasing a person: what is on its way to a service must not bring back what the service erased.
//
//   database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
//     ASSIGN_OR_RETURN(bool begun, events::BeginErasure(tx, user_id, attempt));
//     return store::DeleteUser(tx, user_id);
//   });
//   ... once all services have done so ...
//   database.Write(call, [&](postgres::Transaction& tx) {
//     return events::FinishErasure(tx, user_id, attempt, erased_at);
//   });
//
// From the first commit on none of that person's events takes effect in this service, whichever of
// its groups they come to and however late, nor do those of the time until `erased_at` afterwards;
// they are dropped. Who comes back begins anew: later events are handled. The service's dead
// letters of that person go, too. Rooms leave this to the kernel (service/mesh.h, OnErase).
//
// attempt: of an erasure of the whole mesh, above 0, each higher than those before. Without one the
// erasure is this service's own.
// Errors: the transaction's; ABORTED when a later attempt has begun. Threads: as the transaction.
#pragma once

#include <cstdint>
#include <optional>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::events {

// Waits for handlers that are at work on one of the person's events. True: an erasure had begun
// before and is not finished. ABORTED also when this attempt has finished.
absl::StatusOr<bool> BeginErasure(postgres::Transaction& tx, int64_t user_id,
                                  std::optional<int64_t> attempt = std::nullopt);

// erased_at: by the database's clock; now if nullopt. May be repeated.
absl::Status FinishErasure(postgres::Transaction& tx, int64_t user_id,
                           std::optional<int64_t> attempt = std::nullopt,
                           std::optional<absl::Time> erased_at = std::nullopt);

// Until when the service erased the person: InfiniteFuture while it is at it, InfinitePast if never.
// For what a process keeps in its own memory, where another replica's erasure does not reach.
absl::StatusOr<absl::Time> ErasedAt(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::events
