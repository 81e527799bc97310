// The studio's ledger of attempts under chaos: the social service as a process that is killed (kill -9)
// again and again while it publishes to platforms that fail before and after the fact. Afterwards each
// post that a platform took is there once, each that it refused is not, and each call is settled with
// evidence.
//
//   ASSIGN_OR_RETURN(StudioReport report, RunStudio({.posts = 10'000, .seed = 7}));
//   report.violations;   // Empty.
//
// Time is short: between a kill and the next start the database's times are moved back, as if so long
// had passed, so that leases and waits end. Errors: those of starting a program. Threads: one at a time.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"

namespace selfology::chaos {

struct StudioRun {
  int posts = 400;  // At one account each.
  uint64_t seed = 1;
  absl::Duration patience = absl::Minutes(10);
  // The service's times between kills.
  absl::Duration shortest_life = absl::Milliseconds(300);
  absl::Duration longest_life = absl::Milliseconds(1500);
  int kills = 15;
  std::string program = "services/studio/social/social_service";
};

struct StudioReport {
  int64_t posts = 0;
  int64_t published = 0;
  int64_t refused = 0;
  int64_t duplicates = 0;
  int64_t lost = 0;
  int64_t attempts = 0;
  int64_t looked_up = 0;  // Attempts that were settled by asking the platform.
  int64_t unsettled = 0;
  int kills = 0;
  // From the last fault until the last attempt was settled, moved time included.
  absl::Duration settled_after = absl::ZeroDuration();
  std::map<std::string, int64_t> faults = {};
  std::vector<std::string> violations = {};

  // "posts=400 published=360 ...".
  std::string ToString() const;
};

absl::StatusOr<StudioReport> RunStudio(const StudioRun& run);

}  // namespace selfology::chaos
