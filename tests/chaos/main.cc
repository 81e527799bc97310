// Attacks a mesh of real processes while people talk with it, and proves afterwards that nothing
// was lost, done twice or done out of order; see README.md. The last line is
//   seed=S keyboards=N faults=N events=N violations=N
// and the exit code is 1 when there was a violation.

#include <algorithm>
#include <cstdio>
#include <string>
#include <vector>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "tests/chaos/run.h"

ABSL_FLAG(double, minutes, 1,
          "Minutes during which faults are injected; the run itself takes longer.");
ABSL_FLAG(uint64_t, seed, 1, "Seed of the random faults and of the users' pauses.");
ABSL_FLAG(int, users, 0,
          "Number of users; 0: 220 a minute, and at least 2000 from three minutes on.");
ABSL_FLAG(int, answers, 3, "Number of answers per user.");
ABSL_FLAG(int, turns, 2, "Number of messages that each user sends to the coach.");
ABSL_FLAG(absl::Duration, pause, absl::Seconds(1),
          "Average time between two injected faults; inf: no faults.");
ABSL_FLAG(std::vector<std::string>, faults, {}, "Kinds of faults; empty: all.");
ABSL_FLAG(bool, keep_logs, false, "Keep the programs' logs even when nothing was wrong.");

namespace {

int DefaultPeople(double minutes) {
  const int people = static_cast<int>(220 * minutes);
  return minutes < 3 ? people : std::max(people, 2000);
}

}  // namespace

int main(int argc, char** argv) {
  using selfology::chaos::Outcome;
  absl::SetProgramUsageMessage("Chaos for the whole mesh; see tests/chaos/README.md");
  absl::ParseCommandLine(argc, argv);
  const double minutes = absl::GetFlag(FLAGS_minutes);
  const int users = absl::GetFlag(FLAGS_users);
  const std::vector<std::string> faults = absl::GetFlag(FLAGS_faults);
  const absl::StatusOr<Outcome> outcome =
      selfology::chaos::RunChaos({.seed = absl::GetFlag(FLAGS_seed),
                                  .faults_for = absl::Minutes(minutes),
                                  .people = users > 0 ? users : DefaultPeople(minutes),
                                  .answers = absl::GetFlag(FLAGS_answers),
                                  .turns = absl::GetFlag(FLAGS_turns),
                                  .pause = absl::GetFlag(FLAGS_pause),
                                  .faults = {faults.begin(), faults.end()},
                                  .keep_logs = absl::GetFlag(FLAGS_keep_logs)});
  if (!outcome.ok()) {
    std::printf("the run broke off: %s\n", outcome.status().ToString().c_str());
    return 1;
  }
  std::printf("%s\n", outcome->summary.c_str());
  return outcome->findings.violations.empty() ? 0 : 1;
}
