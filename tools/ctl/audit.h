// `selfologyctl audit verify`: whether the audit is as it was appended.
//
// Prints how much was checked. Errors: INVALID_ARGUMENT for what is no command; NOT_FOUND when no
// security service runs; DATA_LOSS when a record or a checkpoint does not fit; those of
// AuditService. Threads: any.
#pragma once

#include <string>
#include <vector>

#include "absl/status/status.h"

namespace selfology::ctl {

// `endpoints_json`: as the running mesh announced it. arguments: verify, or none.
absl::Status RunAudit(const std::string& endpoints_json, const std::vector<std::string>& arguments);

}  // namespace selfology::ctl
