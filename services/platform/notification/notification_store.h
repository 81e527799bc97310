// SQL over all tables of the service: erasing a person, and forgetting what is old. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::notification::store {

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

// Deliveries are kept for 90 days after their time, notifications for a year, local messages for a
// day.
absl::Status ForgetOld(postgres::Transaction& tx, absl::Time now);

}  // namespace selfology::notification::store
