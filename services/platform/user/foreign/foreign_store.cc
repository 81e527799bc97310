#include "services/platform/user/foreign/foreign_store.h"

#include <tuple>

#include "common/status/status_macros.h"

namespace selfology::user::store {

using postgres::Transaction;

void SaveForeignLogin(Transaction& tx, std::string_view state_hash, const ForeignLogin& login,
                      absl::Time expires_at) {
  tx.Queue(
      "INSERT INTO user_foreign_logins (state_hash, provider, redirect_uri, nonce, verifier,"
      " expires_at) VALUES ($1, $2, $3, $4, $5, $6)",
      state_hash, login.provider, login.redirect_uri, login.nonce, login.verifier, expires_at);
}

absl::StatusOr<std::optional<ForeignLogin>> TakeForeignLogin(Transaction& tx,
                                                             std::string_view state_hash,
                                                             absl::Time now) {
  ASSIGN_OR_RETURN(const auto row,
                   (tx.QueryOne<std::string, std::string, std::string, std::string, absl::Time>(
                       "DELETE FROM user_foreign_logins WHERE state_hash = $1"
                       " RETURNING provider, redirect_uri, nonce, verifier, expires_at",
                       state_hash)));
  if (!row.has_value()) return std::nullopt;
  const auto& [provider, redirect_uri, nonce, verifier, expires_at] = *row;
  if (expires_at <= now) return std::nullopt;
  return ForeignLogin{provider, redirect_uri, nonce, verifier};
}

absl::StatusOr<std::optional<int64_t>> PersonOfForeign(Transaction& tx, std::string_view provider,
                                                       std::string_view subject) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>("SELECT user_id FROM user_foreign_accounts"
                                                        " WHERE provider = $1 AND subject = $2",
                                                        provider, subject));
  if (!row.has_value()) return std::nullopt;
  return std::get<0>(*row);
}

void SaveForeignAccount(Transaction& tx, std::string_view provider, std::string_view subject,
                        int64_t user_id, absl::Time now) {
  tx.Queue(
      "INSERT INTO user_foreign_accounts (provider, subject, user_id, linked_at)"
      " VALUES ($1, $2, $3, $4)",
      provider, subject, user_id, now);
}

}  // namespace selfology::user::store
