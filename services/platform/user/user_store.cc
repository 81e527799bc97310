#include "services/platform/user/user_store.h"

#include "common/status/status_macros.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/jobs/job_store.h"
#include "services/platform/user/skills/skill_store.h"
#include "services/platform/user/social/social_store.h"
#include "services/platform/user/subscriptions/subscription_store.h"
#include "services/platform/user/teams/team_events.h"

namespace selfology::user::store {

absl::StatusOr<int64_t> DeleteUser(postgres::Transaction& tx, int64_t user_id) {
  int64_t deleted = 0;
  for (const auto part : {&DeleteJobs, &DeleteAccount, &EraseFromTeams, &DeleteSubscriptions,
                          &DeleteSkills, &DeleteSocial}) {
    ASSIGN_OR_RETURN(const int64_t rows, part(tx, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::user::store
