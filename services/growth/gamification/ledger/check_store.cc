// What looks at the ledger as a whole: pending transfers that are due, and whether it adds up.

#include <tuple>

#include "common/status/status_macros.h"
#include "services/growth/gamification/ledger/posting_store.h"

namespace selfology::gamification {

using postgres::Transaction;
using uuid::Uuid;

absl::StatusOr<std::vector<Wanted>> ReadExpired(Transaction& tx, absl::Time now, int64_t limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   tx.Query<Uuid>("SELECT DISTINCT ON (group_id) id FROM (SELECT id, group_id"
                                  " FROM gamification_pending WHERE state = 0 AND expires_at <= $1"
                                  " ORDER BY expires_at LIMIT $2) due ORDER BY group_id, id",
                                  now, limit));
  std::vector<Wanted> wanted;
  for (const auto& [id] : rows) {
    Wanted& one = wanted.emplace_back();
    one.order = {.id = DerivedId(id, id), .kind = v1::TRANSFER_KIND_EXPIRY, .target = id};
    one.code = "expired";
  }
  return wanted;
}

absl::StatusOr<LedgerFaults> FindFaults(Transaction& tx) {
  auto unequal = tx.Ask<std::string>(
      "SELECT currency FROM gamification_accounts GROUP BY currency"
      " HAVING sum(debits) <> sum(credits) OR sum(debits_pending) <> sum(credits_pending)"
      " ORDER BY currency");
  auto wrong = tx.Ask<int64_t>(
      "WITH moved AS ("
      "  SELECT account, sum(debit) AS debits, sum(credit) AS credits FROM ("
      "    SELECT debit_id AS account, amount AS debit, 0 AS credit FROM gamification_transfers"
      "     WHERE kind IN (1, 3, 5)"
      "    UNION ALL SELECT credit_id, 0, amount FROM gamification_transfers"
      "     WHERE kind IN (1, 3, 5)) t GROUP BY account),"
      " held AS ("
      "  SELECT account, sum(debit) AS debits, sum(credit) AS credits FROM ("
      "    SELECT debit_id AS account, amount AS debit, 0 AS credit FROM gamification_pending"
      "     WHERE state = 0"
      "    UNION ALL SELECT credit_id, 0, amount FROM gamification_pending"
      "     WHERE state = 0) t GROUP BY account)"
      " SELECT a.id FROM gamification_accounts a"
      " LEFT JOIN moved m ON m.account = a.id LEFT JOIN held h ON h.account = a.id"
      " WHERE a.debits <> coalesce(m.debits, 0) OR a.credits <> coalesce(m.credits, 0)"
      "  OR a.debits_pending <> coalesce(h.debits, 0)"
      "  OR a.credits_pending <> coalesce(h.credits, 0)"
      " ORDER BY a.id LIMIT 100");
  auto count = tx.Ask<int64_t>("SELECT count(*) FROM gamification_transfers");
  LedgerFaults faults;
  ASSIGN_OR_RETURN(const auto currencies, unequal.All());
  ASSIGN_OR_RETURN(const auto accounts, wrong.All());
  ASSIGN_OR_RETURN(const auto counted, count.One());
  for (const auto& [currency] : currencies) faults.currencies.push_back(currency);
  for (const auto& [id] : accounts) faults.accounts.push_back(id);
  faults.transfers = std::get<0>(*counted);
  return faults;
}

}  // namespace selfology::gamification
