// A backlog drained by our relay, and by its peers.

#include <functional>
#include <string>
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

constexpr int kRounds = 5;

// Several relays that drain as many events each, in turn, so that the machine's slow moments hit
// them all.
struct Contest {
  struct Relay {
    std::function<absl::StatusOr<double>(int64_t events)> drain;  // Events a second.
    std::vector<double> rates = {};
  };
  std::vector<Relay> relays;

  absl::Status Run(int64_t events, const std::function<absl::Status(int64_t)>& fill) {
    for (size_t round = 0; round < kRounds; ++round) {
      RETURN_IF_ERROR(fill(events));
      // Who is first finds colder caches.
      for (size_t turn = 0; turn < relays.size(); ++turn) {
        Relay& relay = relays[(turn + round) % relays.size()];
        ASSIGN_OR_RETURN(relay.rates.emplace_back(), relay.drain(events));
      }
    }
    return absl::OkStatus();
  }
  double Rate(size_t relay) const { return Median(relays[relay].rates); }
};

absl::StatusOr<double> DrainBare(Ground& ground, int64_t events) {
  Pace pace(events);
  RETURN_IF_ERROR(BareRelay(ground, events, [&](int64_t done) { pace.Note(done); }));
  return pace.PerSecond();
}

absl::StatusOr<double> DrainByUpdates(Ground& ground, int64_t events, Update update,
                                      absl::Duration most) {
  RETURN_IF_ERROR(MakeDocumentsOutbox(ground, events));
  return RunUpdateReturning(ground, update, most);
}

// The documents' relays, far too slow to take turns.
absl::Status Documents(Ground& ground, const Scale& scale,
                       const std::function<void(std::string, double, std::string, double)>& add) {
  const absl::Duration most = absl::Seconds(scale.seconds);
  RETURN_IF_ERROR(MakeDocumentsOutbox(ground, scale.backlog));
  ASSIGN_OR_RETURN(const double documents, RunDocumentsRelay(ground, {}, most));
  add("relay.documents", documents, "the documents' relay", 6);
  ASSIGN_OR_RETURN(const double unpaced,
                   RunDocumentsRelay(ground, {.poll = absl::ZeroDuration()}, most));
  add("relay.documents_unpaced", unpaced, "  without its 1 s poll", 6);
  ASSIGN_OR_RETURN(
      const double batched,
      RunDocumentsRelay(ground, {.batch = 1000, .poll = absl::ZeroDuration(), .one_by_one = false},
                        most));
  add("relay.documents_batched", batched, "  and pipelined, batch 1,000", 0);
  return absl::OkStatus();
}

}  // namespace

absl::Status RelayRows(const Scale& scale, const Wanted& wanted, Report& report) {
  observe::Metrics metrics;
  ASSIGN_OR_RETURN(const auto peers, Ground::Make());
  std::vector<double> cpu;
  Contest contest;
  {
    ASSIGN_OR_RETURN(const auto ground, Ground::Make());
    // Makes the slot and the publication, so that the backlog lies behind them.
    StartRelay(*ground, RelayOptions(*ground), metrics)->Stop();
    RETURN_IF_ERROR(MakeBareSlot(*ground));
    contest.relays.push_back({[&](int64_t events) -> absl::StatusOr<double> {
      const absl::Duration before = OwnCpu();
      ASSIGN_OR_RETURN(const double rate,
                       DrainBacklog(*ground, relay::Preference::kLogical, events, metrics));
      cpu.push_back(absl::ToDoubleMicroseconds(OwnCpu() - before) / static_cast<double>(events));
      return rate;
    }});
    contest.relays.push_back({[&](int64_t events) { return DrainBare(*ground, events); }});
    if (wanted("relay.update")) {
      for (const Update update : {Update::kUsual, Update::kTuned, Update::kPublished}) {
        contest.relays.push_back({[&, update](int64_t events) {
          return DrainByUpdates(*peers, events, update, absl::Seconds(scale.seconds));
        }});
      }
    }
    RETURN_IF_ERROR(contest.Run(scale.backlog / kRounds / 100 * 100,
                                [&](int64_t events) { return ground->InsertEvents(events); }));
  }
  const double ours = contest.Rate(0);
  const double bare = contest.Rate(1);
  const auto add = [&](std::string name, double reference, std::string peer, double aim) {
    report.Add({.name = std::move(name),
                .what = "relay, backlog drained",
                .unit = "events/s",
                .ours = ours,
                .reference = reference,
                .peer = std::move(peer),
                .aim = {.kind = aim > 0 ? Aim::kRatioAtLeast : Aim::kNone, .value = aim}});
  };
  add("relay.backlog", bare, "bare loop, same design", 0.9);
  report.Add({.name = "relay.cpu",
              .what = "relay's own CPU, with the watching",
              .unit = "us/event",
              .ours = Median(cpu)});
  if (wanted("relay.update")) {
    add("relay.update", contest.Rate(2), "UPDATE ... RETURNING, no Redis", 2);
    add("relay.update_tuned", contest.Rate(3), "  with = ANY(ARRAY(...))", 2);
    add("relay.update_published", contest.Rate(4), "  and pipelined XADDs of its rows", 2);
  }
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
                .reference = bare,
                .peer = "bare loop, logical decoding"});
  }
  return wanted("relay.documents") ? Documents(*peers, scale, add) : absl::OkStatus();
}

}  // namespace selfology::bench
