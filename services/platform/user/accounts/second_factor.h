// Checking a second factor at a login.
//
//   ASSIGN_OR_RETURN(const Factor factor, CheckSecondFactor(tx, user_id, request.code(), now));
//   if (factor == Factor::kMissing) ...
//
// What was used is used up with the transaction. Errors: the transaction's.
#pragma once

#include <cstdint>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/postgres/transaction.h"

namespace selfology::user {

enum class Factor {
  kNotNeeded,  // The account has none.
  kGood,
  kMissing,  // It has one, and no code was given.
  kWrong,
};

// code: six digits, or a recovery code as a person types it.
absl::StatusOr<Factor> CheckSecondFactor(postgres::Transaction& tx, int64_t user_id,
                                         std::string_view code, absl::Time now);

// OK when the login may go on.
absl::Status ToStatus(Factor factor);

absl::Status InvalidCode();

}  // namespace selfology::user
