// Profiles: what is known of each person, in layers, growing with every answer; and search for
// similar ones.
#pragma once

#include <memory>

#include "common/service/module.h"

namespace selfology::profile {

std::unique_ptr<service::Module> MakeModule();

}  // namespace selfology::profile
