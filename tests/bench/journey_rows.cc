// What people feel: from an answer to the next question; and what nobody should: an idle mesh.

#include <algorithm>
#include <fstream>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"
#include "tests/bench/ground.h"
#include "tests/bench/journey.h"
#include "tests/bench/programs.h"
#include "tests/bench/rows.h"
#include "tools/telegram_emulator/emulator.h"

namespace selfology::bench {
namespace {

constexpr double kRate = 300;  // Answers a second.
// Above kRate, so that the rate holds including the first and last answer's time.
constexpr double kPace = 310;
constexpr int kRounds = 3;
constexpr char kToken[] = "42:bench";

double ResidentMegabytes(int pid) {
  std::ifstream status(absl::StrCat("/proc/", pid, "/status"));
  for (std::string line; std::getline(status, line);) {
    double kibibytes = 0;
    if (absl::StartsWith(line, "VmRSS:") &&
        absl::SimpleAtod(line.substr(6, line.size() - 6 - 3), &kibibytes)) {
      return kibibytes * 1024 / 1e6;
    }
  }
  return 0;
}

}  // namespace

absl::Status JourneyRows(const Scale& scale, const Wanted& wanted, Report& report) {
  const int answers = 5;
  if (wanted("journey.paced")) {
    std::vector<std::vector<double>> rounds, learnt;
    std::vector<double> pace;
    for (int round = 0; round < kRounds; ++round) {
      ASSIGN_OR_RETURN(Journey journey,
                       Live({.people = scale.people, .answers = answers, .rate = kPace}));
      pace.push_back(journey.answers_per_second);
      rounds.push_back(std::move(journey.milliseconds[kNext]));
      learnt.push_back(std::move(journey.milliseconds[kLearnt]));
    }
    const auto add = [&](const std::string& part, double quantile, Aim aim) {
      report.Add({.name = absl::StrCat("journey.paced.", part),
                  .what = absl::StrCat("answer to next question, 300/s, ", part),
                  .unit = "ms",
                  .ours = MedianQuantile(rounds, quantile),
                  .aim = aim});
    };
    add("p50", 0.5, {});
    add("p99", 0.99, {.kind = Aim::kAtMost, .value = 50});
    report.Add({.name = "journey.paced.pace",
                .what = "the pace of these answers",
                .unit = "answers/s",
                .ours = *std::min_element(pace.begin(), pace.end()),
                .aim = {.kind = Aim::kAtLeast, .value = kRate}});
    report.Add({.name = "journey.paced.profile",
                .what = "answer to profile changed, 300/s, p95",
                .unit = "ms",
                .ours = MedianQuantile(learnt, 0.95),
                .aim = {.kind = Aim::kAtMost, .value = 10'000}});
  }
  if (wanted("journey.answers")) {
    ASSIGN_OR_RETURN(Journey journey, Live({.people = scale.people, .answers = answers}));
    report.Add({.name = "journey.answers",
                .what = absl::StrCat("answers to their last effect, ", scale.people,
                                     " people without a pause"),
                .unit = "answers/s",
                .ours = journey.done_per_second,
                .aim = {.kind = Aim::kAtLeast, .value = kRate}});
    const auto each = [&](absl::Duration cpu) {
      return absl::ToDoubleMilliseconds(cpu) / (scale.people * answers);
    };
    report.Add({.name = "journey.cpu",
                .what = "CPU of all that an answer sets off",
                .unit = "ms/answer",
                .ours = each(journey.cpu + journey.postgres_cpu + journey.redis_cpu),
                .reference = each(journey.postgres_cpu),
                .peer = "PostgreSQL's part of it"});
  }
  return absl::OkStatus();
}

absl::Status IdleRows(const Scale& scale, const Wanted&, Report& report) {
  ASSIGN_OR_RETURN(const auto postgres, servers::PostgresServer::Start({}));
  ASSIGN_OR_RETURN(const auto redis, servers::RedisServer::Start({}));
  ASSIGN_OR_RETURN(const auto telegram, telegram_emulator::Emulator::Start({.token = kToken}));
  ASSIGN_OR_RETURN(
      const auto mesh,
      StartProgram(
          "services/selfology", {"--grpc_address=127.0.0.1:0", "--http_address=127.0.0.1:0"},
          {absl::StrCat("DATABASE_URL=", postgres->url()), absl::StrCat("REDIS_URL=", redis->url()),
           absl::StrCat("TELEGRAM_BOT_TOKEN=", kToken),
           absl::StrCat("TELEGRAM_API_BASE=", telegram->base_url())},
          "\"serving\""));
  const absl::Duration how_long = absl::Seconds(scale.seconds);
  Pause(absl::Seconds(5));  // Until what starting up left behind is done.
  const absl::Duration before = CpuOf(mesh->pid());
  const absl::Duration servers_before = CpuOf(redis->pid());
  Pause(how_long);
  const double cpu = 100 * absl::FDivDuration(CpuOf(mesh->pid()) - before, how_long);
  report.Add({.name = "idle.memory",
              .what = "idle mesh of one process, RSS",
              .unit = "MB",
              .ours = ResidentMegabytes(mesh->pid()),
              .aim = {.kind = Aim::kAtMost, .value = 120}});
  report.Add({.name = "idle.cpu",
              .what = "idle mesh of one process, CPU",
              .unit = "% of a core",
              .ours = cpu,
              .aim = {.kind = Aim::kAtMost, .value = 1}});
  report.Add({.name = "idle.redis_cpu",
              .what = "Redis beside it, CPU",
              .unit = "% of a core",
              .ours = 100 * absl::FDivDuration(CpuOf(redis->pid()) - servers_before, how_long)});
  return absl::OkStatus();
}

}  // namespace selfology::bench
