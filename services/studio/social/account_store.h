// SQL of looking after accounts: whose turn it is, and what came of it. Functions that return nothing
// are queued. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "services/studio/social/social_store.h"

namespace selfology::social::store {

// One whose token is to be looked at; nobody else gets it until `until`.
absl::StatusOr<std::optional<AccountRow>> ClaimCheck(postgres::Transaction& tx, absl::Time now,
                                                     absl::Time until);
// One of these platforms that is to be asked for what others wrote; nobody else gets it until `until`.
absl::StatusOr<std::optional<AccountRow>> ClaimHear(postgres::Transaction& tx,
                                                    const std::vector<int64_t>& platforms,
                                                    absl::Time now, absl::Time until);

absl::StatusOr<std::optional<AccountRow>> LockAccount(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t account_id);

// False: it was so already, or it has another token by now.
absl::StatusOr<bool> SetRefused(postgres::Transaction& tx, int64_t account_id, int64_t generation,
                                std::string_view reason);
// The token of that generation is to be renewed now; false: it has another one, or none to renew it, or
// it is to end so soon that it is being renewed: a refresh token may be good once only.
absl::StatusOr<bool> RenewSoon(postgres::Transaction& tx, int64_t account_id, int64_t generation,
                               absl::Time now);
// A renewed token in place of the one of that generation, with which the account is good again; false:
// it has another one by now.
absl::StatusOr<bool> SaveToken(postgres::Transaction& tx, const AccountRow& account,
                               int64_t generation, absl::Time check_at);
// checked_at: nullopt: it was not answered.
void SaveCheck(postgres::Transaction& tx, const AccountRow& account,
               std::optional<absl::Time> checked_at, absl::Time check_at);

// Where to go on and when, of one that was claimed until `until`: at once if HearSoon said so meanwhile.
void SaveHearing(postgres::Transaction& tx, int64_t account_id, std::string_view heard_to,
                 absl::Time until, absl::Time hear_at);
// Accounts of the platform that it calls so are asked about at once. user_id 0: whosever; no
// remote_ids: all of the person's.
void HearSoon(postgres::Transaction& tx, v1::Platform platform, int64_t user_id,
              const std::vector<std::string>& remote_ids, absl::Time now);

}  // namespace selfology::social::store
