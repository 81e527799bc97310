// Questions: the bank, and Smart Mix, which picks the next one.
#pragma once

#include <memory>

#include "common/service/module.h"

namespace selfology::question {

std::unique_ptr<service::Module> MakeModule();

}  // namespace selfology::question
