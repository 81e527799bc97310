// The coach: conversations that fit the person's profile.
#pragma once

#include <memory>

#include "common/service/module.h"

namespace selfology::coach {

std::unique_ptr<service::Module> MakeModule();

}  // namespace selfology::coach
