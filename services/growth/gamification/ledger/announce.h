// What others learn of transfers, in the transaction that makes them: events to the persons whose
// wallets changed, levels, and the scores of boards.
//
//   ASSIGN_OR_RETURN(const Posting posting, Post(tx, wanted, now));
//   RETURN_IF_ERROR(Announce(tx, wanted, posting, now));
//
// Scores move also where transfers are quiet. Errors: the transaction's. Threads: as the
// transaction's.
#pragma once

#include <vector>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/growth/gamification/ledger/posting_store.h"

namespace selfology::gamification {

inline constexpr char kXp[] = "xp";
inline constexpr char kCoins[] = "coins";
inline constexpr char kFreezes[] = "freezes";

absl::Status Announce(postgres::Transaction& tx, const std::vector<Wanted>& wanted,
                      const Posting& posting, absl::Time now);

// Both in one: makes the transfers and tells of them.
absl::StatusOr<Posting> PostAndAnnounce(postgres::Transaction& tx,
                                        const std::vector<Wanted>& wanted, absl::Time now);

}  // namespace selfology::gamification
