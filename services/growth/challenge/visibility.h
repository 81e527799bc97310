// Which challenges a person may see. Errors: NOT_FOUND, and the transaction's. Threads: as the
// transaction's.
#pragma once

#include <cstdint>

#include "absl/status/statusor.h"
#include "common/postgres/transaction.h"
#include "common/status/status.h"
#include "services/growth/challenge/challenge_store.h"

namespace selfology::challenge {

absl::Status NoSuchChallenge();

// One that the person may see: their own, or one for several that is open or was.
absl::StatusOr<store::Row> Visible(postgres::Transaction& tx, int64_t id, int64_t user_id);

template <typename Request>
status::FieldViolations CheckBoth(const Request& request) {
  status::FieldViolations bad = status::CheckUser(request);
  if (request.challenge_id() < 1) bad.Add("challenge_id", "must be 1 or more");
  return bad;
}

}  // namespace selfology::challenge
