#include "services/growth/gamification/ledger/posting_store.h"

#include <algorithm>
#include <string_view>
#include <tuple>

#include "absl/container/flat_hash_set.h"
#include "common/status/status_macros.h"

namespace selfology::gamification {
namespace {

using postgres::Transaction;
using uuid::Uuid;

constexpr int64_t kFreezesHeld = 3;

using AccountIds = absl::flat_hash_map<AccountKey, int64_t>;  // 0: not found yet.

struct AccountRow {
  int64_t id = 0;
  int64_t user_id = 0;
  std::string currency;
  std::string code;
  int64_t debits = 0;
  int64_t credits = 0;
  int64_t debits_pending = 0;
  int64_t credits_pending = 0;
  std::optional<int64_t> floor;
  std::optional<int64_t> ceiling;
  absl::Time last_at;
};

// An account whose name is known.
struct KnownRow {
  int64_t id = 0;
  int64_t user_id = 0;
  int64_t debits = 0;
  int64_t credits = 0;
  int64_t debits_pending = 0;
  int64_t credits_pending = 0;
  std::optional<int64_t> floor;
  std::optional<int64_t> ceiling;
  absl::Time last_at;
};

struct TransferRow {
  Uuid id;
  int64_t debit = 0;
  int64_t credit = 0;
  int64_t amount = 0;
  absl::Time at;
  int64_t debit_after = 0;
  int64_t credit_after = 0;
  int32_t kind = 0;
  std::optional<Uuid> target;
};

struct PendingRow {
  Uuid id;
  Uuid group;
  int64_t debit = 0;
  int64_t credit = 0;
  int64_t amount = 0;
  absl::Time expires_at;
  int32_t state = 0;
};

// LATERAL with LIMIT keeps to the index: a plan made while the table was small, which a connection
// keeps, would read all of it for each batch.
constexpr std::string_view kTransfersById =
    "SELECT t.* FROM unnest($1) AS n(id) CROSS JOIN LATERAL ("
    "  SELECT id, debit_id, credit_id, amount, at, debit_after, credit_after, kind, target"
    "  FROM gamification_transfers WHERE id = n.id LIMIT 1) t";

bool NamesAccounts(v1::TransferKind kind) {
  return kind == v1::TRANSFER_KIND_POSTED || kind == v1::TRANSFER_KIND_PENDING;
}

void Add(const TransferRow& row, Book& book) {
  book.transfers[row.id] = {row.id,          static_cast<v1::TransferKind>(row.kind),
                            row.debit,       row.credit,
                            row.amount,      row.target.value_or(Uuid()),
                            row.at,          row.debit_after,
                            row.credit_after};
}

// Reads what the orders are about besides their accounts; gives the accounts of these.
absl::StatusOr<std::vector<int64_t>> ReadTargets(Transaction& tx, const std::vector<Wanted>& wanted,
                                                 Book& book) {
  std::vector<Uuid> resolved, reversed;
  for (const Wanted& one : wanted) {
    if (NamesAccounts(one.order.kind)) continue;
    (one.order.kind == v1::TRANSFER_KIND_REVERSAL ? reversed : resolved)
        .push_back(one.order.target);
  }
  std::vector<int64_t> accounts;
  if (resolved.empty() && reversed.empty()) return accounts;
  auto pendings = tx.Ask<PendingRow>(
      "SELECT id, group_id, debit_id, credit_id, amount, expires_at, state"
      " FROM gamification_pending WHERE group_id IN"
      "  (SELECT group_id FROM gamification_pending WHERE id = ANY($1))"
      " ORDER BY id FOR UPDATE",
      resolved);
  auto transfers = tx.Ask<TransferRow>(kTransfersById, reversed);
  ASSIGN_OR_RETURN(const std::vector<PendingRow> pending_rows, pendings.All());
  ASSIGN_OR_RETURN(const std::vector<TransferRow> transfer_rows, transfers.All());
  for (const PendingRow& row : pending_rows) {
    book.pendings[row.id] = {row.id,
                             row.group,
                             row.debit,
                             row.credit,
                             row.amount,
                             row.expires_at,
                             static_cast<PendingState>(row.state)};
    accounts.insert(accounts.end(), {row.debit, row.credit});
  }
  for (const TransferRow& row : transfer_rows) {
    Add(row, book);
    accounts.insert(accounts.end(), {row.debit, row.credit});
  }
  return accounts;
}

struct Names {
  std::vector<int64_t> users;
  std::vector<std::string> currencies;
  std::vector<std::string> codes;

  void Add(const AccountKey& key) {
    users.push_back(key.user_id);
    currencies.push_back(key.currency);
    codes.push_back(key.code);
  }
};

Transaction::Asked<AccountRow> AskAccounts(Transaction& tx, const Names& names,
                                           const std::vector<int64_t>& ids) {
  return tx.Ask<AccountRow>(
      "SELECT id, user_id, currency, code, debits, credits, debits_pending, credits_pending,"
      " floor, ceiling, last_at FROM gamification_accounts WHERE id IN"
      " (SELECT a.id FROM unnest($1, $2, $3) AS n(user_id, currency, code)"
      "  CROSS JOIN LATERAL (SELECT id FROM gamification_accounts WHERE user_id = n.user_id"
      "   AND currency = n.currency AND code = n.code LIMIT 1) a"
      "  UNION SELECT unnest($4))"
      " ORDER BY id FOR NO KEY UPDATE",
      names.users, names.currencies, names.codes, ids);
}

// A person's account has nothing to overdraw at first; the product's may.
void OpenAccounts(Transaction& tx, const Names& names) {
  tx.Queue(
      "INSERT INTO gamification_accounts (user_id, currency, code, floor, ceiling)"
      " SELECT user_id, currency, code, CASE WHEN user_id > 0 THEN 0 END,"
      "  CASE WHEN user_id > 0 AND currency = 'freezes' THEN $4::bigint END"
      " FROM unnest($1, $2, $3) AS n(user_id, currency, code)"
      " ORDER BY user_id, currency, code ON CONFLICT DO NOTHING",
      names.users, names.currencies, names.codes, kFreezesHeld);
}

void Keep(std::vector<AccountRow> rows, Posting& posting, AccountIds& ids) {
  for (AccountRow& row : rows) {
    posting.book.accounts[row.id] = {
        row.id,    row.debits,  row.credits, row.debits_pending, row.credits_pending,
        row.floor, row.ceiling, row.last_at};
    AccountKey key = {row.user_id, std::move(row.currency), std::move(row.code)};
    ids[key] = row.id;
    posting.keys[row.id] = std::move(key);
  }
}

void WriteTransfers(Transaction& tx, const std::vector<Wanted>& wanted,
                    const std::vector<Outcome::Entry>& entries) {
  std::vector<Uuid> ids;
  std::vector<int64_t> debits, credits, amounts, debits_after, credits_after;
  std::vector<absl::Time> times;
  std::vector<int32_t> kinds;
  std::vector<std::optional<Uuid>> targets, traces;
  std::vector<std::string_view> codes;
  std::vector<Uuid> caused;
  std::vector<int64_t> users;
  std::vector<std::optional<Uuid>> events;
  std::vector<std::string_view> types, rules;
  std::vector<int32_t> versions;
  for (const Outcome::Entry& entry : entries) {
    const Made& made = entry.made;
    const Wanted& one = wanted[entry.order];
    ids.push_back(made.id);
    debits.push_back(made.debit);
    credits.push_back(made.credit);
    amounts.push_back(made.amount);
    times.push_back(made.at);
    debits_after.push_back(made.debit_after);
    credits_after.push_back(made.credit_after);
    kinds.push_back(made.kind);
    targets.push_back(made.target.nil() ? std::nullopt : std::optional(made.target));
    traces.push_back(one.trace);
    codes.push_back(one.code);
    if (one.cause.user_id == 0) continue;
    caused.push_back(made.id);
    users.push_back(one.cause.user_id);
    events.push_back(one.cause.event_id);
    types.push_back(one.cause.event_type);
    rules.push_back(one.cause.rule_id);
    versions.push_back(one.cause.rule_version);
  }
  tx.Queue(
      "INSERT INTO gamification_transfers (id, debit_id, credit_id, amount, at, debit_after,"
      " credit_after, kind, target, trace, code)"
      " SELECT * FROM unnest($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
      ids, debits, credits, amounts, times, debits_after, credits_after, kinds, targets, traces,
      codes);
  if (caused.empty()) return;
  tx.Queue(
      "INSERT INTO gamification_causes (transfer_id, user_id, event_id, event_type, rule_id,"
      " rule_version) SELECT * FROM unnest($1, $2, $3, $4, $5, $6)",
      caused, users, events, types, rules, versions);
}

// `before`: as the accounts were read without a lock; null: they are locked. The time of an account's
// last transfer is its version.
absl::Status WriteAccounts(Transaction& tx, const Posting& posting,
                           const absl::flat_hash_map<int64_t, Account>* before) {
  absl::flat_hash_set<int64_t> changed;
  for (const Outcome::Entry& entry : posting.made) {
    changed.insert(entry.made.debit);
    changed.insert(entry.made.credit);
  }
  std::vector<int64_t> ids(changed.begin(), changed.end());
  std::sort(ids.begin(), ids.end());
  std::vector<int64_t> debits, credits, debits_pending, credits_pending;
  std::vector<absl::Time> times, versions;
  for (const int64_t id : ids) {
    const Account& account = posting.book.accounts.at(id);
    debits.push_back(account.debits);
    credits.push_back(account.credits);
    debits_pending.push_back(account.debits_pending);
    credits_pending.push_back(account.credits_pending);
    times.push_back(account.last_at);
    if (before == nullptr) continue;
    const auto was = before->find(id);
    versions.push_back(was == before->end() ? absl::InfinitePast() : was->second.last_at);
  }
  if (before == nullptr) {
    tx.Queue(
        "UPDATE gamification_accounts a SET debits = n.debits, credits = n.credits,"
        " debits_pending = n.debits_pending, credits_pending = n.credits_pending, last_at = n.at"
        " FROM unnest($1, $2, $3, $4, $5, $6)"
        "      AS n(id, debits, credits, debits_pending, credits_pending, at)"
        " WHERE a.id = n.id",
        ids, debits, credits, debits_pending, credits_pending, times);
    return absl::OkStatus();
  }
  ASSIGN_OR_RETURN(
      const int64_t written,
      tx.Execute(
          "UPDATE gamification_accounts a SET debits = n.debits, credits = n.credits,"
          " debits_pending = n.debits_pending, credits_pending = n.credits_pending, last_at = n.at"
          " FROM unnest($1, $2, $3, $4, $5, $6, $7)"
          "      AS n(id, debits, credits, debits_pending, credits_pending, at, version)"
          " WHERE a.id = n.id AND a.last_at = n.version",
          ids, debits, credits, debits_pending, credits_pending, times, versions));
  if (written == static_cast<int64_t>(ids.size())) return absl::OkStatus();
  return absl::AbortedError("an account changed meanwhile");
}

void WritePending(Transaction& tx, const Outcome& outcome, const Book& book) {
  if (!outcome.opened.empty()) {
    std::vector<Uuid> groups;
    std::vector<int64_t> debits, credits, amounts;
    std::vector<absl::Time> times;
    for (const Uuid& id : outcome.opened) {
      const Pending& pending = book.pendings.at(id);
      groups.push_back(pending.group);
      debits.push_back(pending.debit);
      credits.push_back(pending.credit);
      amounts.push_back(pending.amount);
      times.push_back(pending.expires_at);
    }
    tx.Queue(
        "INSERT INTO gamification_pending (id, group_id, debit_id, credit_id, amount, expires_at,"
        " state) SELECT *, 0 FROM unnest($1, $2, $3, $4, $5, $6)",
        outcome.opened, groups, debits, credits, amounts, times);
  }
  if (outcome.resolved.empty()) return;
  std::vector<int32_t> states;
  for (const Uuid& id : outcome.resolved) {
    states.push_back(static_cast<int32_t>(book.pendings.at(id).state));
  }
  tx.Queue(
      "UPDATE gamification_pending p SET state = n.state FROM unnest($1, $2) AS n(id, state)"
      " WHERE p.id = n.id",
      outcome.resolved, states);
}

absl::Status OpenMissing(Transaction& tx, Posting& posting, AccountIds& ids) {
  Names missing;
  for (const auto& [key, id] : ids) {
    if (id == 0) missing.Add(key);
  }
  if (missing.users.empty()) return absl::OkStatus();
  OpenAccounts(tx, missing);
  ASSIGN_OR_RETURN(std::vector<AccountRow> opened, AskAccounts(tx, missing, {}).All());
  Keep(std::move(opened), posting, ids);
  return absl::OkStatus();
}

absl::StatusOr<Posting> PostBy(Transaction& tx, const std::vector<Wanted>& wanted, absl::Time now,
                               KnownAccounts* cache) {
  Posting posting;
  ASSIGN_OR_RETURN(const std::vector<int64_t> targets, ReadTargets(tx, wanted, posting.book));
  AccountIds ids;
  std::vector<Uuid> order_ids, reversed;
  for (const Wanted& one : wanted) {
    order_ids.push_back(one.order.id);
    if (one.order.kind == v1::TRANSFER_KIND_REVERSAL) reversed.push_back(one.order.target);
    if (!NamesAccounts(one.order.kind)) continue;
    ids.try_emplace(one.debit, 0);
    ids.try_emplace(one.credit, 0);
  }
  // What comes without a lock is checked when it is written.
  const bool locks = cache == nullptr || !targets.empty();
  Names names;
  std::vector<int64_t> known;
  absl::flat_hash_map<int64_t, const AccountKey*> named;
  for (const auto& [key, id] : ids) {
    const int64_t found = locks ? 0 : cache->Find(key);
    if (found == 0) {
      names.Add(key);
    } else {
      known.push_back(found);
      named[found] = &key;
    }
  }
  const bool all_known = names.users.empty() && !locks;
  std::optional<Transaction::Asked<AccountRow>> accounts;
  std::optional<Transaction::Asked<KnownRow>> known_accounts;
  if (!all_known) accounts = AskAccounts(tx, names, targets);
  if (!known.empty()) {
    known_accounts = tx.Ask<KnownRow>(
        "SELECT a.* FROM unnest($1) AS n(id) CROSS JOIN LATERAL ("
        "  SELECT id, user_id, debits, credits, debits_pending, credits_pending, floor, ceiling,"
        "   last_at FROM gamification_accounts WHERE id = n.id LIMIT 1) a",
        known);
  }
  // These see what others committed before they let the accounts go.
  auto transfers = tx.Ask<TransferRow>(kTransfersById, order_ids);
  auto reversals = tx.Ask<Uuid>(
      "SELECT t.target FROM unnest($1) AS n(id) CROSS JOIN LATERAL ("
      "  SELECT target FROM gamification_transfers WHERE kind = 5 AND target = n.id LIMIT 1) t",
      reversed);
  if (accounts.has_value()) {
    ASSIGN_OR_RETURN(std::vector<AccountRow> rows, accounts->All());
    Keep(std::move(rows), posting, ids);
  }
  if (known_accounts.has_value()) {
    ASSIGN_OR_RETURN(const std::vector<KnownRow> rows, known_accounts->All());
    for (const KnownRow& row : rows) {
      const AccountKey& key = *named.at(row.id);
      if (row.user_id != key.user_id) {
        cache->Forget(key);
        return absl::AbortedError("an account has another owner");
      }
      posting.book.accounts[row.id] = {
          row.id,    row.debits,  row.credits, row.debits_pending, row.credits_pending,
          row.floor, row.ceiling, row.last_at};
      ids[key] = row.id;
      posting.keys[row.id] = key;
    }
  }
  ASSIGN_OR_RETURN(const std::vector<TransferRow> existing, transfers.All());
  ASSIGN_OR_RETURN(const auto reversed_rows, reversals.All());
  for (const TransferRow& row : existing) Add(row, posting.book);
  for (const auto& [id] : reversed_rows) posting.book.reversed.insert(id);
  RETURN_IF_ERROR(OpenMissing(tx, posting, ids));
  if (cache != nullptr) {
    for (const auto& [key, id] : ids) cache->Add(key, id);
  }
  std::vector<Order> orders;
  orders.reserve(wanted.size());
  for (const Wanted& one : wanted) {
    Order& order = orders.emplace_back(one.order);
    if (!NamesAccounts(order.kind)) continue;
    order.debit = ids.at(one.debit);
    order.credit = ids.at(one.credit);
  }
  const auto before = locks ? absl::flat_hash_map<int64_t, Account>() : posting.book.accounts;
  Outcome outcome = Apply(orders, now, posting.book);
  posting.results = std::move(outcome.results);
  posting.made = std::move(outcome.made);
  if (posting.made.empty()) return posting;
  RETURN_IF_ERROR(WriteAccounts(tx, posting, locks ? nullptr : &before));
  WriteTransfers(tx, wanted, posting.made);
  WritePending(tx, outcome, posting.book);
  return posting;
}

}  // namespace

absl::StatusOr<Posting> Post(Transaction& tx, const std::vector<Wanted>& wanted, absl::Time now) {
  return PostBy(tx, wanted, now, nullptr);
}

absl::StatusOr<Posting> PostWithoutLocks(Transaction& tx, const std::vector<Wanted>& wanted,
                                         absl::Time now, KnownAccounts& known) {
  return PostBy(tx, wanted, now, &known);
}

}  // namespace selfology::gamification
