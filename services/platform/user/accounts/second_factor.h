// Checking a second factor at a login. Its secret is kept sealed.
//
//   ASSIGN_OR_RETURN(const Factor factor,
//                    CheckSecondFactor(tx, sealer, user_id, request.code(), now));
//   if (factor == Factor::kMissing) ...
//
// What was used is used up with the transaction. Errors: the transaction's; DATA_LOSS when the
// secret was sealed with another key.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "common/crypto/crypto.h"
#include "common/postgres/transaction.h"

namespace selfology::user {

enum class Factor {
  kNotNeeded,  // The account has none.
  kGood,
  kMissing,  // It has one, and no code was given.
  kWrong,
};

// code: six digits, or a recovery code as a person types it.
absl::StatusOr<Factor> CheckSecondFactor(postgres::Transaction& tx, const crypto::Sealer& sealer,
                                         int64_t user_id, std::string_view code, absl::Time now);

inline constexpr std::string_view kTotpPurpose = "totp secret";
// The secret of what is kept, also of what was kept before it was sealed.
absl::StatusOr<std::string> OpenTotpSecret(const crypto::Sealer& sealer, std::string_view kept);

// OK when the login may go on.
absl::Status ToStatus(Factor factor);

absl::Status InvalidCode();

}  // namespace selfology::user
