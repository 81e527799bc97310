// Erasing a person: what is on its way to a service must not bring back what the service erased.
//
//   database.Write(call, [&](postgres::Transaction& tx) -> absl::Status {
//     events::BeginErasure(tx, request.user_id());          // first of all
//     return store::DeleteUser(tx, request.user_id());
//   });
//
// Until the transaction ends, none of that person's events is handled by this service; afterwards
// those published before it are dropped, whichever of its groups they come to and however late. The
// service's dead letters of that person go, too. Who comes back begins anew: later events are
// handled.
//
// Events that other services make of earlier ones are covered when those are erased first: erase in
// the direction of the events. Errors: the transaction's. Threads: as the transaction.
#pragma once

#include <cstdint>

#include "common/postgres/transaction.h"

namespace selfology::events {

void BeginErasure(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::events
