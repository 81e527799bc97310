// `selfologyctl held`: the updates of Telegram that the gateway could not handle so far.
//
// `replay` tries parked ones again; those that wait are tried by themselves. `discard` gives parked
// ones up, and waiting ones as well where that is said. What people wrote is not shown.
//
// Errors: INVALID_ARGUMENT for what is no command or no number; NOT_FOUND when no gateway runs;
// those of TelegramGatewayService. Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace selfology::ctl {

struct HeldFlags {
  int64_t user = 0;                       // 0: any.
  std::vector<std::string> updates = {};  // Telegram's numbers; none: any.
  bool include_waiting = false;           // discard: also those that wait.
};

// `endpoints_json`: as the running mesh announced it. arguments: list | replay | discard. replay
// and discard without a flag mean all that are parked.
absl::Status RunHeld(const std::string& endpoints_json, const std::vector<std::string>& arguments,
                     const HeldFlags& flags);

}  // namespace selfology::ctl
