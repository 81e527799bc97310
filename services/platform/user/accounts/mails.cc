#include "services/platform/user/accounts/mails.h"

#include <string>

#include "common/events/outbox.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using postgres::Transaction;

template <typename Event>
Event Mail(const v1::User& user, const std::string& code, absl::Time expires_at) {
  Event event;
  event.set_user_id(user.user_id());
  event.set_email(user.email());
  event.set_first_name(user.first_name());
  event.set_language(user.language());
  event.set_code(code);
  *event.mutable_expires_at() = timestamps::ToProto(expires_at);
  return event;
}

std::string NewCodeFor(Transaction& tx, const v1::User& user, store::Purpose purpose,
                       absl::Time now, absl::Duration lasts) {
  std::string code = NewCode();
  store::SaveCode(tx, {.hash = HashOfCode(code),
                       .user_id = user.user_id(),
                       .purpose = purpose,
                       .email = user.email(),
                       .created_at = now,
                       .expires_at = now + lasts});
  return code;
}

}  // namespace

absl::Status SendVerification(Transaction& tx, const v1::User& user, absl::Time now) {
  const std::string code =
      NewCodeFor(tx, user, store::Purpose::kVerifyEmail, now, kVerificationLasts);
  return events::Publish(
      tx, Mail<events::v1::EmailVerificationRequested>(user, code, now + kVerificationLasts));
}

absl::Status SendRecovery(Transaction& tx, const v1::User& user, absl::Time now) {
  const std::string code =
      NewCodeFor(tx, user, store::Purpose::kRecoverPassword, now, kRecoveryLasts);
  return events::Publish(
      tx, Mail<events::v1::PasswordRecoveryRequested>(user, code, now + kRecoveryLasts));
}

}  // namespace selfology::user
