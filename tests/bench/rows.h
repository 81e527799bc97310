// The rows of the table, one function a topic; each starts the servers it needs.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "tests/bench/report.h"

namespace selfology::bench {

// What --only wants.
using Wanted = std::function<bool(std::string_view name)>;

struct Scale {
  int64_t backlog = 500'000;     // Events that the relay finds.
  int64_t events = 40'000;       // That handlers handle, for each figure.
  int64_t bloat = 1'000'000;     // That go through tables whose size is watched.
  int people = 500;              // At once.
  int seconds = 10;              // Of what is measured over time.
  std::string queue_peers = {};  // Folder with their programs; empty: none.
  std::string doors_peers = {};
};

absl::Status RelayRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status StartRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status HandlerRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status RpcRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status JourneyRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status TelegramRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status IdleRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status GrowthRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status BloatRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status QueueRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status WebhookRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status NotificationRows(const Scale& scale, const Wanted& wanted, Report& report);
absl::Status DoorsRows(const Scale& scale, const Wanted& wanted, Report& report);
// Parts of the doors'.
absl::Status RestRows(const Scale& scale, Report& report);
absl::Status RefreshRows(const Scale& scale, Report& report);
absl::Status FanOutRows(const Scale& scale, Report& report);

}  // namespace selfology::bench
