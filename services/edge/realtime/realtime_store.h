// All SQL of the realtime service; see migrations/. Functions that return nothing are queued: they
// cost no round trip of their own. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::realtime::store {

// Of the log: positions and what is kept there.
struct LogRow {
  int64_t user_id = 0;
  int64_t position = 0;
  std::string type = {};
  std::string payload = {};  // JSON.
  absl::Time occurred_at = {};
};

// Appends to a person's log. Its first position is the time in milliseconds, so that the log of one
// who was erased and is back begins above all that their devices may remember.
void Append(postgres::Transaction& tx, int64_t user_id, std::string_view type,
            std::string_view payload, absl::Time occurred_at, absl::Time now);

// The last positions; of a person without a log there is none.
absl::StatusOr<std::map<int64_t, int64_t>> ReadHeads(postgres::Transaction& tx,
                                                     const std::vector<int64_t>& users);

// Up to `limit` rows of each person after a position of their own, in order.
absl::StatusOr<std::vector<LogRow>> ReadAfter(postgres::Transaction& tx,
                                              const std::map<int64_t, int64_t>& after,
                                              int64_t limit);

// Deletes up to `limit` rows recorded before then; gives how many.
absl::StatusOr<int64_t> DeleteBefore(postgres::Transaction& tx, absl::Time before, int64_t limit);

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::realtime::store
