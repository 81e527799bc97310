#include "services/platform/user/accounts/tries.h"

#include "common/status/status.h"
#include "common/status/status_macros.h"
#include "selfology/mesh/v1/error.pb.h"
#include "services/platform/user/accounts/account_store.h"
#include "services/platform/user/accounts/login_rest.h"

namespace selfology::user {

absl::Status MayTry(postgres::Transaction& tx, std::string_view tries, absl::Time now) {
  ASSIGN_OR_RETURN(const LoginFailures failures, store::ReadFailures(tx, tries));
  const absl::Duration rest = RestLeft(failures, now);
  if (rest <= absl::ZeroDuration()) return absl::OkStatus();
  return status::WithRetryAfter(
      status::Error(mesh::v1::ERROR_CODE_RATE_LIMITED, "tried wrongly too often"), rest);
}

absl::Status NoteFailure(postgres::Transaction& tx, std::string_view tries, absl::Time now) {
  ASSIGN_OR_RETURN(const LoginFailures before, store::ReadFailures(tx, tries));
  store::SaveFailures(tx, tries, AfterFailure(before, now));
  return absl::OkStatus();
}

}  // namespace selfology::user
