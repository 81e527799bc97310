// All SQL of the mini app's service; see migrations/. Functions that return nothing are queued. Errors: the
// transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/miniapp/v1/miniapp.pb.h"

namespace selfology::miniapp::store {

void AddLaunch(postgres::Transaction& tx, int64_t user_id, std::string_view platform,
               std::string_view start_parameter, absl::Time now);

// The last first, of lower numbers than `before`.
absl::StatusOr<std::vector<v1::Launch>> ListLaunches(postgres::Transaction& tx, int64_t user_id,
                                                     int64_t before, int64_t limit);

absl::StatusOr<int64_t> ForgetBefore(postgres::Transaction& tx, absl::Time before);

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::miniapp::store
