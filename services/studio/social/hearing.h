// Asks platforms for what others wrote to accounts, keeps each comment once, and tells of it once.
//
//   ASSIGN_OR_RETURN(bool worked, ears.HearNext(call));
//
// What is told: social.comment.received, and its owner (notification.requested), but not of what was
// written before the account was connected. Any number of replicas may ask: an account is one's alone
// while its platform is asked, and what two would hear is there once.
//
// Errors: the database's. Threads: thread-safe.
#pragma once

#include <functional>
#include <utility>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/studio/social/accounts.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {

class Ears {
 public:
  struct Around {
    postgres::Database& database;
    Accounts& accounts;
    const Publishers& publishers;
    std::function<absl::Time()> clock;
  };
  // What `around` refers to outlives it.
  explicit Ears(Around around);

  // False: no account is due.
  absl::StatusOr<bool> HearNext(const Call& call);

 private:
  absl::Status Keep(const Call& call, const store::AccountRow& account, Hearing hearing,
                    absl::Time until);

  const Around around_;
  std::vector<int64_t> platforms_;  // That tell what others write.
};

}  // namespace selfology::social
