// Handlers: inbox row, effect and outbox row in one transaction, beside pgbench with the very same
// statements.

#include <atomic>
#include <fstream>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/events/consumer.h"
#include "common/events/outbox.h"
#include "common/observe/metrics.h"
#include "common/postgres/database.h"
#include "common/servers/binaries.h"
#include "common/servers/process.h"
#include "common/status/status_macros.h"
#include "common/uuid/uuid.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "tests/bench/ground.h"
#include "tests/bench/rows.h"

namespace selfology::bench {
namespace {

constexpr int kClients = 16;
constexpr int kRounds = 3;

// Events of many users, as the relay would have put them there.
absl::Status FillStreams(Ground& ground, int64_t events) {
  absl::BitGen random;
  uuid::Sequence ids;
  redis::Batch batch;
  for (int64_t n = 0; n < events; ++n) {
    events::v1::SessionCreated event;
    event.set_user_id(absl::Uniform(random, 1, kUsers + 1));
    event.set_session_id(n);
    const events::Envelope envelope{
        .id = ids.Next(absl::Now(), random),
        .type = events::TypeOf<events::v1::SessionCreated>(),
        .partition_key = event.user_id(),
        .occurred_at = absl::Now(),
        .traceparent = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
        .trace_id = "4bf92f3577b34da6a3ce929d0e0e4736",
        .producer = "bench",
        .payload = event.SerializeAsString()};
    redis::Args add{
        "XADD", events::StreamName(events::PartitionOf(event.user_id(), kPartitions), kPartitions),
        "*"};
    for (const auto& [name, value] : events::EncodeEntry(envelope)) add.Add(name).Add(value);
    batch.Add(add);
    if (batch.size() < 1000 && n + 1 < events) continue;
    RETURN_IF_ERROR(ground.redis->Pipeline(Patient(), batch));
    batch.Clear();
  }
  return absl::OkStatus();
}

absl::StatusOr<double> Ours(Ground& ground, const std::string& group, int64_t events,
                            int together) {
  observe::Metrics metrics;
  ASSIGN_OR_RETURN(const auto database, postgres::Database::Open({.url = ground.postgres->url(),
                                                                  .max_connections = kClients}));
  std::atomic<int64_t> done = 0;
  events::Consumer consumer({.group = group,
                             .replica = "a",
                             .partitions = kPartitions,
                             .concurrency = kClients,
                             .together = together},
                            *ground.redis, *database, metrics);
  consumer.On<events::v1::SessionCreated>(
      [&](const events::v1::SessionCreated& event, events::Handling& handling) {
        postgres::Transaction& tx = handling.tx();
        tx.Queue("UPDATE effects SET n = n + 1 WHERE user_id = $1", event.user_id());
        tx.AfterCommit([&] { ++done; });
        events::v1::SessionTimeout next;
        next.set_user_id(event.user_id());
        next.set_session_id(event.session_id());
        return events::Publish(tx, next);
      });
  RETURN_IF_ERROR(consumer.Start());
  // From the first tenth on, as pgbench, too, leaves out how long it takes to connect.
  while (done < events / 10) Pause(absl::Milliseconds(1));
  const absl::Time began = absl::Now();
  const int64_t before = done;
  while (done < events) Pause(absl::Milliseconds(1));
  const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
  consumer.Drain(absl::Now() + absl::Seconds(5));
  ASSIGN_OR_RETURN(
      const int64_t marked,
      ground.Number("SELECT count(*) FROM selfology.inbox WHERE consumer_group = $1", group));
  if (marked != events) return absl::InternalError("not every event is in the inbox once");
  return static_cast<double>(events - before) / seconds;
}

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
      << "INSERT INTO selfology.inbox (consumer_group, event_id, parked_behind) VALUES ('" << group
      << "', " << id("000") << ", (SELECT event_id FROM selfology.dead_letters WHERE consumer_group"
      << " = '" << group << "' AND partition_key = :user LIMIT 1));\n"
      << "UPDATE selfology.effects SET n = n + 1 WHERE user_id = :user;\n"
      << "INSERT INTO selfology.outbox (id, type, partition_key, traceparent, trace_id, payload)"
      << " VALUES (" << id("001") << ", 'session.timeout', :user,"
      << " '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01',"
      << " '4bf92f3577b34da6a3ce929d0e0e4736', '\\x08d2091001');\nCOMMIT;\n";
  ASSIGN_OR_RETURN(const std::string program, servers::BinaryPath("pgbench"));
  ASSIGN_OR_RETURN(const auto pgbench,
                   servers::Process::Start(
                       {.argv = {program, "-n", "-M", "prepared", "-D", "n=0", "-f", script, "-t",
                                 absl::StrCat(events / kClients), "-c", absl::StrCat(kClients),
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
  RETURN_IF_ERROR(
      ground->Sql("CREATE TABLE effects (user_id bigint PRIMARY KEY, n bigint NOT NULL)"
                  " WITH (fillfactor = 50)"));
  RETURN_IF_ERROR(ground->Sql("INSERT INTO effects SELECT g, 0 FROM generate_series(1, $1::int) g",
                              int64_t{kUsers}));
  RETURN_IF_ERROR(FillStreams(*ground, scale.events));
  std::vector<double> single, together, pgbench;
  for (int round = 0; round < kRounds; ++round) {
    RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
    ASSIGN_OR_RETURN(pgbench.emplace_back(),
                     Pgbench(*ground, absl::StrCat("pgbench-", round), scale.events));
    RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
    ASSIGN_OR_RETURN(single.emplace_back(),
                     Ours(*ground, absl::StrCat("single-", round), scale.events, /*together=*/1));
    RETURN_IF_ERROR(ground->Sql("CHECKPOINT"));
    ASSIGN_OR_RETURN(together.emplace_back(),
                     Ours(*ground, absl::StrCat("together-", round), scale.events,
                          events::ConsumerOptions().together));
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
