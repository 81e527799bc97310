// AccountService: Register, VerifyEmail, and ways back to a password.
#include <optional>
#include <utility>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/account_service.h"
#include "services/platform/user/accounts/password_policy.h"
#include "services/platform/user/accounts/profile_rules.h"
#include "services/platform/user/accounts/second_factor.h"
#include "services/platform/user/accounts/tries.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using postgres::Transaction;
using status::FieldViolations;
using store::Account;

// A client that heard no answer asks again by then.
constexpr absl::Duration kSentTwice = absl::Minutes(5);
constexpr absl::Duration kBetweenMails = absl::Minutes(1);

absl::Status EmailTaken() {
  return status::Error(mesh::v1::ERROR_CODE_EMAIL_TAKEN, "the address has an account already");
}

absl::Status LoginFailed() {
  return status::Error(mesh::v1::ERROR_CODE_LOGIN_FAILED, "no such account, or another password");
}

absl::Status PublishChange(Transaction& tx, int64_t user_id, const std::string& kept_session,
                           bool recovered) {
  events::v1::PasswordChanged event;
  event.set_user_id(user_id);
  event.set_kept_session_id(kept_session);
  event.set_recovered(recovered);
  return events::Publish(tx, event);
}

absl::Status PublishRegistered(Transaction& tx, const v1::User& user, std::string_view origin) {
  events::v1::UserRegistered event;
  event.set_user_id(user.user_id());
  event.set_language(user.language());
  event.set_origin(std::string(origin));
  return events::Publish(tx, event);
}

}  // namespace

absl::StatusOr<v1::RegisterResponse> AccountService::Register(const Call& call,
                                                              const v1::RegisterRequest& request) {
  const std::string email = NormalEmail(request.email());
  FieldViolations bad;
  CheckEmail(email, "email", bad);
  CheckNewPassword(request.password(), "password", email, bad);
  CheckFirstName(request.first_name(), "first_name", bad);
  CheckLanguage(request.language(), "language", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();

  const auto read = [&](Transaction& tx) { return store::ReadAccountOfEmail(tx, email); };
  // The same request sent twice gives the same answer, but only soon: later it would tell whoever
  // guesses whether a password is right, past login's limits and the second factor.
  const auto same = [&](const Account& account) -> absl::StatusOr<v1::RegisterResponse> {
    if (now - timestamps::FromProto(account.user.created_at()) > kSentTwice) return EmailTaken();
    ASSIGN_OR_RETURN(const auto checked,
                     parts_.workers->Check(call, request.password(), account.password_hash));
    if (!checked.matches) return EmailTaken();
    v1::RegisterResponse response;
    response.set_user_id(account.user.user_id());
    return response;
  };
  ASSIGN_OR_RETURN(const std::optional<Account> existing,
                   parts_.database.Read(call, read, {.newest = true}));
  if (existing.has_value()) return same(*existing);

  Account account;
  ASSIGN_OR_RETURN(account.password_hash, parts_.workers->Hash(call, request.password()));
  account.user.set_email(email);
  account.user.set_first_name(std::string(text::Trim(request.first_name())));
  account.user.set_language(request.language());
  *account.user.mutable_created_at() = timestamps::ToProto(now);
  ASSIGN_OR_RETURN(const bool inserted,
                   parts_.database.Write(call, [&](Transaction& tx) -> absl::StatusOr<bool> {
                     ASSIGN_OR_RETURN(const int64_t user_id, store::NextWebId(tx));
                     account.user.set_user_id(user_id);
                     ASSIGN_OR_RETURN(const bool is_new, store::InsertAccount(tx, account));
                     if (!is_new) return false;
                     RETURN_IF_ERROR(PublishRegistered(tx, account.user, "password"));
                     RETURN_IF_ERROR(SendVerification(tx, account.user, now));
                     return true;
                   }));
  if (!inserted) {  // Another registration came first, perhaps this one sent twice.
    ASSIGN_OR_RETURN(const std::optional<Account> first,
                     parts_.database.Read(call, read, {.newest = true}));
    if (!first.has_value()) return absl::AbortedError("the other account is gone");
    return same(*first);
  }
  v1::RegisterResponse response;
  response.set_user_id(account.user.user_id());
  return response;
}

absl::StatusOr<v1::VerifyEmailResponse> AccountService::VerifyEmail(
    const Call& call, const v1::VerifyEmailRequest& request) {
  if (request.code().empty()) return status::InvalidField("code", "must not be empty");
  const absl::Time now = Now();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::VerifyEmailResponse> {
        ASSIGN_OR_RETURN(const auto code, store::TakeCode(tx, HashOfCode(request.code()),
                                                          store::Purpose::kVerifyEmail, now));
        if (!code.has_value()) return InvalidCode();
        store::LockUser(tx, code->user_id);
        ASSIGN_OR_RETURN(Account account, ReadLiveAccount(tx, code->user_id));
        // It proves the address that it was sent to, which may be theirs no more.
        if (account.user.email() != code->email) return InvalidCode();
        if (!account.user.email_verified()) {
          account.user.set_email_verified(true);
          store::SaveAccount(tx, account, now);
          events::v1::EmailVerified event;
          event.set_user_id(code->user_id);
          RETURN_IF_ERROR(events::Publish(tx, event));
        }
        return v1::VerifyEmailResponse();
      });
}

absl::StatusOr<v1::RequestVerificationResponse> AccountService::RequestVerification(
    const Call& call, const v1::RequestVerificationRequest& request) {
  RETURN_IF_ERROR(status::CheckUser(request).ToStatus());
  const absl::Time now = Now();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RequestVerificationResponse> {
        v1::RequestVerificationResponse response;
        store::LockUser(tx, request.user_id());
        ASSIGN_OR_RETURN(const Account account, ReadLiveAccount(tx, request.user_id()));
        if (account.user.email().empty() || account.user.email_verified()) return response;
        ASSIGN_OR_RETURN(const auto last,
                         store::LastCodeAt(tx, request.user_id(), store::Purpose::kVerifyEmail));
        if (last.has_value() && now - *last < kBetweenMails) return response;
        RETURN_IF_ERROR(SendVerification(tx, account.user, now));
        return response;
      });
}

absl::StatusOr<v1::RequestRecoveryResponse> AccountService::RequestRecovery(
    const Call& call, const v1::RequestRecoveryRequest& request) {
  const std::string email = NormalEmail(request.email());
  FieldViolations bad;
  CheckEmail(email, "email", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RequestRecoveryResponse> {
        v1::RequestRecoveryResponse same_for_all;
        ASSIGN_OR_RETURN(const auto account, store::ReadAccountOfEmail(tx, email));
        if (!account.has_value() || account->deleting) return same_for_all;
        const int64_t user_id = account->user.user_id();
        store::LockUser(tx, user_id);
        ASSIGN_OR_RETURN(const auto last,
                         store::LastCodeAt(tx, user_id, store::Purpose::kRecoverPassword));
        if (last.has_value() && now - *last < kBetweenMails) return same_for_all;
        RETURN_IF_ERROR(SendRecovery(tx, account->user, now));
        return same_for_all;
      });
}

absl::StatusOr<v1::RecoverPasswordResponse> AccountService::RecoverPassword(
    const Call& call, const v1::RecoverPasswordRequest& request) {
  FieldViolations bad;
  if (request.code().empty()) bad.Add("code", "must not be empty");
  CheckNewPassword(request.new_password(), "new_password", "", bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();
  ASSIGN_OR_RETURN(const std::string hash, parts_.workers->Hash(call, request.new_password()));
  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::RecoverPasswordResponse> {
        ASSIGN_OR_RETURN(const auto code, store::TakeCode(tx, HashOfCode(request.code()),
                                                          store::Purpose::kRecoverPassword, now));
        if (!code.has_value()) return InvalidCode();
        store::LockUser(tx, code->user_id);
        ASSIGN_OR_RETURN(Account account, ReadLiveAccount(tx, code->user_id));
        if (account.user.email() != code->email) return InvalidCode();
        account.password_hash = hash;
        account.user.set_email_verified(true);  // They have read its mail.
        store::SaveAccount(tx, account, now);
        RETURN_IF_ERROR(PublishChange(tx, code->user_id, "", /*recovered=*/true));
        return v1::RecoverPasswordResponse();
      });
}

absl::StatusOr<v1::ChangePasswordResponse> AccountService::ChangePassword(
    const Call& call, const v1::ChangePasswordRequest& request) {
  const int64_t user_id = request.user_id();
  const std::string email = NormalEmail(request.email());
  FieldViolations bad = status::CheckUser(request);
  if (!email.empty()) CheckEmail(email, "email", bad);
  CheckNewPassword(request.new_password(), "new_password", email, bad);
  RETURN_IF_ERROR(bad.ToStatus());
  const absl::Time now = Now();

  // Whoever stole a session must not guess the password with it.
  const std::string tries = KeyedHash(parts_.pseudonym_key, absl::StrCat("password:", user_id));
  ASSIGN_OR_RETURN(
      const std::optional<Account> before,
      parts_.database.Read(call,
                           [&](Transaction& tx) -> absl::StatusOr<std::optional<Account>> {
                             RETURN_IF_ERROR(MayTry(tx, tries, now));
                             return store::ReadAccount(tx, user_id);
                           },
                           {.newest = true}));
  const bool of_telegram = user_id < kFirstWebId;
  if (before.has_value() ? before->deleting : !of_telegram) return UserNotFound();
  const std::string known_hash = before.has_value() ? before->password_hash : "";
  if (!known_hash.empty()) {
    ASSIGN_OR_RETURN(const auto checked,
                     parts_.workers->Check(call, request.old_password(), known_hash));
    if (!checked.matches) {
      RETURN_IF_ERROR(parts_.database.Write(
          call, [&](Transaction& tx) { return NoteFailure(tx, tries, now); }));
      return LoginFailed();
    }
  }
  if (email.empty() && (!before.has_value() || before->user.email().empty())) {
    return status::InvalidField("email", "must be set: there is no address to log in with");
  }
  ASSIGN_OR_RETURN(const std::string hash, parts_.workers->Hash(call, request.new_password()));

  return parts_.database.Write(
      call, [&](Transaction& tx) -> absl::StatusOr<v1::ChangePasswordResponse> {
        store::LockUser(tx, user_id);
        ASSIGN_OR_RETURN(std::optional<Account> account, store::ReadAccount(tx, user_id));
        if ((account.has_value() ? account->password_hash : "") != known_hash) {
          return absl::AbortedError("the password was changed meanwhile");
        }
        const bool is_new = !account.has_value();
        if (is_new) {
          account.emplace();
          account->user.set_user_id(user_id);
          account->user.set_telegram_id(user_id);
          *account->user.mutable_created_at() = timestamps::ToProto(now);
        }
        const bool new_address = !email.empty() && email != account->user.email();
        if (new_address) {
          ASSIGN_OR_RETURN(const auto other, store::ReadAccountOfEmail(tx, email));
          if (other.has_value()) return EmailTaken();
          account->user.set_email(email);
          account->user.set_email_verified(false);
        }
        account->password_hash = hash;
        store::ForgetFailures(tx, tries);
        if (is_new) {
          ASSIGN_OR_RETURN(const bool inserted, store::InsertAccount(tx, *account));
          if (!inserted) return EmailTaken();
          RETURN_IF_ERROR(PublishRegistered(tx, account->user, "telegram"));
        } else {
          store::SaveAccount(tx, *account, now);
        }
        if (new_address) RETURN_IF_ERROR(SendVerification(tx, account->user, now));
        RETURN_IF_ERROR(PublishChange(tx, user_id, request.keep_session_id(), /*recovered=*/false));
        return v1::ChangePasswordResponse();
      });
}

}  // namespace selfology::user
