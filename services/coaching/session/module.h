// Sessions: from consent to a finished onboarding, and the answers given on the way.
#pragma once

#include <memory>

#include "common/service/module.h"

namespace selfology::session {

std::unique_ptr<service::Module> MakeModule();

}  // namespace selfology::session
