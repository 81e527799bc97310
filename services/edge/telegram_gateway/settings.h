// What an operator can set of the gateway (the flags in module.cc), as values, so that tests can
// choose.
#pragma once

#include <memory>
#include <string>

#include "absl/time/time.h"
#include "common/service/module.h"
#include "services/edge/telegram_gateway/pacing.h"

namespace selfology::telegram_gateway {

struct PollOptions {
  absl::Duration wait = absl::Seconds(25);   // Of Telegram, for an update to come.
  absl::Duration grace = absl::Seconds(10);  // Beyond that, before a request counts as hanging.
  absl::Duration conflict_pause = absl::Seconds(5);  // After 409.
};

struct GatewaySettings {
  std::string token = {};  // Empty: no messages are received or sent.
  std::string api_base = "https://api.telegram.org";
  std::string webhook_url = {};  // Empty: updates are polled.
  std::string webhook_listen = "127.0.0.1:8081";
  PollOptions poll = {};
  PacingLimits pacing = {};
};

std::unique_ptr<service::Module> MakeModule(GatewaySettings settings);

}  // namespace selfology::telegram_gateway
