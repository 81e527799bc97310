// SQL that reads the ledger, and sets limits; transfers are made in posting.h. See
// migrations/0001_ledger.sql. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "selfology/gamification/v1/ledger.pb.h"
#include "services/growth/gamification/ledger/posting_store.h"

namespace selfology::gamification::store {

absl::StatusOr<std::vector<v1::Balance>> ReadBalances(postgres::Transaction& tx, int64_t user_id);
// What the accounts held after all transfers up to and at that time.
absl::StatusOr<std::vector<v1::Balance>> ReadBalancesAt(postgres::Transaction& tx, int64_t user_id,
                                                        absl::Time at);

// Newest first, before a time.
absl::StatusOr<std::vector<v1::Entry>> ListEntries(postgres::Transaction& tx,
                                                   const AccountKey& account, absl::Time before,
                                                   int64_t limit);

// Transfers in the order of their making.
absl::StatusOr<std::vector<v1::Transfer>> ReadTransfers(postgres::Transaction& tx,
                                                        const std::vector<uuid::Uuid>& ids);
// Whether the transfer is of one of the person's accounts, or was caused by an event of theirs.
absl::StatusOr<bool> IsOf(postgres::Transaction& tx, const uuid::Uuid& transfer, int64_t user_id);
// Transfers that an event has caused, and transfers about these; in the order of their making.
absl::StatusOr<std::vector<uuid::Uuid>> CausedBy(postgres::Transaction& tx,
                                                 const std::vector<uuid::Uuid>& events);

absl::StatusOr<v1::Balance> SetLimits(postgres::Transaction& tx, const AccountKey& account,
                                      std::optional<int64_t> floor, std::optional<int64_t> ceiling);

// What the person has goes to the product, and nothing leads from transfers to them; rows changed or
// erased.
absl::StatusOr<int64_t> ForgetOwner(postgres::Transaction& tx, int64_t user_id, absl::Time now);

}  // namespace selfology::gamification::store
