// Handlers: inbox row, effect and outbox row in one transaction, beside pgbench with the very same
// statements.

#include <fstream>
#include <memory>
#include <string>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/status/status_macros.h"
#include "testing/servers/binaries.h"
#include "testing/servers/process.h"
#include "tests/bench/ground.h"
#include "tests/bench/loads.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRounds = 3;

absl::StatusOr<double> Pgbench(Ground& ground, const std::string& group, int64_t events) {
  ASSIGN_OR_RETURN(const auto folder, servers::ScratchFolder::Make());
  const std::string script = absl::StrCat(folder.path(), "/script");
  // Ids of today, so that the rows go where ours go; the number makes them differ.
  const std::string time = absl::StrFormat("%012x", absl::ToUnixMillis(absl::Now()));
  const auto id = [&](std::string_view part) {
    return absl::StrCat("('", time.substr(0, 8), "-", time.substr(8), "-7", part,
                        "-8000-' || lpad(to_hex(:n::bigint), 12, '0'))::uuid");
  };
  // Each client counts in a range of its own.
  std::ofstream(script)
      << "\\if :n = 0\n\\set n :client_id * 100000000\n\\endif\n"
      << "\\set n :n + 1\n\\set user random(1, " << kUsers << ")\nBEGIN;\n"
      << "INSERT INTO selfology.inbox (consumer_group, event_id) SELECT '" << group
      << "', id FROM unnest(ARRAY[" << id("000") << "]) AS id WHERE (SELECT selfology.may_handle('"
      << group << "', ARRAY[:user]::bigint[], ARRAY[now()]));\n"
      << "UPDATE selfology.effects SET n = n + 1 WHERE user_id = :user;\n"
      << "INSERT INTO selfology.outbox (id, type, partition_key, traceparent, trace_id, payload)"
      << " VALUES (" << id("001") << ", 'session.timeout', :user,"
      << " '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',"
      << " '4bf92f3577b34da6a3ce929d0e0e4736', '\\x08d2091001');\nCOMMIT;\n";
  ASSIGN_OR_RETURN(const std::string program, servers::BinaryPath("pgbench"));
  ASSIGN_OR_RETURN(
      const auto pgbench,
      servers::Process::Start(
          {.argv = {program, "-n", "-M", "prepared", "-D", "n=0", "-f", script, "-t",
                    absl::StrCat(events / kHandlersAtOnce), "-c", absl::StrCat(kHandlersAtOnce),
                    "-j", "2", ground.postgres->url()}}));
  ASSIGN_OR_RETURN(const int code, pgbench->Wait(absl::Now() + absl::Minutes(5)));
  const std::string output = pgbench->output();
  const size_t at = output.find("tps = ");
  double tps = 0;
  if (code != 0 || at == output.npos ||
      !absl::SimpleAtod(output.substr(at + 6, output.find(' ', at + 6) - at - 6), &tps)) {
    return absl::InternalError(absl::StrCat("pgbench: ", output));
  }
  return tps;
}

}  // namespace

absl::Status HandlerRows(const Scale& scale, const Wanted&, Report& report) {
  ASSIGN_OR_RETURN(const auto ground, Ground::Make());
  RETURN_IF_ERROR(MakeEffects(*ground, kUsers));
  RETURN_IF_ERROR(FillStreams(*ground, scale.events, kUsers));
  std::vector<double> single, together, pgbench;
  for (int round = 0; round < kRounds; ++round) {
    RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
    ASSIGN_OR_RETURN(pgbench.emplace_back(),
                     Pgbench(*ground, absl::StrCat("pgbench-", round), scale.events));
    RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
    ASSIGN_OR_RETURN(
        single.emplace_back(),
        Handle(*ground,
               {.group = absl::StrCat("single-", round), .events = scale.events, .together = 1}));
    RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
    ASSIGN_OR_RETURN(
        together.emplace_back(),
        Handle(*ground, {.group = absl::StrCat("together-", round), .events = scale.events}));
  }
  report.Add({.name = "handlers.single",
              .what = "handlers, one event a transaction",
              .unit = "events/s",
              .ours = Median(single),
              .reference = Median(pgbench),
              .peer = "pgbench, same statements",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 0.8}});
  report.Add({.name = "handlers.together",
              .what = "handlers, users' events sharing transactions",
              .unit = "events/s",
              .ours = Median(together),
              .reference = Median(pgbench),
              .peer = "pgbench, same statements",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 3}});
  return absl::OkStatus();
}

}  // namespace selfology::bench
