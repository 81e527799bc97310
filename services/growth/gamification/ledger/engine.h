// The rules of the ledger: what a batch of transfers does to accounts. All in memory; the store reads
// what a batch names (posting.h) and writes what came of it.
//
//   Book book;                             // Accounts, pending and earlier transfers that it names.
//   const Outcome outcome = Apply(orders, now, book);
//   // outcome.results[i] says what became of orders[i]; book.accounts has the new totals.
//
// A transfer takes from one account what it gives to another, so the sum over all accounts of a
// currency is always 0. An account's limits bind: its balance less what pending transfers hold never
// falls below `floor`, and its balance with what pending transfers will bring never rises above
// `ceiling`, but by a reversal that may leave debt. Linked orders happen together or not at all.
// Pending transfers that were linked are posted, voided and let go together.
//
// Amounts are whole units of a currency. Times are of microseconds; those of one account's transfers
// differ and go up, whatever the clock does. Threads: values and pure functions.
// Source of the model: TigerBeetle's accounts and transfers; of the groups of pending transfers: ours.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

#include "absl/container/flat_hash_map.h"
#include "absl/container/flat_hash_set.h"
#include "absl/time/time.h"
#include "absl/types/span.h"
#include "common/uuid/uuid.h"
#include "selfology/gamification/v1/ledger.pb.h"

namespace selfology::gamification {

inline constexpr int64_t kMaxAmount = 1'000'000'000'000'000;
// No total of an account goes beyond it, so no sum of two of them overflows.
inline constexpr int64_t kMaxTotal = int64_t{1} << 62;

struct Account {
  int64_t id = 0;
  int64_t debits = 0;  // Posted; as are credits.
  int64_t credits = 0;
  int64_t debits_pending = 0;
  int64_t credits_pending = 0;
  std::optional<int64_t> floor = {};
  std::optional<int64_t> ceiling = {};
  absl::Time last_at = absl::InfinitePast();  // Of its last transfer.

  int64_t balance() const { return credits - debits; }
  friend bool operator==(const Account&, const Account&) = default;
};

// What is asked for.
struct Order {
  uuid::Uuid id = {};
  v1::TransferKind kind = v1::TRANSFER_KIND_POSTED;
  int64_t debit = 0;  // Accounts, of POSTED and PENDING.
  int64_t credit = 0;
  int64_t amount = 0;      // 0 of POST: all that is held.
  uuid::Uuid target = {};  // Of POST, VOID, EXPIRY and REVERSAL.
  absl::Duration timeout = absl::InfiniteDuration();
  bool linked = false;      // With the next.
  bool allow_debt = false;  // Of REVERSAL.
};

// A transfer that was made.
struct Made {
  uuid::Uuid id = {};
  v1::TransferKind kind = v1::TRANSFER_KIND_POSTED;
  int64_t debit = 0;
  int64_t credit = 0;
  int64_t amount = 0;
  uuid::Uuid target = {};
  absl::Time at;
  int64_t debit_after = 0;  // The accounts' balances after it.
  int64_t credit_after = 0;

  // Whether it moved its amount, rather than held it or let it go.
  bool moved() const {
    return kind == v1::TRANSFER_KIND_POSTED || kind == v1::TRANSFER_KIND_POST ||
           kind == v1::TRANSFER_KIND_REVERSAL;
  }
};

enum class PendingState { kOpen = 0, kPosted = 1, kVoided = 2, kExpired = 3 };

struct Pending {
  uuid::Uuid id = {};
  uuid::Uuid group = {};  // The first of those linked with it; its own id when it is alone.
  int64_t debit = 0;
  int64_t credit = 0;
  int64_t amount = 0;
  absl::Time expires_at = absl::InfiniteFuture();
  PendingState state = PendingState::kOpen;
};

// What a batch reads and changes.
struct Book {
  absl::flat_hash_map<int64_t, Account> accounts = {};
  absl::flat_hash_map<uuid::Uuid, Made> transfers = {};  // Of the orders' ids, and to be reversed.
  absl::flat_hash_map<uuid::Uuid, Pending> pendings = {};  // To be resolved, with their groups.
  absl::flat_hash_set<uuid::Uuid> reversed = {};           // Those of `transfers` that were.
};

struct Outcome {
  std::vector<v1::TransferResult> results = {};
  // In the order of their making. `order`: which order made it; a group has several.
  struct Entry {
    Made made = {};
    size_t order = 0;
  };
  std::vector<Entry> made = {};
  std::vector<uuid::Uuid> opened = {};    // Pending transfers that are new.
  std::vector<uuid::Uuid> resolved = {};  // Pending transfers whose state changed; maybe new ones.
};

// Every account that an order names must be in the book; a target that is not there does not exist.
Outcome Apply(absl::Span<const Order> orders, absl::Time now, Book& book);

// The id of the transfer that resolves a further pending transfer of a group, and of what else
// follows from `first` and `second`: always the same. Version 8 (RFC 9562), of SHA-256.
uuid::Uuid DerivedId(const uuid::Uuid& first, const uuid::Uuid& second);
// The id of what has this name, likewise.
uuid::Uuid NamedId(std::string_view name);

}  // namespace selfology::gamification
