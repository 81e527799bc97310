#include "services/platform/user/mailbox/mail_store.h"

#include <string>

#include "common/status/status_macros.h"
#include "common/timestamps/timestamp.h"

namespace selfology::user::store {

using postgres::Transaction;

void SaveMail(Transaction& tx, int64_t user_id, std::string_view email, std::string_view subject,
              std::string_view body, absl::Time now) {
  tx.Queue(
      "INSERT INTO user_local_mails (user_id, email, subject, body, sent_at)"
      " VALUES ($1, $2, $3, $4, $5)",
      user_id, email, subject, body, now);
}

absl::StatusOr<std::vector<v1::LocalMail>> ListMails(Transaction& tx, int64_t before_id,
                                                     int limit) {
  ASSIGN_OR_RETURN(const auto rows,
                   (tx.Query<int64_t, std::string, std::string, std::string, absl::Time>(
                       "SELECT mail_id, email, subject, body, sent_at FROM user_local_mails"
                       " WHERE mail_id < $1 ORDER BY mail_id DESC LIMIT $2",
                       before_id, limit)));
  std::vector<v1::LocalMail> mails;
  for (const auto& [id, email, subject, body, sent_at] : rows) {
    v1::LocalMail& mail = mails.emplace_back();
    mail.set_mail_id(id);
    mail.set_to_email(email);
    mail.set_subject(subject);
    mail.set_text(body);
    *mail.mutable_sent_at() = timestamps::ToProto(sent_at);
  }
  return mails;
}

absl::StatusOr<int64_t> ForgetMails(Transaction& tx, absl::Time sent_before) {
  return tx.Execute("DELETE FROM user_local_mails WHERE sent_at < $1", sent_before);
}

}  // namespace selfology::user::store
