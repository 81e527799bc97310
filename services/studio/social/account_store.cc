#include "services/studio/social/account_store.h"

#include "services/studio/social/timing.h"

namespace selfology::social::store {
namespace {

absl::StatusOr<bool> IsOne(const absl::StatusOr<int64_t>& rows) {
  if (!rows.ok()) return rows.status();
  return *rows == 1;
}

}  // namespace

absl::StatusOr<std::optional<AccountRow>> ClaimCheck(postgres::Transaction& tx, absl::Time now,
                                                     absl::Time until) {
  return tx.QueryOne<AccountRow>(
      "UPDATE social_accounts SET check_at = $2 WHERE id ="
      " (SELECT id FROM social_accounts WHERE check_at <= $1 AND NOT refused ORDER BY check_at"
      " LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING " ACCOUNT_COLUMNS,
      now, until);
}

absl::StatusOr<std::optional<AccountRow>> ClaimHear(postgres::Transaction& tx,
                                                    const std::vector<int64_t>& platforms,
                                                    absl::Time now, absl::Time until) {
  return tx.QueryOne<AccountRow>(
      "UPDATE social_accounts SET hear_at = $2 WHERE id ="
      " (SELECT id FROM social_accounts WHERE hear_at <= $1 AND NOT refused AND team_id = 0"
      " AND platform = ANY($3)"
      " ORDER BY hear_at LIMIT 1 FOR UPDATE SKIP LOCKED) RETURNING " ACCOUNT_COLUMNS,
      now, until, platforms);
}

absl::StatusOr<std::optional<AccountRow>> LockAccount(postgres::Transaction& tx, int64_t user_id,
                                                      int64_t account_id) {
  return tx.QueryOne<AccountRow>("SELECT " ACCOUNT_COLUMNS
                                 " FROM social_accounts WHERE user_id = $1 AND id = $2 FOR UPDATE",
                                 user_id, account_id);
}

absl::StatusOr<bool> SetRefused(postgres::Transaction& tx, int64_t account_id, int64_t generation,
                                std::string_view reason) {
  return IsOne(
      tx.Execute("UPDATE social_accounts SET refused = true, reason = $3"
                 " WHERE id = $1 AND generation = $2 AND NOT refused",
                 account_id, generation, reason));
}

absl::StatusOr<bool> RenewSoon(postgres::Transaction& tx, int64_t account_id, int64_t generation,
                               absl::Time now) {
  return IsOne(
      tx.Execute("UPDATE social_accounts SET expires_at = $3, check_at = $3"
                 " WHERE id = $1 AND generation = $2 AND refresh IS NOT NULL"
                 " AND (expires_at IS NULL OR expires_at > $4)",
                 account_id, generation, now, now + kRenewAhead));
}

absl::StatusOr<bool> SaveToken(postgres::Transaction& tx, const AccountRow& account,
                               int64_t generation, absl::Time check_at) {
  return IsOne(
      tx.Execute("UPDATE social_accounts SET sealed = $3, refresh = $4, token_at = $5,"
                 " expires_at = $6, checked_at = $5, check_at = $7, generation = generation + 1,"
                 " refused = false, reason = ''"
                 " WHERE id = $1 AND generation = $2",
                 account.id, generation, account.sealed, account.refresh, account.token_at,
                 account.expires_at, check_at));
}

void SaveCheck(postgres::Transaction& tx, const AccountRow& account,
               std::optional<absl::Time> checked_at, absl::Time check_at) {
  tx.Queue(
      "UPDATE social_accounts SET checked_at = coalesce($3, checked_at), check_at = $4"
      " WHERE id = $1 AND generation = $2",
      account.id, account.generation, checked_at, check_at);
}

void SaveHearing(postgres::Transaction& tx, int64_t account_id, std::string_view heard_to,
                 absl::Time until, absl::Time hear_at) {
  tx.Queue(
      "UPDATE social_accounts SET heard_to = $2,"
      " hear_at = CASE WHEN hear_at < $3 THEN hear_at ELSE $4 END WHERE id = $1",
      account_id, heard_to, until, hear_at);
}

void HearSoon(postgres::Transaction& tx, v1::Platform platform, int64_t user_id,
              const std::vector<std::string>& remote_ids, absl::Time now) {
  tx.Queue(
      "UPDATE social_accounts SET hear_at = $4 WHERE platform = $1 AND ($2 = 0 OR user_id = $2)"
      " AND (remote_id = ANY($3) OR (cardinality($3) = 0 AND $2 <> 0))",
      static_cast<int32_t>(platform), user_id, remote_ids, now);
}

}  // namespace selfology::social::store
