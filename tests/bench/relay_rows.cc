// A backlog drained by our relay, and by its peers.

#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/observe/metrics.h"
#include "common/relay/relay.h"
#include "common/status/status_macros.h"
#include "tests/bench/bare_relay.h"
#include "tests/bench/ground.h"
#include "tests/bench/loads.h"
#include "tests/bench/pace.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRounds = 3;

absl::StatusOr<double> DrainBare(Ground& ground, int64_t events) {
  Pace pace(events);
  RETURN_IF_ERROR(BareRelay(ground, events, [&](int64_t done) { pace.Note(done); }));
  return pace.PerSecond();
}

absl::Status Peers(const Scale& scale, double ours, const Wanted& wanted, Report& report) {
  ASSIGN_OR_RETURN(const auto ground, Ground::Make());
  const absl::Duration most = absl::Seconds(scale.seconds);
  const auto add = [&](std::string name, double reference, std::string peer, double aim) {
    report.Add({.name = std::move(name),
                .what = "relay, backlog drained",
                .unit = "events/s",
                .ours = ours,
                .reference = reference,
                .peer = std::move(peer),
                .aim = {.kind = aim > 0 ? Aim::kRatioAtLeast : Aim::kNone, .value = aim}});
  };
  if (wanted("relay.documents")) {
    RETURN_IF_ERROR(MakeDocumentsOutbox(*ground, scale.backlog));
    ASSIGN_OR_RETURN(const double documents, RunDocumentsRelay(*ground, {}, most));
    add("relay.documents", documents, "the documents' relay", 6);
    ASSIGN_OR_RETURN(const double unpaced,
                     RunDocumentsRelay(*ground, {.poll = absl::ZeroDuration()}, most));
    add("relay.documents_unpaced", unpaced, "  without its 1 s poll", 6);
    ASSIGN_OR_RETURN(
        const double batched,
        RunDocumentsRelay(
            *ground, {.batch = 1000, .poll = absl::ZeroDuration(), .one_by_one = false}, most));
    add("relay.documents_batched", batched, "  and pipelined, batch 1,000", 0);
  }
  if (wanted("relay.update")) {
    RETURN_IF_ERROR(MakeDocumentsOutbox(*ground, scale.backlog));
    ASSIGN_OR_RETURN(const double update, RunUpdateReturning(*ground, /*publish=*/false, most));
    add("relay.update", update, "UPDATE ... RETURNING, no Redis", 2);
    RETURN_IF_ERROR(MakeDocumentsOutbox(*ground, scale.backlog));
    ASSIGN_OR_RETURN(const double published, RunUpdateReturning(*ground, /*publish=*/true, most));
    add("relay.update_published", published, "  and pipelined XADDs of its rows", 2);
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status RelayRows(const Scale& scale, const Wanted& wanted, Report& report) {
  observe::Metrics metrics;
  std::vector<double> ours, bare, cpu;
  {
    ASSIGN_OR_RETURN(const auto ground, Ground::Make());
    // Makes the slot and the publication, so that the backlog lies behind them.
    StartRelay(*ground, RelayOptions(*ground), metrics)->Stop();
    RETURN_IF_ERROR(MakeBareSlot(*ground));
    const int64_t events = scale.backlog / kRounds / 100 * 100;
    for (int round = 0; round < kRounds; ++round) {
      RETURN_IF_ERROR(ground->InsertEvents(events));
      for (int turn = 0; turn < 2; ++turn) {
        // Who is first finds colder caches: they take turns.
        if ((turn + round) % 2 == 0) {
          const absl::Duration before = OwnCpu();
          ASSIGN_OR_RETURN(ours.emplace_back(),
                           DrainBacklog(*ground, relay::Preference::kLogical, events, metrics));
          cpu.push_back(absl::ToDoubleMicroseconds(OwnCpu() - before) /
                        static_cast<double>(events));
        } else {
          ASSIGN_OR_RETURN(bare.emplace_back(), DrainBare(*ground, events));
        }
      }
    }
  }
  report.Add({.name = "relay.backlog",
              .what = "relay, backlog drained",
              .unit = "events/s",
              .ours = Median(ours),
              .reference = Median(bare),
              .peer = "bare loop, same design",
              .aim = {.kind = Aim::kRatioAtLeast, .value = 0.9}});
  report.Add({.name = "relay.cpu",
              .what = "relay's own CPU, with the watching",
              .unit = "us/event",
              .ours = Median(cpu)});
  if (wanted("relay.snapshot")) {
    ASSIGN_OR_RETURN(const auto ground, Ground::Make());
    StartRelay(*ground, RelayOptions(*ground, relay::Preference::kSnapshot), metrics)->Stop();
    RETURN_IF_ERROR(ground->InsertEvents(scale.backlog));
    ASSIGN_OR_RETURN(const double snapshot,
                     DrainBacklog(*ground, relay::Preference::kSnapshot, scale.backlog, metrics));
    report.Add({.name = "relay.snapshot",
                .what = "relay by snapshots (no logical decoding)",
                .unit = "events/s",
                .ours = snapshot,
                .reference = Median(bare),
                .peer = "bare loop, logical decoding"});
  }
  return Peers(scale, Median(ours), wanted, report);
}

}  // namespace selfology::bench
