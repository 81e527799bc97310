#include "services/edge/webhook/errors.h"

#include "absl/strings/str_cat.h"
#include "common/status/status.h"

namespace selfology::webhook {

absl::Status NotFound(std::string_view what) {
  return status::Error(absl::StatusCode::kNotFound, "NOT_FOUND",
                       absl::StrCat("there is no such ", what));
}

absl::Status NotPossible(std::string_view why) {
  return status::Error(absl::StatusCode::kFailedPrecondition, "FAILED_PRECONDITION", why);
}

}  // namespace selfology::webhook
