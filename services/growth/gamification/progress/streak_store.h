// What a person's streak is made of, read, and the freezes that it uses up, written. The ledger has
// the freezes; here is the SQL that looks at them. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/civil_time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "services/growth/gamification/ledger/posting_store.h"
#include "services/growth/gamification/progress/streaks.h"

namespace selfology::gamification::store {

struct StreakRead {
  StreakOf streak = {};
  // Transfers that used up a freeze for a day, and stand; and how many there were for a day at all.
  std::map<absl::CivilDay, uuid::Uuid> used = {};
  std::map<absl::CivilDay, int> attempts = {};
};
absl::StatusOr<StreakRead> ReadStreak(postgres::Transaction& tx, int64_t user_id,
                                      std::string_view time_zone, absl::Time now);

// Transfers that make the ledger agree with the streak: a freeze is used up for each frozen day, and
// given back for a day that is frozen no longer. Pure.
std::vector<Wanted> FreezesUsed(int64_t user_id, const StreakRead& read);

}  // namespace selfology::gamification::store
