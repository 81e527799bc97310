// Load as people in Telegram make it, on a mesh that runs with the Telegram emulator (tools/up):
//
//   bazel run -c opt //tools/load -- --users=100 --rate=20 --time=1m
//
// How it stands is shown on standard error: one line that is refreshed on a terminal, else a line every five seconds. The
// result goes to standard output, with --json as one object. Exits with 1 when there was an error or nothing was answered,
// with 2 when it could not run.

#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <cstdio>
#include <string>

#include "absl/flags/flag.h"
#include "absl/flags/parse.h"
#include "absl/flags/usage.h"
#include "common/observe/log.h"
#include "tools/load/run.h"

using selfology::load::RunOptions;

ABSL_FLAG(std::string, telegram, RunOptions().telegram, "Address of the Telegram emulator");
ABSL_FLAG(int, users, RunOptions().people, "Number of users");
ABSL_FLAG(double, rate, RunOptions().per_second, "Messages per second of all users together");
ABSL_FLAG(absl::Duration, time, RunOptions().time, "Time during which users write");
ABSL_FLAG(absl::Duration, patience, RunOptions().patience,
          "Time after which a message without an answer is an error");
ABSL_FLAG(int, senders, RunOptions().senders, "Maximum concurrent requests to the emulator");
ABSL_FLAG(bool, json, false, "Print the result as JSON");

namespace selfology::load {
namespace {

std::atomic<bool> interrupted = false;

int Main() {
  signal(SIGINT, [](int) { interrupted = true; });
  signal(SIGTERM, [](int) { interrupted = true; });
  const RunOptions options{.telegram = absl::GetFlag(FLAGS_telegram),
                           .people = absl::GetFlag(FLAGS_users),
                           .per_second = absl::GetFlag(FLAGS_rate),
                           .time = absl::GetFlag(FLAGS_time),
                           .patience = absl::GetFlag(FLAGS_patience),
                           .senders = absl::GetFlag(FLAGS_senders)};
  const bool live = isatty(STDERR_FILENO) != 0;
  const auto show = [live](const Result& result) {
    // Back to the line's beginning, and what was there is cleared.
    std::fprintf(stderr, live ? "\r\x1b[K%s" : "%s\n", Line(result).c_str());
    std::fflush(stderr);
  };
  const absl::StatusOr<Result> result = Run(options, live ? absl::Seconds(1) : absl::Seconds(5),
                                            show, [] { return interrupted.load(); });
  if (live) std::fprintf(stderr, "\r\x1b[K");
  if (!result.ok()) {
    std::fprintf(stderr, "load: %s\n", std::string(result.status().message()).c_str());
    return 2;
  }
  std::printf("%s\n", absl::GetFlag(FLAGS_json) ? ToJson(*result).c_str() : Table(*result).c_str());
  return result->figures.errors() > 0 || result->figures.answered() == 0 ? 1 : 0;
}

}  // namespace
}  // namespace selfology::load

int main(int argc, char** argv) {
  absl::SetProgramUsageMessage(
      "Load as people in Telegram make it; the emulator must be running (tools/up)");
  absl::ParseCommandLine(argc, argv);
  selfology::observe::ConfigureLog(
      {.service = "load", .level = selfology::observe::Severity::kError});
  return selfology::load::Main();
}
