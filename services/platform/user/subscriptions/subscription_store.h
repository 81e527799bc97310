// SQL of subscriptions; see migrations/0003_teams.sql. Errors: the transaction's.
#pragma once

#include <cstdint>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "services/platform/user/subscriptions/subscription_rules.h"

namespace selfology::user::store {

enum class Owner { kPerson, kTeam };

// Waits for other changes of the same owner's; of a team under its negative id.
inline constexpr postgres::AdvisoryLock LockSubscription("user.subscription");

// The free one if there is none.
absl::StatusOr<KnownSubscription> ReadSubscription(postgres::Transaction& tx, Owner owner,
                                                   int64_t owner_id);
void SaveSubscription(postgres::Transaction& tx, Owner owner, int64_t owner_id, int64_t payer,
                      const KnownSubscription& subscription, absl::Time now);
// Those of the teams that a person belongs to.
absl::StatusOr<std::vector<KnownSubscription>> ReadSubscriptionsOfTeams(postgres::Transaction& tx,
                                                                        int64_t user_id);

// A person's own; those of teams that they paid for end as they stand, without a payer.
absl::StatusOr<int64_t> DeleteSubscriptions(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user::store
