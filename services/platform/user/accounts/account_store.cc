#include "services/platform/user/accounts/account_store.h"

#include <tuple>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::user::store {
namespace {

using postgres::Bytes;
using postgres::BytesView;
using postgres::Transaction;

struct AccountRow {
  int64_t user_id = 0;
  std::optional<std::string> email;
  bool email_verified = false;
  std::string first_name;
  std::string last_name;
  std::string language;
  std::string time_zone;
  std::string bio;
  std::string password_hash;
  std::optional<int64_t> telegram_id;
  bool deleting = false;
  absl::Time created_at;
  absl::Time updated_at;
  int64_t version = 0;
};

constexpr std::string_view kAccounts =
    "SELECT user_id, email, email_verified, first_name, last_name, language, time_zone, bio,"
    " password_hash, telegram_id, deleting, created_at, updated_at, version FROM user_accounts";

std::optional<Account> ToAccount(std::optional<AccountRow> row) {
  if (!row.has_value()) return std::nullopt;
  Account account;
  account.password_hash = std::move(row->password_hash);
  account.deleting = row->deleting;
  v1::User& user = account.user;
  user.set_user_id(row->user_id);
  user.set_email(row->email.value_or(""));
  user.set_email_verified(row->email_verified);
  user.set_first_name(row->first_name);
  user.set_last_name(row->last_name);
  user.set_language(row->language);
  user.set_time_zone(row->time_zone);
  user.set_bio(row->bio);
  user.set_telegram_id(row->telegram_id.value_or(0));
  user.set_has_password(!account.password_hash.empty());
  *user.mutable_created_at() = timestamps::ToProto(row->created_at);
  *user.mutable_updated_at() = timestamps::ToProto(row->updated_at);
  user.set_version(row->version);
  return account;
}

std::optional<std::string> EmailOf(const v1::User& user) {
  return user.email().empty() ? std::nullopt : std::optional(user.email());
}

std::optional<int64_t> TelegramIdOf(const v1::User& user) {
  return user.telegram_id() == 0 ? std::nullopt : std::optional(user.telegram_id());
}

std::string_view Word(Purpose purpose) {
  switch (purpose) {
    case Purpose::kVerifyEmail:
      return "VERIFY_EMAIL";
    case Purpose::kRecoverPassword:
      return "RECOVER_PASSWORD";
    case Purpose::kLinkTelegram:
      return "LINK_TELEGRAM";
  }
  return "";
}

}  // namespace

absl::StatusOr<std::optional<Account>> ReadAccount(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      auto row, tx.QueryOne<AccountRow>(absl::StrCat(kAccounts, " WHERE user_id = $1"), user_id));
  return ToAccount(std::move(row));
}

absl::StatusOr<std::optional<Account>> ReadAccountOfEmail(Transaction& tx, std::string_view email) {
  ASSIGN_OR_RETURN(auto row,
                   tx.QueryOne<AccountRow>(absl::StrCat(kAccounts, " WHERE email = $1"), email));
  return ToAccount(std::move(row));
}

absl::StatusOr<int64_t> NextWebId(Transaction& tx) {
  ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>("SELECT nextval('user_web_ids')"));
  return std::get<0>(row.value());
}

absl::StatusOr<bool> InsertAccount(Transaction& tx, const Account& account) {
  const v1::User& user = account.user;
  ASSIGN_OR_RETURN(
      const int64_t inserted,
      tx.Execute("INSERT INTO user_accounts (user_id, email, email_verified, first_name, last_name,"
                 " language, time_zone, bio, password_hash, telegram_id, created_at, updated_at)"
                 " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $11)"
                 " ON CONFLICT DO NOTHING",
                 user.user_id(), EmailOf(user), user.email_verified(), user.first_name(),
                 user.last_name(), user.language(), user.time_zone(), user.bio(),
                 account.password_hash, TelegramIdOf(user),
                 timestamps::FromProto(user.created_at())));
  return inserted == 1;
}

void SaveAccount(Transaction& tx, const Account& account, absl::Time now) {
  const v1::User& user = account.user;
  tx.Queue(
      "UPDATE user_accounts SET email = $2, email_verified = $3, first_name = $4, last_name = $5,"
      " language = $6, time_zone = $7, bio = $8, password_hash = $9, telegram_id = $10,"
      " updated_at = $11, version = version + 1 WHERE user_id = $1",
      user.user_id(), EmailOf(user), user.email_verified(), user.first_name(), user.last_name(),
      user.language(), user.time_zone(), user.bio(), account.password_hash, TelegramIdOf(user),
      now);
}

void SaveHash(Transaction& tx, int64_t user_id, std::string_view password_hash) {
  tx.Queue("UPDATE user_accounts SET password_hash = $2 WHERE user_id = $1", user_id,
           password_hash);
}

void MarkDeleting(Transaction& tx, int64_t user_id) {
  tx.Queue("UPDATE user_accounts SET deleting = true WHERE user_id = $1", user_id);
}

absl::StatusOr<LoginFailures> ReadFailures(Transaction& tx, std::string_view name_hash) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<LoginFailures>("SELECT failures, last_at FROM user_login_failures"
                                              " WHERE name_hash = $1",
                                              name_hash));
  return row.value_or(LoginFailures());
}

void SaveFailures(Transaction& tx, std::string_view name_hash, const LoginFailures& failures) {
  tx.Queue(
      "INSERT INTO user_login_failures (name_hash, failures, last_at) VALUES ($1, $2, $3)"
      " ON CONFLICT (name_hash) DO UPDATE SET failures = EXCLUDED.failures,"
      " last_at = EXCLUDED.last_at",
      name_hash, failures.count, failures.last_at);
}

void ForgetFailures(Transaction& tx, std::string_view name_hash) {
  tx.Queue("DELETE FROM user_login_failures WHERE name_hash = $1", name_hash);
}

void SaveCode(Transaction& tx, const Code& code) {
  tx.Queue("DELETE FROM user_codes WHERE user_id = $1 AND purpose = $2", code.user_id,
           Word(code.purpose));
  tx.Queue(
      "INSERT INTO user_codes (code_hash, user_id, purpose, email, created_at, expires_at)"
      " VALUES ($1, $2, $3, $4, $5, $6)",
      code.hash, code.user_id, Word(code.purpose), code.email, code.created_at, code.expires_at);
}

absl::StatusOr<std::optional<Code>> TakeCode(Transaction& tx, std::string_view hash,
                                             Purpose purpose, absl::Time now) {
  ASSIGN_OR_RETURN(const auto row,
                   (tx.QueryOne<int64_t, std::string, absl::Time, absl::Time>(
                       "DELETE FROM user_codes WHERE code_hash = $1 AND purpose = $2"
                       " RETURNING user_id, email, created_at, expires_at",
                       hash, Word(purpose))));
  if (!row.has_value()) return std::nullopt;
  const auto& [user_id, email, created_at, expires_at] = *row;
  if (expires_at <= now) return std::nullopt;
  return Code{std::string(hash), user_id, purpose, email, created_at, expires_at};
}

absl::StatusOr<std::optional<absl::Time>> LastCodeAt(Transaction& tx, int64_t user_id,
                                                     Purpose purpose) {
  ASSIGN_OR_RETURN(const auto row,
                   tx.QueryOne<std::optional<absl::Time>>(
                       "SELECT max(created_at) FROM user_codes WHERE user_id = $1 AND purpose = $2",
                       user_id, Word(purpose)));
  return std::get<0>(row.value());
}

absl::StatusOr<int64_t> ForgetExpired(Transaction& tx, absl::Time now) {
  ASSIGN_OR_RETURN(const int64_t codes,
                   tx.Execute("DELETE FROM user_codes WHERE expires_at <= $1", now));
  ASSIGN_OR_RETURN(const int64_t logins,
                   tx.Execute("DELETE FROM user_foreign_logins WHERE expires_at <= $1", now));
  ASSIGN_OR_RETURN(const int64_t invitations,
                   tx.Execute("DELETE FROM user_team_invitations WHERE expires_at <= $1", now));
  ASSIGN_OR_RETURN(
      const int64_t failures,
      tx.Execute("DELETE FROM user_login_failures WHERE last_at <= $1", now - kFailuresLast));
  return codes + logins + invitations + failures;
}

absl::StatusOr<std::optional<SecondFactor>> ReadSecondFactor(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(auto row, (tx.QueryOne<Bytes, bool, int64_t>(
                                 "SELECT secret, confirmed, last_step FROM user_second_factors"
                                 " WHERE user_id = $1",
                                 user_id)));
  if (!row.has_value()) return std::nullopt;
  auto& [secret, confirmed, last_step] = *row;
  return SecondFactor{std::move(secret.value), confirmed, last_step};
}

void SaveSecondFactor(Transaction& tx, int64_t user_id, const SecondFactor& factor) {
  tx.Queue(
      "INSERT INTO user_second_factors (user_id, secret, confirmed, last_step)"
      " VALUES ($1, $2, $3, $4) ON CONFLICT (user_id) DO UPDATE SET secret = EXCLUDED.secret,"
      " confirmed = EXCLUDED.confirmed, last_step = EXCLUDED.last_step",
      user_id, BytesView{factor.secret}, factor.confirmed, factor.last_step);
}

void DeleteSecondFactor(Transaction& tx, int64_t user_id) {
  tx.Queue("DELETE FROM user_second_factors WHERE user_id = $1", user_id);
  tx.Queue("DELETE FROM user_recovery_codes WHERE user_id = $1", user_id);
}

void ReplaceRecoveryCodes(Transaction& tx, int64_t user_id,
                          const std::vector<std::string>& hashes) {
  tx.Queue("DELETE FROM user_recovery_codes WHERE user_id = $1", user_id);
  tx.Queue("INSERT INTO user_recovery_codes (user_id, code_hash) SELECT $1, unnest($2::text[])",
           user_id, hashes);
}

absl::StatusOr<bool> TakeRecoveryCode(Transaction& tx, int64_t user_id, std::string_view hash) {
  ASSIGN_OR_RETURN(
      const int64_t taken,
      tx.Execute("DELETE FROM user_recovery_codes WHERE user_id = $1 AND code_hash = $2", user_id,
                 hash));
  return taken == 1;
}

absl::StatusOr<int> CountRecoveryCodes(Transaction& tx, int64_t user_id) {
  ASSIGN_OR_RETURN(
      const auto row,
      tx.QueryOne<int64_t>("SELECT count(*) FROM user_recovery_codes WHERE user_id = $1", user_id));
  return static_cast<int>(std::get<0>(row.value()));
}

absl::StatusOr<int64_t> DeleteAccount(Transaction& tx, int64_t user_id) {
  LockUser(tx, user_id);
  int64_t deleted = 0;
  // What refers to the account first, though it would go along: the caller wants it counted.
  for (const std::string_view sql :
       {"DELETE FROM user_recovery_codes WHERE user_id = $1",
        "DELETE FROM user_second_factors WHERE user_id = $1",
        "DELETE FROM user_foreign_accounts WHERE user_id = $1",
        "DELETE FROM user_codes WHERE user_id = $1",
        "DELETE FROM user_link_choices WHERE user_id = $1 OR telegram_id = $1",
        "DELETE FROM user_accounts WHERE user_id = $1"}) {
    ASSIGN_OR_RETURN(const int64_t rows, tx.Execute(sql, user_id));
    deleted += rows;
  }
  return deleted;
}

}  // namespace selfology::user::store
