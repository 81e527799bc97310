// Looks after the tokens of accounts: each is shown to its platform within the hour, one that can be
// renewed is renewed before it ends, and the owner of one that is refused is told once.
//
//   ASSIGN_OR_RETURN(bool worked, checks.CheckNext(call));
//
// Any number of replicas may do so: an account is one's alone while it is looked at. A process that
// ends between a platform's answer and its being written down loses a refresh token that is good once;
// then its owner is told.
//
// Errors: the database's. Threads: thread-safe.
#pragma once

#include <functional>
#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "services/studio/social/accounts.h"
#include "services/studio/social/platforms/publisher.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {

class TokenChecks {
 public:
  struct Around {
    postgres::Database& database;
    Accounts& accounts;
    const Publishers& publishers;
    std::function<absl::Time()> clock;
  };
  // What `around` refers to outlives it.
  explicit TokenChecks(Around around) : around_(std::move(around)) {}

  // False: none is due.
  absl::StatusOr<bool> CheckNext(const Call& call);

 private:
  absl::Status Renew(const Call& call, const store::AccountRow& account, const Publisher& publisher,
                     const Login& login);
  absl::Status Check(const Call& call, const store::AccountRow& account, const Publisher& publisher,
                     const Login& login);
  absl::Status Later(const Call& call, const store::AccountRow& account, absl::Duration wait);

  const Around around_;
};

}  // namespace selfology::social
