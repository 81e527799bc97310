#include "services/platform/user/accounts/second_factor.h"

#include <optional>

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/accounts/totp.h"
#include "services/platform/user/secrets.h"

namespace selfology::user {

absl::StatusOr<std::string> OpenTotpSecret(const crypto::Sealer& sealer, std::string_view kept) {
  if (kept.size() == kTotpSecretBytes) return std::string(kept);
  return sealer.Open(kTotpPurpose, kept);
}

absl::StatusOr<Factor> CheckSecondFactor(postgres::Transaction& tx, const crypto::Sealer& sealer,
                                         int64_t user_id, std::string_view code, absl::Time now) {
  // Of two logins with one code at the same time only one finds it unused.
  store::LockUser(tx, user_id);
  ASSIGN_OR_RETURN(std::optional<store::SecondFactor> factor, store::ReadSecondFactor(tx, user_id));
  if (!factor.has_value() || !factor->confirmed) return Factor::kNotNeeded;
  if (code.empty()) return Factor::kMissing;
  ASSIGN_OR_RETURN(const std::string secret, OpenTotpSecret(sealer, factor->secret));
  const std::optional<int64_t> step = MatchTotp(secret, code, now, factor->last_step);
  if (step.has_value()) {
    factor->last_step = *step;
    store::SaveSecondFactor(tx, user_id, *factor);
    return Factor::kGood;
  }
  ASSIGN_OR_RETURN(const bool recovered,
                   store::TakeRecoveryCode(tx, user_id, HashOfCode(TypedCode(code))));
  return recovered ? Factor::kGood : Factor::kWrong;
}

absl::Status InvalidCode() {
  return status::Error(mesh::v1::ERROR_CODE_CODE_INVALID, "the code is wrong, used or expired");
}

absl::Status ToStatus(Factor factor) {
  switch (factor) {
    case Factor::kNotNeeded:
    case Factor::kGood:
      return absl::OkStatus();
    case Factor::kMissing:
      return status::Error(mesh::v1::ERROR_CODE_SECOND_FACTOR_REQUIRED, "a code is needed, too");
    case Factor::kWrong:
      return InvalidCode();
  }
  return absl::InternalError("no such outcome");
}

}  // namespace selfology::user
