// The outbox relay: brings every committed event to the streams (common/relay). Any number may run;
// one works.
#pragma once

#include <memory>

#include "common/service/module.h"

namespace selfology::outbox_relay {

std::unique_ptr<service::Module> MakeModule();

}  // namespace selfology::outbox_relay
