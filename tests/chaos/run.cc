#include "tests/chaos/run.h"

#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <filesystem>
#include <system_error>
#include <utility>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "tests/chaos/attacker.h"
#include "tests/chaos/crowd.h"
#include "tests/chaos/errands.h"
#include "tests/chaos/errands_check.h"
#include "tests/chaos/facts.h"
#include "tests/chaos/sanitizer_reports.h"
#include "tests/chaos/settle.h"

namespace selfology::chaos {

using journey::Mesh;

namespace {

constexpr size_t kMostShown = 30;  // Violations in full.
// In a long run people come until so long before its end.
constexpr absl::Duration kLastJourneys = absl::Seconds(90);

void Tell(absl::Time since, const std::string& what) {
  std::printf("%7.1f s  %s\n", absl::ToDoubleSeconds(absl::Now() - since), what.c_str());
  std::fflush(stdout);
}

absl::StatusOr<std::string> MakeLogFolder() {
  const char* const outputs = std::getenv("TEST_UNDECLARED_OUTPUTS_DIR");
  std::string folder = absl::StrCat(outputs == nullptr ? "/tmp" : outputs, "/chaos-XXXXXX");
  if (mkdtemp(folder.data()) == nullptr) {
    return absl::InternalError(absl::StrCat("cannot make ", folder));
  }
  return folder;
}

void Show(const Findings& findings) {
  for (size_t i = 0; i < std::min(findings.violations.size(), kMostShown); ++i) {
    const Violation& violation = findings.violations[i];
    std::printf("VIOLATION %s user %lld: %s\n", Name(violation.harm).data(),
                static_cast<long long>(violation.user_id), violation.what.c_str());
  }
  if (findings.violations.size() > kMostShown) {
    std::printf("... and %zu more\n", findings.violations.size() - kMostShown);
  }
}

// A mesh's whole life.
absl::Status AttackAndCheck(const RunOptions& options, absl::Time began, Outcome& outcome) {
  ASSIGN_OR_RETURN(const auto mesh, Mesh::Start({.second_relay = true,
                                                 .gates = true,
                                                 .log_folder = outcome.folder,
                                                 .flags = MeshFlags(options.answers)}));
  Tell(began, absl::StrCat("the mesh runs; logs in ", outcome.folder));
  if (options.sabotage) RETURN_IF_ERROR(options.sabotage(*mesh));

  Crowd crowd(mesh->telegram(), {.people = options.people,
                                 .answers = options.answers,
                                 .turns = options.turns,
                                 .seed = options.seed,
                                 .arrive_within = std::max(options.faults_for * 0.6,
                                                           options.faults_for - kLastJourneys),
                                 .think = std::min(absl::Seconds(3), options.faults_for / 30)});
  Errands errands(*mesh, {.seed = options.seed});
  if (options.errands) RETURN_IF_ERROR(errands.Start());
  RETURN_IF_ERROR(crowd.Start());
  Attacker attacker(*mesh, {.seed = options.seed,
                            .pause = options.pause,
                            .kinds = options.faults,
                            .say = [began](const std::string& what) { Tell(began, what); }});
  const absl::Time faults_end = absl::Now() + options.faults_for;
  if (options.pause < absl::InfiniteDuration()) attacker.Start();
  while (absl::Now() < faults_end) {
    // The crowd may be done early; faults go on, for what comes after it.
    if (crowd.AwaitDone(absl::Seconds(5))) break;
    Tell(began, absl::StrCat(crowd.done(), " of ", options.people, " people done, ", crowd.said(),
                             " messages said"));
  }
  attacker.Stop();
  Tell(began, "no more faults");
  errands.StopAsking();
  RETURN_IF_ERROR(Settle(*mesh, crowd,
                         {.patience = options.patience,
                          .tell = [began](const std::string& what) { Tell(began, what); }})
                      .status());
  crowd.Stop();
  ErrandsLedger promised;
  if (options.errands) {
    RETURN_IF_ERROR(SettleErrands(*mesh, errands, options.patience).status());
    promised = errands.Stop();
    Tell(began, absl::StrCat("errands: ", promised.completed.size(), " jobs, ", promised.abandoned,
                             " times left by their workers; webhooks of ", promised.taken.size(),
                             " endpoints, ", promised.refused, " times refused"));
  }
  if (options.tamper) RETURN_IF_ERROR(options.tamper(*mesh, crowd.ledgers()));

  RETURN_IF_ERROR(IndexForReading(*mesh));
  ASSIGN_OR_RETURN(outcome.findings,
                   Check(*mesh, crowd.ledgers(),
                         {.answers = options.answers, .turns = options.turns}, outcome.folder));
  if (options.errands) RETURN_IF_ERROR(CheckErrands(*mesh, promised, outcome.findings));
  for (const std::string& complaint : attacker.complaints()) {
    outcome.findings.violations.push_back({.harm = Harm::kTrouble, .what = complaint});
  }
  const auto faults = attacker.faults();
  for (const auto& [kind, count] : faults) outcome.faults += count;
  std::printf("faults: %s\n", absl::StrJoin(faults, " ", absl::PairFormatter("=")).c_str());
  std::printf(
      "people=%d said=%lld messages sent twice=%lld in doubt=%lld keyboards gone late=%lld\n",
      options.people, static_cast<long long>(crowd.said()),
      static_cast<long long>(outcome.findings.sent_twice),
      static_cast<long long>(outcome.findings.in_doubt),
      static_cast<long long>(outcome.findings.keyboards_late));
  return absl::OkStatus();
}

}  // namespace

std::map<std::string, std::vector<std::string>, std::less<>> MeshFlags(int answers) {
  auto flags = Errands::Flags();
  // One bot's usual limits would make everybody wait for Telegram.
  flags["telegram_gateway"] = {"--telegram_messages_per_second=1000",
                               "--telegram_chat_messages_per_second=20"};
  // Gathering is under attack as well, but the crowd is in a hurry.
  flags["coaching_dialog"] = {"--coaching_dialog_gather=200ms"};
  flags["session"] = {absl::StrCat("--session_min_answers=", answers),
                      absl::StrCat("--session_max_answers=", answers)};
  return flags;
}

absl::StatusOr<Outcome> RunChaos(const RunOptions& options) {
  Outcome outcome;
  ASSIGN_OR_RETURN(outcome.folder, MakeLogFolder());
  RETURN_IF_ERROR(AttackAndCheck(options, absl::Now(), outcome));
  // Now that the programs have ended, and told of leaks. First, for they may be the others' cause.
  std::vector<Violation>& violations = outcome.findings.violations;
  for (std::string& report : SanitizerReports(outcome.folder)) {
    violations.insert(violations.begin(), {.harm = Harm::kTrouble, .what = std::move(report)});
  }
  Show(outcome.findings);
  outcome.summary =
      absl::StrCat("seed=", options.seed, " keyboards=", outcome.findings.keyboards_left,
                   " faults=", outcome.faults, " events=", outcome.findings.events,
                   " violations=", outcome.findings.violations.size());
  if (outcome.findings.violations.empty() && !options.keep_logs) {
    std::error_code error;
    std::filesystem::remove_all(outcome.folder, error);
    outcome.folder.clear();
  } else {
    std::printf("logs: %s\n", outcome.folder.c_str());
  }
  return outcome;
}

}  // namespace selfology::chaos
