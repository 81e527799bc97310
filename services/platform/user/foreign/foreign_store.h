// SQL of logins by other providers; see migrations/0001_accounts.sql. Errors: the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::user::store {

struct ForeignLogin {
  std::string provider = {};
  std::string redirect_uri = {};
  std::string nonce = {};
  std::string verifier = {};
};
void SaveForeignLogin(postgres::Transaction& tx, std::string_view state_hash,
                      const ForeignLogin& login, absl::Time expires_at);
// Once; nullopt: none, or no longer good.
absl::StatusOr<std::optional<ForeignLogin>> TakeForeignLogin(postgres::Transaction& tx,
                                                             std::string_view state_hash,
                                                             absl::Time now);

absl::StatusOr<std::optional<int64_t>> PersonOfForeign(postgres::Transaction& tx,
                                                       std::string_view provider,
                                                       std::string_view subject);
void SaveForeignAccount(postgres::Transaction& tx, std::string_view provider,
                        std::string_view subject, int64_t user_id, absl::Time now);

}  // namespace selfology::user::store
