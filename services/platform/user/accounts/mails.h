// What the room says by mail. Each is an event, for whoever sends mail; with the local mailbox on it
// lies there, too, to be read by who tries things out.
//
//   RETURN_IF_ERROR(mails.SendVerification(tx, account.user, now));
//
// Makes a new code, which replaces the person's one before. Errors: the transaction's. Threads:
// thread-safe.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/user/v1/user.pb.h"

namespace selfology::user {

inline constexpr absl::Duration kVerificationLasts = absl::Hours(24);
inline constexpr absl::Duration kRecoveryLasts = absl::Minutes(30);

class Mails {
 public:
  explicit Mails(bool local_mailbox) : local_mailbox_(local_mailbox) {}

  absl::Status SendVerification(postgres::Transaction& tx, const v1::User& user,
                                absl::Time now) const;
  absl::Status SendRecovery(postgres::Transaction& tx, const v1::User& user, absl::Time now) const;

 private:
  const bool local_mailbox_;
};

}  // namespace selfology::user
