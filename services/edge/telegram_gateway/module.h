// The door to Telegram: turns updates into calls on the services that own the data, and events into
// messages.
#pragma once

#include <memory>
#include <string>

#include "common/service/module.h"
#include "services/edge/telegram_gateway/pacing.h"
#include "services/edge/telegram_gateway/update_poller.h"

namespace selfology::telegram_gateway {

// What an operator can set; see the flags in module.cc.
struct GatewaySettings {
  std::string token = {};  // Empty: the gateway runs, but reaches nobody.
  std::string api_base = "https://api.telegram.org";
  std::string webhook_url = {};  // Empty: updates are polled.
  std::string webhook_listen = "127.0.0.1:8081";
  UpdatePoller::Options poll = {};
  PacingLimits pacing = {};
};

std::unique_ptr<service::Module> MakeModule(GatewaySettings settings);

// With the flags' settings.
std::unique_ptr<service::Module> MakeModule();

}  // namespace selfology::telegram_gateway
