// Erasing a person from all tables of the room. The SQL lies with what each part keeps.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"

namespace selfology::user::store {

// The number of rows. A team whose owner they are goes to its next member, or ends with them. Errors:
// the transaction's.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user::store
