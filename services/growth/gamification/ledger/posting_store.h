// Transfers in a transaction: locks the accounts that a batch names, applies the ledger's rules
// (engine.h), and writes what came of them. Two or three round trips, however many transfers.
//
//   std::vector<Wanted> wanted = {Wanted{...}};
//   ASSIGN_OR_RETURN(const Posting posting, Post(tx, wanted, now));
//   if (posting.results[0] != v1::TRANSFER_RESULT_CREATED) ...
//
// All SQL of transfers is here; see migrations/0001_ledger.sql. Locks are taken in the order of the
// rows' ids, so batches do not deadlock with each other; a transaction that posts twice may, and is
// tried again. Errors: the transaction's. Threads: as the transaction's.
#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/container/flat_hash_map.h"
#include "absl/status/statusor.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "common/uuid/uuid.h"
#include "services/growth/gamification/ledger/engine.h"

namespace selfology::gamification {

inline constexpr char kWallet[] = "wallet";

struct AccountKey {
  int64_t user_id = 0;  // 0: the product's.
  std::string currency = {};
  std::string code = kWallet;

  bool is_wallet() const { return user_id > 0 && code == kWallet; }
  friend auto operator<=>(const AccountKey&, const AccountKey&) = default;
  template <typename H>
  friend H AbslHashValue(H state, const AccountKey& key) {
    return H::combine(std::move(state), key.user_id, key.currency, key.code);
  }
};

// Why, as the tables have it.
struct CauseOf {
  int64_t user_id = 0;  // Whose event it was; 0: nobody's, and nothing is kept but the trace.
  std::optional<uuid::Uuid> event_id = {};
  std::string event_type = {};
  std::string rule_id = {};
  int32_t rule_version = 0;
};

struct Wanted {
  Order order = {};  // Its accounts are found by these two.
  AccountKey debit = {};
  AccountKey credit = {};
  std::string code = {};  // What it is for.
  CauseOf cause = {};
  std::optional<uuid::Uuid> trace = {};  // A trace id has the length of a UUID.
  bool quiet = false;                    // Tell nobody (announce.h).
};

struct Posting {
  std::vector<v1::TransferResult> results = {};
  std::vector<Outcome::Entry> made = {};
  Book book = {};
  absl::flat_hash_map<int64_t, AccountKey> keys = {};  // Of the book's accounts.
};

absl::StatusOr<Posting> Post(postgres::Transaction& tx, const std::vector<Wanted>& wanted,
                             absl::Time now);

// Which accounts there are, so that a process need not look them up by name each time. An account
// that got another owner is noticed by its row. Threads: thread-safe.
class KnownAccounts {
 public:
  // 0: not known.
  int64_t Find(const AccountKey& key) const;
  void Add(const AccountKey& key, int64_t id);
  void Forget(const AccountKey& key);

 private:
  // Beyond it everything is forgotten: the memory stays small, and the next batches look up again.
  static constexpr size_t kMost = 200'000;
  mutable absl::Mutex mutex_;
  absl::flat_hash_map<AccountKey, int64_t> ids_ ABSL_GUARDED_BY(mutex_);
};

// The same for who seldom meets others at the same accounts: takes no locks, and gives ABORTED when
// an account changed meanwhile. Then Post is the way.
absl::StatusOr<Posting> PostWithoutLocks(postgres::Transaction& tx,
                                         const std::vector<Wanted>& wanted, absl::Time now,
                                         KnownAccounts& known);

// Pending transfers that are due, as orders that let them go; one for each group.
absl::StatusOr<std::vector<Wanted>> ReadExpired(postgres::Transaction& tx, absl::Time now,
                                                int64_t limit);

// The ledger adds up to what these say.
struct LedgerFaults {
  std::vector<std::string> currencies = {};
  std::vector<int64_t> accounts = {};
  int64_t transfers = 0;
};
absl::StatusOr<LedgerFaults> FindFaults(postgres::Transaction& tx);

}  // namespace selfology::gamification
