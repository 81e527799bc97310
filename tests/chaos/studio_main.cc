// The studio under chaos, as long as wanted:
//
//   bazel run -c opt //tests/chaos:studio -- --posts=10000 --kills=60 --seed=7
//
// The last line is the report; 1 when something was published twice, lost, or is not settled.
#include <cstdio>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "tests/chaos/studio_run.h"

ABSL_FLAG(int, posts, 10'000, "Posts, each at one account");
ABSL_FLAG(int, kills, 60, "kill -9 of the social service");
ABSL_FLAG(uint64_t, seed, 1, "Decides faults and kills");

int main(int argc, char** argv) {
  absl::ParseCommandLine(argc, argv);
  const auto report = selfology::chaos::RunStudio({.posts = absl::GetFlag(FLAGS_posts),
                                                   .seed = absl::GetFlag(FLAGS_seed),
                                                   .patience = absl::Hours(1),
                                                   .kills = absl::GetFlag(FLAGS_kills)});
  if (!report.ok()) {
    std::fprintf(stderr, "%s\n", report.status().ToString().c_str());
    return 2;
  }
  for (const std::string& violation : report->violations) std::printf("%s\n", violation.c_str());
  std::printf("%s\n", report->ToString().c_str());
  return report->violations.empty() ? 0 : 1;
}
