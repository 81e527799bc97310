// How fast the mesh is, each figure beside what bounds it, measured in the same run:
//
//   bazel run -c opt //tests/bench                       the whole table, about five minutes
//   bazel run -c opt //tests/bench -- --only=relay,rpc   rows whose names begin so
//   bazel run -c opt //tests/bench -- --only=growth      with more users and replicas
//   bazel run -c opt //tests/bench -- --only=bloat       tables' sizes over a million events
//   bazel run -c opt //tests/bench -- --only=queue --queue_peers=FOLDER
//                                                        beside what queue_peers/install put there
//   bazel run -c opt //tests/bench -- --only=webhook,notification
//   bazel run -c opt //tests/bench -- --only=doors --doors_peers=FOLDER
//                                                        beside what doors_peers/install put there
//   bazel run -c opt //tests/bench -- --json             a line of JSON for each row
//
// Exits with 1 when a row could not be measured; a missed aim is only said. docs/performance.md
// tells what the figures led to.

#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/strings/match.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/log.h"
#include "tests/bench/rows.h"

ABSL_FLAG(std::vector<std::string>, only, {}, "Name prefixes of the rows to run; empty: all.");
ABSL_FLAG(bool, json, false, "Print one line of JSON per row.");
ABSL_FLAG(int64_t, backlog, 500'000, "Events in the relay's backlog.");
ABSL_FLAG(int64_t, events, 40'000, "Events handled per figure.");
ABSL_FLAG(int64_t, bloat, 1'000'000, "Events of bloat.million; bloat.held uses a fifth of them.");
ABSL_FLAG(int, people, 500, "Concurrent users.");
ABSL_FLAG(int, seconds, 10, "Seconds per row that is measured over time.");
ABSL_FLAG(std::string, queue_peers, "", "Folder that queue_peers/install filled; empty: none.");
ABSL_FLAG(std::string, doors_peers, "", "Folder that doors_peers/install filled; empty: none.");

namespace selfology::bench {
namespace {

int Main() {
  const std::vector<std::string> only = absl::GetFlag(FLAGS_only);
  const Wanted wanted = [&](std::string_view name) {
    for (const std::string& prefix : only) {
      if (absl::StartsWith(name, prefix) || absl::StartsWith(prefix, name)) return true;
    }
    return only.empty();
  };
  const Scale scale{.backlog = absl::GetFlag(FLAGS_backlog),
                    .events = absl::GetFlag(FLAGS_events),
                    .bloat = absl::GetFlag(FLAGS_bloat),
                    .people = absl::GetFlag(FLAGS_people),
                    .seconds = absl::GetFlag(FLAGS_seconds),
                    .queue_peers = absl::GetFlag(FLAGS_queue_peers),
                    .doors_peers = absl::GetFlag(FLAGS_doors_peers)};
  Report report(absl::GetFlag(FLAGS_json));
  struct Topic {
    std::string_view name;
    absl::Status (*run)(const Scale&, const Wanted&, Report&);
    bool when_named = false;  // Only then.
  };
  constexpr Topic kTopics[] = {{"relay", &RelayRows},
                               {"start", &StartRows},
                               {"handlers", &HandlerRows},
                               {"rpc", &RpcRows},
                               {"journey", &JourneyRows},
                               {"telegram", &TelegramRows},
                               {"idle", &IdleRows},
                               {"growth", &GrowthRows, /*when_named=*/true},
                               {"bloat", &BloatRows, /*when_named=*/true},
                               {"queue", &QueueRows, /*when_named=*/true},
                               {"webhook", &WebhookRows, /*when_named=*/true},
                               {"notification", &NotificationRows, /*when_named=*/true},
                               {"doors", &DoorsRows, /*when_named=*/true}};
  bool measured = true;
  for (const Topic& topic : kTopics) {
    if (!wanted(topic.name) || (topic.when_named && only.empty())) continue;
    const absl::Status status = topic.run(scale, wanted, report);
    if (status.ok()) continue;
    std::fprintf(stderr, "%s: %s\n", std::string(topic.name).c_str(), status.ToString().c_str());
    measured = false;
  }
  return measured ? 0 : 1;
}

}  // namespace
}  // namespace selfology::bench

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  // As the services do.
  absl::SetMutexDeadlockDetectionMode(absl::OnDeadlockCycle::kIgnore);
  selfology::observe::ConfigureLog(
      {.service = "bench", .level = selfology::observe::Severity::kError});
  return selfology::bench::Main();
}
