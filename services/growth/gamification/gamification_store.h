// Erasing a person from all tables of the room. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::gamification::store {

// The number of rows erased, or cut off from the person.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id, absl::Time now);

}  // namespace selfology::gamification::store
