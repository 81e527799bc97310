// From the commit to the handler's first line, beside the bare round trips on that way. PostgreSQL
// does not wait for the disk here: that wait is the commit's, not the event's.

#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <algorithm>
#include <cstdint>
#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/consumer.h"
#include "common/events/outbox.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/relay/relay.h"
#include "common/status/status_macros.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "tests/bench/ground.h"
#include "tests/bench/loads.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRate = 1000;  // Transactions a second.
constexpr int kRounds = 3;   // In turn with the reference: what the machine does hits both.

// Processes that do nothing but compute, as many as there are cores: what else a machine does is no
// part of the mesh's own process, which the scheduler would count it to.
class Saturation {
 public:
  explicit Saturation(bool on) {
    for (unsigned core = 0; on && core < std::thread::hardware_concurrency(); ++core) {
      const pid_t pid = fork();
      if (pid == 0) Compute();
      if (pid > 0) pids_.push_back(pid);  // kill(-1) would be for all there are.
    }
  }
  ~Saturation() {
    for (const pid_t pid : pids_) {
      kill(pid, SIGKILL);
      waitpid(pid, nullptr, 0);
    }
  }

 private:
  [[noreturn]] static void Compute() {
    setsid();
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    volatile uint64_t number = 1;
    while (true) number = number * 6364136223846793005u + 1;
  }

  std::vector<pid_t> pids_;
};

}  // namespace

absl::Status StartRows(const Scale& scale, const Wanted& wanted, Report& report) {
  const StartLoad load{.events = kRate * scale.seconds / 2, .a_second = kRate};
  for (const bool saturated : {false, true}) {
    const std::string name = saturated ? "start.saturated" : "start.unloaded";
    if (!wanted(name)) continue;
    ASSIGN_OR_RETURN(const auto ground, Ground::Make(/*durable=*/false));
    RETURN_IF_ERROR(ground->Sql("CREATE TABLE bare_latency (n bigint)"));
    std::vector<std::vector<double>> ours, bare;
    {
      const Saturation saturation(saturated);
      for (int round = 0; round < kRounds; ++round) {
        ASSIGN_OR_RETURN(bare.emplace_back(), TimeByHand(*ground, load));
        ASSIGN_OR_RETURN(ours.emplace_back(), TimeToHandler(*ground, load));
      }
    }
    const std::string what =
        absl::StrCat("commit to handler, 1,000/s", saturated ? ", cores busy" : "");
    const auto add = [&](std::string_view part, double quantile, Aim aim) {
      report.Add({.name = absl::StrCat(name, ".", part),
                  .what = absl::StrCat(what, ", ", part),
                  .unit = "ms",
                  .ours = MedianQuantile(ours, quantile),
                  .reference = MedianQuantile(bare, quantile),
                  .peer = "commit, XADD, XREAD by hand",
                  .aim = aim});
    };
    add("p50", 0.5, {.kind = Aim::kAtMost, .value = 1});
    add("p99", 0.99, {.kind = Aim::kAtMost, .value = 4});
  }
  return absl::OkStatus();
}

}  // namespace selfology::bench
