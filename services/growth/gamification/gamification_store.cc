#include "services/growth/gamification/gamification_store.h"

#include "common/status/status_macros.h"
#include "services/growth/gamification/badges/award_store.h"
#include "services/growth/gamification/ledger/ledger_store.h"
#include "services/growth/gamification/ratings/rating_store.h"
#include "services/growth/gamification/rules/fact_store.h"

namespace selfology::gamification::store {

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id, absl::Time now) {
  LockUser(tx, user_id);
  ASSIGN_OR_RETURN(const int64_t ledger, ForgetOwner(tx, user_id, now));
  ASSIGN_OR_RETURN(const int64_t facts, ForgetFacts(tx, user_id));
  ASSIGN_OR_RETURN(const int64_t awards, ForgetAwards(tx, user_id));
  ASSIGN_OR_RETURN(const int64_t ratings, ForgetRatings(tx, user_id));
  ASSIGN_OR_RETURN(const int64_t scores,
                   tx.Execute("DELETE FROM gamification_scores WHERE user_id = $1", user_id));
  return ledger + facts + awards + ratings + scores;
}

}  // namespace selfology::gamification::store
