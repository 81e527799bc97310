// Errors that several parts of this service give.
#pragma once

#include <string_view>

#include "absl/status/status.h"

namespace selfology::webhook {

// what: "endpoint", "delivery", "source" or "request".
absl::Status NotFound(std::string_view what);
absl::Status NotPossible(std::string_view why);

}  // namespace selfology::webhook
