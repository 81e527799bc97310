// What an operator can set of analysis (the flags in module.cc), as values, so that tests can
// choose.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "common/service/module.h"

namespace selfology::analysis {

// instant_budget: how long an instant analysis waits for the AI before it goes by rules.
std::unique_ptr<service::Module> MakeModule(absl::Duration instant_budget);

}  // namespace selfology::analysis
