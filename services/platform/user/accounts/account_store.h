// SQL of accounts, their codes and second factors; see migrations/0001_accounts.sql. Functions that
// return nothing are queued: they cost no round trip of their own. Errors: the transaction's.
// Threads: as the transaction's.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/advisory_lock.h"
#include "common/postgres/transaction.h"
#include "selfology/user/v1/user.pb.h"
#include "services/platform/user/accounts/login_rest.h"

namespace selfology::user::store {

// Waits for other changes of the same account; held until the transaction ends.
inline constexpr postgres::AdvisoryLock LockUser("user.account");

struct Account {
  v1::User user = {};
  std::string password_hash = {};  // Empty: none.
  bool deleting = false;
};
absl::StatusOr<std::optional<Account>> ReadAccount(postgres::Transaction& tx, int64_t user_id);
absl::StatusOr<std::optional<Account>> ReadAccountOfEmail(postgres::Transaction& tx,
                                                          std::string_view email);

absl::StatusOr<int64_t> NextWebId(postgres::Transaction& tx);
// False: the id, the address or the Telegram account has one already.
absl::StatusOr<bool> InsertAccount(postgres::Transaction& tx, const Account& account);
// All but the id and when it was made; `version` grows by itself.
void SaveAccount(postgres::Transaction& tx, const Account& account, absl::Time now);
// Only the hash: the account is as it was, to everybody.
void SaveHash(postgres::Transaction& tx, int64_t user_id, std::string_view password_hash);
void MarkDeleting(postgres::Transaction& tx, int64_t user_id);

// By a keyed hash of the address. None: no failures.
absl::StatusOr<LoginFailures> ReadFailures(postgres::Transaction& tx, std::string_view name_hash);
void SaveFailures(postgres::Transaction& tx, std::string_view name_hash,
                  const LoginFailures& failures);
void ForgetFailures(postgres::Transaction& tx, std::string_view name_hash);

enum class Purpose { kVerifyEmail, kRecoverPassword, kLinkTelegram };

struct Code {
  std::string hash = {};
  int64_t user_id = 0;
  Purpose purpose = Purpose::kVerifyEmail;
  std::string email = {};
  absl::Time created_at = absl::InfinitePast();
  absl::Time expires_at = absl::InfinitePast();
};
// In place of the person's others of the purpose.
void SaveCode(postgres::Transaction& tx, const Code& code);
// Takes it out, whether or not it is still good: nullopt when it is not, or was taken before.
absl::StatusOr<std::optional<Code>> TakeCode(postgres::Transaction& tx, std::string_view hash,
                                             Purpose purpose, absl::Time now);
// When the last one was made that is still there.
absl::StatusOr<std::optional<absl::Time>> LastCodeAt(postgres::Transaction& tx, int64_t user_id,
                                                     Purpose purpose);
absl::StatusOr<int64_t> ForgetExpired(postgres::Transaction& tx, absl::Time now);

struct SecondFactor {
  std::string secret = {};
  bool confirmed = false;
  int64_t last_step = 0;
};
absl::StatusOr<std::optional<SecondFactor>> ReadSecondFactor(postgres::Transaction& tx,
                                                             int64_t user_id);
void SaveSecondFactor(postgres::Transaction& tx, int64_t user_id, const SecondFactor& factor);
// With its recovery codes.
void DeleteSecondFactor(postgres::Transaction& tx, int64_t user_id);
void ReplaceRecoveryCodes(postgres::Transaction& tx, int64_t user_id,
                          const std::vector<std::string>& hashes);
// False: there is none like it (any more).
absl::StatusOr<bool> TakeRecoveryCode(postgres::Transaction& tx, int64_t user_id,
                                      std::string_view hash);
absl::StatusOr<int> CountRecoveryCodes(postgres::Transaction& tx, int64_t user_id);

// Everything about a person that lies in these tables; the number of rows.
absl::StatusOr<int64_t> DeleteAccount(postgres::Transaction& tx, int64_t user_id);

}  // namespace selfology::user::store
