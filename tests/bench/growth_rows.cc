// How cost grows: the figures of other rows at 1, 10 and 100 times the users, and with 1, 2 and 4
// replicas of a consumer. Each row stands beside the first of its kind. And what the growth services
// cost, in growth_ledger.cc and growth_graph.cc.

#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status_macros.h"
#include "tests/bench/ground.h"
#include "tests/bench/growth_parts.h"
#include "tests/bench/journey.h"
#include "tests/bench/loads.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kRounds = 3;
constexpr double kAnswersOfAPerson = 0.6;  // A second, while they answer: 500 people give 300.

// Rows of one kind, each beside the first.
class Series {
 public:
  Series(std::string name, std::string what, std::string unit, Report& report)
      : name_(std::move(name)), what_(std::move(what)), unit_(std::move(unit)), report_(report) {}
  void Add(int64_t size, std::string_view of, double ours) {
    if (first_ == 0) {
      first_ = ours;
      peer_ = absl::StrCat("with ", size, " ", of);
    }
    report_.Add({.name = absl::StrCat(name_, ".", of, "_", size),
                 .what = absl::StrCat(what_, ", ", size, " ", of),
                 .unit = unit_,
                 .ours = ours,
                 .reference = first_,
                 .peer = peer_});
  }

 private:
  const std::string name_, what_, unit_;
  Report& report_;
  double first_ = 0;
  std::string peer_;
};

absl::Status RelayOfUsers(const Scale& scale, Report& report) {
  Series series("growth.relay", "relay, backlog", "events/s", report);
  const int64_t events = scale.backlog / kRounds / 100 * 100;
  for (const int64_t users : {500, 5'000, 50'000}) {
    observe::Metrics metrics;
    ASSIGN_OR_RETURN(const auto ground, Ground::Make());
    StartRelay(*ground, RelayOptions(*ground), metrics)->Stop();
    std::vector<double> rates;
    for (int round = 0; round < kRounds; ++round) {
      RETURN_IF_ERROR(ground->InsertEvents(events, {.users = users}));
      ASSIGN_OR_RETURN(rates.emplace_back(),
                       DrainBacklog(*ground, relay::Preference::kLogical, events, metrics));
    }
    series.Add(users, "users", Median(rates));
  }
  return absl::OkStatus();
}

absl::Status HandlersOfUsers(const Scale& scale, Report& report) {
  Series series("growth.handlers", "handlers, shared transactions", "events/s", report);
  for (const int64_t users : {500, 5'000, 50'000}) {
    ASSIGN_OR_RETURN(const auto ground, Ground::Make());
    RETURN_IF_ERROR(MakeEffects(*ground, users));
    RETURN_IF_ERROR(FillStreams(*ground, scale.events, users));
    std::vector<double> rates;
    for (int round = 0; round < kRounds; ++round) {
      RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
      ASSIGN_OR_RETURN(
          rates.emplace_back(),
          Handle(*ground, {.group = absl::StrCat("round-", round), .events = scale.events}));
    }
    series.Add(users, "users", Median(rates));
  }
  return absl::OkStatus();
}

absl::Status JourneyOfPeople(Report& report) {
  Series cpu("growth.cpu", "CPU of all that an answer sets off", "ms", report);
  Series p50("growth.next_p50", "answer to next question, p50", "ms", report);
  Series p99("growth.next_p99", "answer to next question, p99", "ms", report);
  for (const int people : {5, 50, 500}) {
    const int answers = people < 50 ? 8 : 5;
    ASSIGN_OR_RETURN(
        Journey journey,
        Live({.people = people, .answers = answers, .rate = people * kAnswersOfAPerson}));
    cpu.Add(people, "people",
            absl::ToDoubleMilliseconds(journey.cpu + journey.postgres_cpu + journey.redis_cpu) /
                (people * answers));
    p50.Add(people, "people", journey.Milliseconds(kNext, 0.5));
    p99.Add(people, "people", journey.Milliseconds(kNext, 0.99));
  }
  return absl::OkStatus();
}

absl::Status HandlersOfReplicas(const Scale& scale, Report& report) {
  Series series("growth.handlers", "handlers, shared transactions", "events/s", report);
  ASSIGN_OR_RETURN(const auto ground, Ground::Make());
  RETURN_IF_ERROR(MakeEffects(*ground, kUsers));
  for (const int replicas : {1, 2, 4}) {
    std::vector<double> rates;
    for (int round = 0; round < kRounds; ++round) {
      RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
      ASSIGN_OR_RETURN(rates.emplace_back(),
                       Handle(*ground, {.group = absl::StrCat("of-", replicas, "-", round),
                                        .events = scale.events,
                                        .replicas = replicas,
                                        .refill = kUsers}));
    }
    series.Add(replicas, "replicas", Median(rates));
  }
  return absl::OkStatus();
}

absl::Status StartOfReplicas(const Scale& scale, Report& report) {
  Series p50("growth.start_p50", "commit to handler, 1,000/s, p50", "ms", report);
  Series p99("growth.start_p99", "commit to handler, 1,000/s, p99", "ms", report);
  for (const int replicas : {1, 2, 4}) {
    ASSIGN_OR_RETURN(const auto ground, Ground::Make(/*durable=*/false));
    const StartLoad load{.events = 1'000 * scale.seconds, .replicas = replicas};
    ASSIGN_OR_RETURN(std::vector<double> took, TimeToHandler(*ground, load));
    p50.Add(replicas, "replicas", Quantile(took, 0.5));
    p99.Add(replicas, "replicas", Quantile(took, 0.99));
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status GrowthRows(const Scale& scale, const Wanted& wanted, Report& report) {
  RETURN_IF_ERROR(LedgerRows(scale, wanted, report));
  RETURN_IF_ERROR(BoardRows(wanted, report));
  RETURN_IF_ERROR(GraphRows(wanted, report));
  if (wanted("growth.relay.users")) RETURN_IF_ERROR(RelayOfUsers(scale, report));
  if (wanted("growth.handlers.users")) RETURN_IF_ERROR(HandlersOfUsers(scale, report));
  if (wanted("growth.cpu.people")) RETURN_IF_ERROR(JourneyOfPeople(report));
  if (wanted("growth.handlers.replicas")) RETURN_IF_ERROR(HandlersOfReplicas(scale, report));
  if (wanted("growth.start_p50.replicas")) RETURN_IF_ERROR(StartOfReplicas(scale, report));
  return absl::OkStatus();
}

}  // namespace selfology::bench
