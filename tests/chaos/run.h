// One run: a mesh of real processes, a crowd, faults; then quiet, and the checker.
//
//   const Outcome outcome = RunChaos({.seed = 7, .faults_for = absl::Minutes(1), .people = 150});
//   std::puts(outcome.summary.c_str());        // "seed=7 keyboards=0 faults=31 events=9120 violations=0"
//
// It tells on standard output what it does. When something was wrong the programs' logs stay in
// outcome.folder. Threads: one run at a time.
#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/time/time.h"
#include "tests/chaos/checker.h"
#include "tests/journey/mesh.h"

namespace selfology::chaos {

struct RunOptions {
  uint64_t seed = 1;
  absl::Duration faults_for = absl::Seconds(40);
  int people = 150;
  int answers = 3;                          // Of each person, in their session.
  int turns = 2;                            // With the coach.
  absl::Duration pause = absl::Seconds(1);  // Between two faults, on average.
  std::set<std::string> faults = {};        // Empty: all kinds.
  // Nothing is still on its way after that long without a fault. Circuits that opened twice last
  // longer than two minutes.
  absl::Duration patience = absl::Minutes(4);
  bool keep_logs = false;  // Even when nothing was wrong.
  bool errands = true;     // Jobs, notifications and webhooks as well; see errands.h.
  // Does something to the mesh once it runs, before the people come; to see whether the checker
  // finds it.
  std::function<absl::Status(journey::Mesh&)> sabotage = nullptr;
  // The same once all has settled, before the checker looks.
  std::function<absl::Status(journey::Mesh&, const std::vector<Ledger>&)> tamper = nullptr;
};

struct Outcome {
  Findings findings = {};
  int faults = 0;
  std::string folder = {};  // Of the logs; empty: they are gone.
  std::string summary = {};
};

// For a mesh (MeshOptions::flags) that a crowd talks with, and that errands are run in: so many answers
// to a session, and no waiting for Telegram's limits.
std::map<std::string, std::vector<std::string>, std::less<>> MeshFlags(int answers);

absl::StatusOr<Outcome> RunChaos(const RunOptions& options);

}  // namespace selfology::chaos
