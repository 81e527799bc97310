// What an operator can set of the gateway (the flags in module.cc), as values, so that tests can
// choose.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "absl/time/time.h"
#include "common/service/module.h"
#include "services/edge/telegram_gateway/delivery/pacing.h"

namespace selfology::telegram_gateway {

struct PollOptions {
  absl::Duration wait = absl::Seconds(25);   // Of Telegram, for an update to come.
  absl::Duration grace = absl::Seconds(10);  // Beyond that, before a request counts as hanging.
  absl::Duration conflict_pause = absl::Seconds(5);  // After 409.
};

struct DialogOptions {
  absl::Duration describe = absl::Minutes(1);  // Between two questions of what it takes.
  absl::Duration react = absl::Seconds(10);    // For an answer to an update, as the contract says.
  absl::Duration guard = absl::Seconds(5);     // For a guard's.
  int calls = 16;                              // At a time, about new updates, to one dialog.
};

struct GatewaySettings {
  std::string token = {};      // Of the first bot; empty: no messages are received or sent.
  std::string more_bots = {};  // See bot_settings.h. Secret.
  std::string api_base = "https://api.telegram.org";
  std::string webhook_url = {};  // Of the first bot; empty: updates are polled.
  std::string webhook_listen = "127.0.0.1:8081";
  std::string media_folder = ".selfology/telegram_media";
  int64_t media_bytes = 2'000'000'000;  // At most in it.
  PollOptions poll = {};
  PacingLimits pacing = {};  // Of each bot.
  // The services that have a dialog, in the order of their menu, of all bots.
  std::vector<std::string> dialogs = {};
  DialogOptions patience = {};
};

std::unique_ptr<service::Module> MakeModule(GatewaySettings settings);

}  // namespace selfology::telegram_gateway
