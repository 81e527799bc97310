// Limits how often a secret of an account is tried: its password, old one or code. The rules are in
// login_rest.h.
//
//   RETURN_IF_ERROR(MayTry(tx, tries, now));
//   if (wrong) return NoteFailure(tx, tries, now);   // and commit it with the refusal
//
// `tries` is a keyed hash that names the account and the secret. Errors: the transaction's. Threads: as
// the transaction's.
#pragma once

#include <string_view>

#include "absl/status/status.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::user {

// RATE_LIMITED, and when to come back, while it has to rest.
absl::Status MayTry(postgres::Transaction& tx, std::string_view tries, absl::Time now);

absl::Status NoteFailure(postgres::Transaction& tx, std::string_view tries, absl::Time now);

}  // namespace selfology::user
