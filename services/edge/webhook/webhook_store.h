// SQL about all that this service keeps of a person.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"

namespace selfology::webhook::store {

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::webhook::store
