#include "services/coaching/profile/vector_store.h"

#include <utility>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "selfology/mesh/v1/error.pb.h"

namespace selfology::profile {

absl::Status Degraded(std::string_view part, const absl::Status& cause) {
  absl::Status degraded =
      status::Error(mesh::v1::ERROR_CODE_SERVICE_DEGRADED,
                    absl::StrCat(part, ": ", absl::StatusCodeToString(cause.code()), ": ",
                                 absl::string_view(cause.message())));
  const std::optional<absl::Duration> delay = status::RetryAfter(cause);
  return delay.has_value() ? status::WithRetryAfter(std::move(degraded), *delay) : degraded;
}

}  // namespace selfology::profile
