// What happens to accounts in their transactions, shared by those who find it out, and what the audit
// has to know of it.
//
//   RETURN_IF_ERROR(NoteFact(tx, account.user_id, "social.account.connected", "ok"));
//   if (outcome.kind == Kind::kTokenRefused) return TokenRefused(tx, account, outcome.reason, now);
//
// Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/studio/social/social_store.h"

namespace selfology::social {

// One word for the audit (audit.fact.noted): what was done for the person. Outcome: "ok", "refused".
absl::Status NoteFact(postgres::Transaction& tx, int64_t user_id, std::string_view action,
                      std::string_view outcome);

// The account's platform did not take its token. One that can be renewed, and has not just been, is
// renewed; otherwise the account waits for its owner, who is told once. `account` is as it was when
// the platform was asked: nothing happens if it has another token by now.
absl::Status TokenRefused(postgres::Transaction& tx, const store::AccountRow& account,
                          std::string_view reason, absl::Time now);
// The same for a token that cannot be renewed any more.
absl::Status Break(postgres::Transaction& tx, const store::AccountRow& account,
                   std::string_view reason);

}  // namespace selfology::social
