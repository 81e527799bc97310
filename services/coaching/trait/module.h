// Traits over time: what each answer showed, how it moves, and which shape it takes.
#pragma once

#include <memory>

#include "common/service/module.h"

namespace selfology::trait {

std::unique_ptr<service::Module> MakeModule();

}  // namespace selfology::trait
