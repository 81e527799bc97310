#include "services/platform/user/linking/link_store.h"

#include <tuple>

#include "common/status/status_macros.h"

namespace selfology::user::store {

using postgres::Transaction;

absl::StatusOr<std::optional<int64_t>> OwnerOfLinkCode(Transaction& tx, std::string_view hash,
                                                       absl::Time now) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT user_id FROM user_codes WHERE code_hash = $1"
                                        " AND purpose = 'LINK_TELEGRAM' AND expires_at > $2",
                                        hash, now));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

absl::StatusOr<std::optional<int64_t>> AccountOfTelegram(Transaction& tx, int64_t telegram_id) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<int64_t>("SELECT user_id FROM user_accounts WHERE telegram_id = $1",
                                        telegram_id));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

void SaveChoice(Transaction& tx, const LinkChoice& choice, absl::Time now) {
  tx.Queue("DELETE FROM user_link_choices WHERE user_id = $1 OR telegram_id = $2", choice.web_id,
           choice.telegram_id);
  tx.Queue("INSERT INTO user_link_choices (user_id, telegram_id, created_at) VALUES ($1, $2, $3)",
           choice.web_id, choice.telegram_id, now);
}

absl::StatusOr<std::optional<LinkChoice>> ReadChoice(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(const auto row, (tx.QueryOne<int64_t, int64_t>(
                                       "SELECT user_id, telegram_id FROM user_link_choices"
                                       " WHERE user_id = $1 OR telegram_id = $1",
                                       user_id)));
  if (!row.has_value()) return std::nullopt;
  return LinkChoice{std::get<0>(*row), std::get<1>(*row)};
}

void DeleteChoice(Transaction& tx, const LinkChoice& choice) {
  tx.Queue("DELETE FROM user_link_choices WHERE user_id = $1", choice.web_id);
}

void FreeAccount(Transaction& tx, int64_t user_id) {
  tx.Queue(
      "UPDATE user_accounts SET email = NULL, telegram_id = NULL, password_hash = '',"
      " deleting = true WHERE user_id = $1",
      user_id);
}

void MoveLogins(Transaction& tx, int64_t from, int64_t to) {
  tx.Queue(
      "UPDATE user_second_factors SET user_id = $2 WHERE user_id = $1"
      " AND NOT EXISTS (SELECT 1 FROM user_second_factors WHERE user_id = $2)",
      from, to);
  tx.Queue(
      "UPDATE user_recovery_codes SET user_id = $2 WHERE user_id = $1"
      " AND NOT EXISTS (SELECT 1 FROM user_second_factors WHERE user_id = $1)",
      from, to);
  tx.Queue("UPDATE user_foreign_accounts SET user_id = $2 WHERE user_id = $1", from, to);
}

}  // namespace selfology::user::store
