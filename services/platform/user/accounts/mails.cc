#include "services/platform/user/accounts/mails.h"

#include <string>

#include "absl/strings/str_cat.h"
#include "common/events/outbox.h"
#include "common/language/language.h"
#include "common/timestamps/timestamp.h"
#include "selfology/events/v1/user.pb.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/mailbox/mail_store.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {
namespace {

using language::Language;
using postgres::Transaction;

struct Words {
  std::string_view subject;
  std::string_view before_code;
  std::string_view after_code;
};

Words VerificationWords(Language language) {
  if (language == Language::kRussian) {
    return {"Подтвердите адрес", "Код для подтверждения адреса: ", "\nОн действует сутки."};
  }
  return {"Confirm your address", "Your code to confirm the address: ", "\nIt is good for a day."};
}

Words RecoveryWords(Language language) {
  if (language == Language::kRussian) {
    return {"Новый пароль", "Код, чтобы задать новый пароль: ",
            "\nОн действует полчаса. Если вы его не просили, ничего делать не нужно."};
  }
  return {"A new password", "Your code to set a new password: ",
          "\nIt is good for half an hour. If you did not ask for it, there is nothing to do."};
}

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

void Deposit(Transaction& tx, const v1::User& user, const Words& words, const std::string& code,
             absl::Time now) {
  store::SaveMail(tx, user.user_id(), user.email(), words.subject,
                  absl::StrCat(words.before_code, code, words.after_code), now);
}

}  // namespace

absl::Status Mails::SendVerification(Transaction& tx, const v1::User& user, absl::Time now) const {
  const std::string code =
      NewCodeFor(tx, user, store::Purpose::kVerifyEmail, now, kVerificationLasts);
  if (local_mailbox_) {
    Deposit(tx, user, VerificationWords(language::LanguageOf(user.language())), code, now);
  }
  return events::Publish(
      tx, Mail<events::v1::EmailVerificationRequested>(user, code, now + kVerificationLasts));
}

absl::Status Mails::SendRecovery(Transaction& tx, const v1::User& user, absl::Time now) const {
  const std::string code =
      NewCodeFor(tx, user, store::Purpose::kRecoverPassword, now, kRecoveryLasts);
  if (local_mailbox_) {
    Deposit(tx, user, RecoveryWords(language::LanguageOf(user.language())), code, now);
  }
  return events::Publish(
      tx, Mail<events::v1::PasswordRecoveryRequested>(user, code, now + kRecoveryLasts));
}

}  // namespace selfology::user
