// The latencies that the product's documents promise, with many people at once:
//
//   bazel run -c opt //tests/bench:latency -- --people=100 --answers=5 [--rate=300]

#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/synchronization/mutex.h"
#include "common/observe/log.h"
#include "tests/bench/journey.h"

ABSL_FLAG(int, people, 100, "Concurrent users.");
ABSL_FLAG(int, answers, 5, "Answers per user.");
ABSL_FLAG(
    bool, statements, false,
    "Print the cost of PostgreSQL's statements, the tables whose updates change all indexes, and"
    " the unused indexes.");
ABSL_FLAG(double, rate, 0, "Answers per second in total; 0: as fast as questions come.");

namespace selfology::bench {
namespace {

int Main() {
  const JourneyOptions options{.people = absl::GetFlag(FLAGS_people),
                               .answers = absl::GetFlag(FLAGS_answers),
                               .rate = absl::GetFlag(FLAGS_rate),
                               .statements = absl::GetFlag(FLAGS_statements)};
  absl::StatusOr<Journey> journey = Live(options);
  if (!journey.ok()) {
    std::fprintf(stderr, "%s\n", journey.status().ToString().c_str());
    return 1;
  }
  const auto each = [&](absl::Duration cpu) {
    return absl::ToDoubleMilliseconds(cpu) / options.people / options.answers;
  };
  std::printf(
      "%d people at once, %d answers each: %.0f answers/s, %.0f to their last effect; CPU for each"
      " answer: %.1f ms mesh and people, %.1f PostgreSQL, %.1f Redis\n\n",
      options.people, options.answers, journey->answers_per_second, journey->done_per_second,
      each(journey->cpu), each(journey->postgres_cpu), each(journey->redis_cpu));
  std::printf("%-32s %6s %9s %9s %9s %9s   %s\n", "", "n", "p50 ms", "p95 ms", "p99 ms", "promised",
              "p95/promised");
  const auto print = [&](const std::string& what, double promised_ms) {
    const double p95 = journey->Milliseconds(what, 0.95);
    std::printf("%-32s %6zu %9.1f %9.1f %9.1f %9.0f   %.2f\n", what.c_str(), journey->Count(what),
                journey->Milliseconds(what, 0.5), p95, journey->Milliseconds(what, 0.99),
                promised_ms, p95 / promised_ms);
  };
  print(kInstant, 500);
  print(kNext, 2'000);
  print(kLearnt, 10'000);
  print(kProfile, 300);
  print(kChat, 3'000);
  for (const std::string& statement : journey->statements) std::printf("%s\n", statement.c_str());
  return 0;
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
