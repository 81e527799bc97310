// `selfologyctl replay`: has the relay publish events of the outbox again.
//
// Handlers that did their part drop what comes again, so it is harmless; a group whose inbox rows
// were removed, or a new one, handles it. Errors: INVALID_ARGUMENT for times that are none, those
// of OutboxRelayService.ReplayEvents. Threads: any.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::ctl {

struct ReplayFlags {
  std::string from = {};  // See ParseMoment; required.
  std::string to = {};    // Empty: now.
  int64_t user = 0;       // 0: all.
  std::vector<std::string> types = {};
  std::string trace = {};
  bool dry_run = false;
};

// "2025-10-01T12:00:00Z", or how long before `now`: "90m".
absl::StatusOr<absl::Time> ParseMoment(const std::string& text, absl::Time now);

absl::Status RunReplay(const std::string& endpoints_json, const ReplayFlags& flags);

}  // namespace selfology::ctl
