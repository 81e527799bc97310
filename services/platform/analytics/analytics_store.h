// SQL of what happened, and of the roll-ups made of it; see migrations/. Functions that return
// nothing are queued: they cost no round trip of their own. Errors: the transaction's. Threads: as
// the transaction's.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/platform/analytics/facts.h"

namespace selfology::analytics::store {

struct Happened {
  std::string_view metric;
  int64_t user_id = 0;  // 0: nobody's.
  absl::Time occurred_at;
};
// Keeps an event, and notes that it is not in the roll-ups yet.
void Ingest(postgres::Transaction& tx, const Happened& happened, const Facts& facts);
// The same for one that is known by a key of the person's; false: it was there already.
absl::StatusOr<bool> IngestOnce(postgres::Transaction& tx, const Happened& happened,
                                const Facts& facts, std::string_view key);

struct Tracked {
  std::string metric;
  absl::Time occurred_at;
  Facts facts;
  std::string key;
};
// The same for many of one person; how many were not there already.
absl::StatusOr<int64_t> IngestMany(postgres::Transaction& tx, int64_t user_id,
                                   const std::vector<Tracked>& events);

// Counts at most `limit` events that are not in the roll-ups yet; how many there were.
absl::StatusOr<int64_t> Fold(postgres::Transaction& tx, int64_t limit);

// Counts whole days (UTC) anew; how many events there are.
absl::StatusOr<int64_t> Rebuild(postgres::Transaction& tx, absl::Time from, absl::Time to);

// Everything about a person; the number of rows.
absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::analytics::store
