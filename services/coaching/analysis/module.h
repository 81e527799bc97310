// Analysis as a module of the mesh.
#pragma once

#include <memory>

#include "absl/time/time.h"
#include "common/service/module.h"

namespace selfology::analysis {

std::unique_ptr<service::Module> MakeModule();
std::unique_ptr<service::Module> MakeModule(absl::Duration instant_budget);

}  // namespace selfology::analysis
