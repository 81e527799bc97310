// What the room says by mail. Each is an event; the notification service has the words and sends it.
//
//   RETURN_IF_ERROR(SendVerification(tx, account.user, now));
//
// Makes a new code, which replaces the person's one before. Errors: the transaction's. Threads: as
// the transaction's.
#pragma once

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"
#include "selfology/user/v1/user.pb.h"

namespace selfology::user {

inline constexpr absl::Duration kVerificationLasts = absl::Hours(24);
inline constexpr absl::Duration kRecoveryLasts = absl::Minutes(30);

absl::Status SendVerification(postgres::Transaction& tx, const v1::User& user, absl::Time now);
absl::Status SendRecovery(postgres::Transaction& tx, const v1::User& user, absl::Time now);

}  // namespace selfology::user
