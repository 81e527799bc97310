// selfologyctl dead-letters: the events that handlers gave up on, over every process that runs.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"

namespace selfology::ctl {

struct DeadLetterFlags {
  std::string group = {};     // Empty: any.
  int64_t user = 0;           // 0: any.
  std::string event_id = {};  // Empty: any; show and edit need one.
  std::string payload = {};   // JSON, for edit.
  bool include_parked = false;
};

// `endpoints_json`: as the running mesh announced it. arguments: list | show | edit | replay |
// discard. replay and discard without a flag mean all that list shows.
absl::Status RunDeadLetters(const std::string& endpoints_json,
                            const std::vector<std::string>& arguments,
                            const DeadLetterFlags& flags);

}  // namespace selfology::ctl
