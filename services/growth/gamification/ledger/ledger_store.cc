#include "services/growth/gamification/ledger/ledger_store.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::gamification::store {
namespace {

using postgres::Transaction;
using uuid::Uuid;

struct BalanceRow {
  int64_t user_id = 0;
  std::string currency;
  std::string code;
  int64_t balance = 0;
  int64_t held = 0;
  int64_t expected = 0;
  std::optional<int64_t> floor;
  std::optional<int64_t> ceiling;
};

v1::AccountRef RefOf(int64_t user_id, const std::string& currency, const std::string& code) {
  v1::AccountRef account;
  account.set_user_id(user_id);
  account.set_currency(currency);
  account.set_code(code);
  return account;
}

v1::Balance ToProto(const BalanceRow& row) {
  v1::Balance balance;
  *balance.mutable_account() = RefOf(row.user_id, row.currency, row.code);
  balance.set_balance(row.balance);
  balance.set_held(row.held);
  balance.set_expected(row.expected);
  if (row.floor.has_value()) balance.set_floor(*row.floor);
  if (row.ceiling.has_value()) balance.set_ceiling(*row.ceiling);
  return balance;
}

std::vector<v1::Balance> ToProtos(const std::vector<BalanceRow>& rows) {
  std::vector<v1::Balance> balances;
  for (const BalanceRow& row : rows) balances.push_back(ToProto(row));
  return balances;
}

struct TransferRow {
  Uuid id;
  int64_t debit_user = 0;
  std::string debit_currency;
  std::string debit_code;
  int64_t credit_user = 0;
  std::string credit_code;
  int64_t amount = 0;
  int32_t kind = 0;
  std::optional<Uuid> target;
  std::string code;
  std::optional<Uuid> event_id;
  std::string event_type;
  std::optional<Uuid> trace;
  std::string rule_id;
  int32_t rule_version = 0;
  absl::Time at;
  std::optional<Uuid> reversed_by;
  int64_t debit_id = 0;
  int64_t debit_after = 0;
  int64_t credit_after = 0;
};

// Of a transfer t.
constexpr std::string_view kTransfer =
    "SELECT t.id, d.user_id, d.currency, d.code, c.user_id, c.code, t.amount, t.kind, t.target,"
    " t.code, u.event_id, coalesce(u.event_type, ''), t.trace, coalesce(u.rule_id, ''),"
    " coalesce(u.rule_version, 0), t.at, r.id, t.debit_id, t.debit_after, t.credit_after";
constexpr std::string_view kJoins =
    " JOIN gamification_accounts d ON d.id = t.debit_id"
    " JOIN gamification_accounts c ON c.id = t.credit_id"
    " LEFT JOIN gamification_causes u ON u.transfer_id = t.id"
    " LEFT JOIN gamification_transfers r ON r.target = t.id AND r.kind = 5";

v1::Transfer ToProto(const TransferRow& row) {
  v1::Transfer transfer;
  transfer.set_transfer_id(row.id.ToString());
  *transfer.mutable_debit() = RefOf(row.debit_user, row.debit_currency, row.debit_code);
  *transfer.mutable_credit() = RefOf(row.credit_user, row.debit_currency, row.credit_code);
  transfer.set_amount(row.amount);
  transfer.set_kind(static_cast<v1::TransferKind>(row.kind));
  if (row.target.has_value()) transfer.set_target_transfer_id(row.target->ToString());
  transfer.set_code(row.code);
  v1::Cause& cause = *transfer.mutable_cause();
  if (row.event_id.has_value()) cause.set_event_id(row.event_id->ToString());
  cause.set_event_type(row.event_type);
  if (row.trace.has_value()) {
    cause.set_trace_id(absl::StrReplaceAll(row.trace->ToString(), {{"-", ""}}));
  }
  cause.set_rule_id(row.rule_id);
  cause.set_rule_version(row.rule_version);
  *transfer.mutable_created_at() = timestamps::ToProto(row.at);
  if (row.reversed_by.has_value()) transfer.set_reversed_by(row.reversed_by->ToString());
  return transfer;
}

}  // namespace

absl::StatusOr<std::vector<v1::Balance>> ReadBalances(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const std::vector<BalanceRow> rows,
      tx.Query<BalanceRow>("SELECT user_id, currency, code, credits - debits, debits_pending,"
                           " credits_pending, floor, ceiling FROM gamification_accounts"
                           " WHERE user_id = $1 ORDER BY currency, code",
                           user_id));
  return ToProtos(rows);
}

absl::StatusOr<std::vector<v1::Balance>> ReadBalancesAt(Transaction& tx, int64_t user_id,
                                                        absl::Time at) {
  // The last transfer of each side tells the balance after it; the later of the two is the last.
  ASSIGN_OR_RETURN(
      const std::vector<BalanceRow> rows,
      tx.Query<BalanceRow>(
          "SELECT a.user_id, a.currency, a.code, coalesce(last.balance, 0), 0::bigint, 0::bigint,"
          " a.floor, a.ceiling FROM gamification_accounts a"
          " LEFT JOIN LATERAL (SELECT balance FROM ("
          "  (SELECT debit_after AS balance, at FROM gamification_transfers"
          "    WHERE debit_id = a.id AND at <= $2 ORDER BY at DESC LIMIT 1)"
          "  UNION ALL"
          "  (SELECT credit_after, at FROM gamification_transfers"
          "    WHERE credit_id = a.id AND at <= $2 ORDER BY at DESC LIMIT 1)) sides"
          "  ORDER BY at DESC LIMIT 1) last ON true"
          " WHERE a.user_id = $1 ORDER BY a.currency, a.code",
          user_id, at));
  return ToProtos(rows);
}

absl::StatusOr<std::vector<v1::Entry>> ListEntries(Transaction& tx, const AccountKey& account,
                                                   absl::Time before, int64_t limit) {
  auto found = tx.Ask<int64_t>(
      "SELECT id FROM gamification_accounts WHERE user_id = $1 AND currency = $2 AND code = $3",
      account.user_id, account.currency, account.code);
  static const std::string& sql = *new std::string(absl::StrCat(
      kTransfer,
      " FROM gamification_accounts a CROSS JOIN LATERAL ("
      "  (SELECT * FROM gamification_transfers WHERE debit_id = a.id AND at < $4"
      "    ORDER BY at DESC LIMIT $5)"
      "  UNION ALL (SELECT * FROM gamification_transfers WHERE credit_id = a.id AND at < $4"
      "    ORDER BY at DESC LIMIT $5)) t",
      kJoins,
      " WHERE a.user_id = $1 AND a.currency = $2 AND a.code = $3 ORDER BY t.at DESC LIMIT $5"));
  ASSIGN_OR_RETURN(
      const std::vector<TransferRow> rows,
      tx.Query<TransferRow>(sql, account.user_id, account.currency, account.code, before, limit));
  ASSIGN_OR_RETURN(const auto id, found.One());
  std::vector<v1::Entry> entries;
  for (const TransferRow& row : rows) {
    v1::Entry& entry = entries.emplace_back();
    *entry.mutable_transfer() = ToProto(row);
    const bool gave = row.debit_id == std::get<0>(*id);
    const v1::TransferKind kind = entry.transfer().kind();
    const bool moved = kind == v1::TRANSFER_KIND_POSTED || kind == v1::TRANSFER_KIND_POST ||
                       kind == v1::TRANSFER_KIND_REVERSAL;
    entry.set_change(!moved ? 0 : gave ? -row.amount : row.amount);
    entry.set_balance(gave ? row.debit_after : row.credit_after);
  }
  return entries;
}

absl::StatusOr<std::vector<v1::Transfer>> ReadTransfers(Transaction& tx,
                                                        const std::vector<Uuid>& ids) {
  static const std::string& sql = *new std::string(absl::StrCat(
      kTransfer, " FROM gamification_transfers t", kJoins, " WHERE t.id = ANY($1) ORDER BY t.at"));
  ASSIGN_OR_RETURN(const std::vector<TransferRow> rows, tx.Query<TransferRow>(sql, ids));
  std::vector<v1::Transfer> transfers;
  for (const TransferRow& row : rows) transfers.push_back(ToProto(row));
  return transfers;
}

absl::StatusOr<bool> IsOf(Transaction& tx, const Uuid& transfer, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<bool>("SELECT EXISTS (SELECT 1 FROM gamification_transfers t"
                        " JOIN gamification_accounts a ON a.id IN (t.debit_id, t.credit_id)"
                        " WHERE t.id = $1 AND a.user_id = $2)"
                        " OR EXISTS (SELECT 1 FROM gamification_causes"
                        "  WHERE transfer_id = $1 AND user_id = $2)",
                        transfer, user_id));
  return std::get<0>(*row);
}

absl::StatusOr<std::vector<Uuid>> CausedBy(Transaction& tx, const std::vector<Uuid>& events) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<Uuid>("SELECT t.id FROM gamification_causes u"
                                  " JOIN gamification_transfers t ON t.id = u.transfer_id"
                                  " WHERE u.event_id = ANY($1) ORDER BY t.at, t.id",
                                  events));
  std::vector<Uuid> ids;
  for (const auto& [id] : rows) ids.push_back(id);
  return ids;
}

absl::StatusOr<v1::Balance> SetLimits(Transaction& tx, const AccountKey& account,
                                      std::optional<int64_t> floor,
                                      std::optional<int64_t> ceiling) {
  ASSIGN_OR_RETURN(const std::optional<BalanceRow> row,
                   tx.QueryOne<BalanceRow>(
                       "INSERT INTO gamification_accounts AS a (user_id, currency, code, floor,"
                       " ceiling) VALUES ($1, $2, $3, $4, $5)"
                       " ON CONFLICT (user_id, currency, code) DO UPDATE"
                       " SET floor = EXCLUDED.floor, ceiling = EXCLUDED.ceiling,"
                       "  last_at = a.last_at + interval '1 microsecond'"
                       " RETURNING user_id, currency, code, credits - debits, debits_pending,"
                       " credits_pending, floor, ceiling",
                       account.user_id, account.currency, account.code, floor, ceiling));
  return ToProto(*row);
}

absl::StatusOr<int64_t> ForgetOwner(Transaction& tx, int64_t user_id, absl::Time now) {
  // What is held for or by the person is let go first, so that nothing reaches them later.
  ASSIGN_OR_RETURN(
      const auto held,
      tx.Query<Uuid>("SELECT DISTINCT ON (p.group_id) p.id FROM gamification_pending p"
                     " JOIN gamification_accounts a ON p.debit_id = a.id OR p.credit_id = a.id"
                     " WHERE a.user_id = $1 AND p.state = 0 ORDER BY p.group_id, p.id",
                     user_id));
  std::vector<Wanted> wanted;
  for (const auto& [id] : held) {
    Wanted& one = wanted.emplace_back();
    one.order = {
        .id = DerivedId(id, NamedId("erased")), .kind = v1::TRANSFER_KIND_EXPIRY, .target = id};
    one.code = "erased";
  }
  if (!wanted.empty()) RETURN_IF_ERROR(Post(tx, wanted, now).status());
  ASSIGN_OR_RETURN(const int64_t causes,
                   tx.Execute("DELETE FROM gamification_causes WHERE user_id = $1", user_id));
  ASSIGN_OR_RETURN(const int64_t accounts,
                   tx.Execute("UPDATE gamification_accounts SET user_id = 0, code = 'erased:' || id"
                              " WHERE user_id = $1",
                              user_id));
  return causes + accounts;
}

}  // namespace selfology::gamification::store
