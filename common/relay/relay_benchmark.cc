// How fast the relay is on this machine: `bazel run -c opt //common/relay:relay_benchmark -- EVENTS
// RATE`.
//
// EVENTS (1,000,000) in transactions of 100 are committed before the relay starts: events drained a
// second, and the relay's own CPU for each. Then RATE (1,000) one-event transactions a second for
// ten seconds: from before the transaction to the entry in the reader's hands. Then ten seconds
// without work: the relay's CPU.

#include <sys/resource.h>

#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <iostream>
#include <thread>
#include <vector>

#include "absl/strings/numbers.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/events/migrations.h"
#include "common/observe/log.h"
#include "common/observe/metrics.h"
#include "common/postgres/codec.h"
#include "common/postgres/connection.h"
#include "common/postgres/migrations.h"
#include "common/redis/client.h"
#include "common/relay/relay.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"

namespace selfology::relay {
namespace {

constexpr int kPartitions = 16;

Call Patient() { return Call::Background(absl::Minutes(30)); }

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << std::endl;
  exit(1);
}
template <typename T>
T OrDie(absl::StatusOr<T> result) {
  Check(result.status());
  return *std::move(result);
}

absl::Duration CpuTime() {
  rusage usage;
  getrusage(RUSAGE_SELF, &usage);
  return absl::DurationFromTimeval(usage.ru_utime) + absl::DurationFromTimeval(usage.ru_stime);
}

constexpr char kInsert[] =
    "INSERT INTO selfology.outbox (id, type, partition_key, traceparent, trace_id, payload)"
    " SELECT (lpad(to_hex((extract(epoch FROM clock_timestamp()) * 1000)::bigint), 12, '0') || '7' "
    "||"
    "  substr(md5(random()::text), 1, 19))::uuid, 'user.answer.submitted', 1 + (random() * "
    "5000)::int,"
    "  '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01', "
    "'4bf92f3577b34da6a3ce929d0e0e4736',"
    "  convert_to(rpad($2::text, 150, '.'), 'UTF8') FROM generate_series(1, $1::int)";

int64_t Length(redis::Client& redis) {
  redis::Batch batch;
  for (int p = 0; p < kPartitions; ++p) batch.Add({"XLEN", events::StreamName(p, kPartitions)});
  int64_t length = 0;
  for (const auto& reply : OrDie(redis.Pipeline(Patient(), batch))) {
    length += OrDie(OrDie(reply).Integer());
  }
  return length;
}

void Pause(absl::Duration duration) {
  absl::Notification().WaitForNotificationWithTimeout(duration);
}

// Latencies of what a reader of all streams gets: the payload begins with when its writer began.
std::vector<double> ReadLatencies(redis::Client& redis, size_t count) {
  std::vector<double> latencies;
  const auto reader = redis.Connect();
  std::vector<std::string> last(kPartitions, "0-0");
  for (int p = 0; p < kPartitions; ++p) {
    const redis::Reply newest = OrDie(redis.Command(
        Patient(), {"XREVRANGE", events::StreamName(p, kPartitions), "+", "-", "COUNT", 1}));
    const auto entries = OrDie(newest.Array());
    if (!entries.empty()) last[p] = OrDie(OrDie(entries[0].Array())[0].String());
  }
  while (latencies.size() < count) {
    redis::Args read{"XREAD", "BLOCK", 5000, "STREAMS"};
    for (int p = 0; p < kPartitions; ++p) read.Add(events::StreamName(p, kPartitions));
    for (int p = 0; p < kPartitions; ++p) read.Add(last[p]);
    const redis::Reply reply = OrDie(reader->Command(Patient(), read));
    const absl::Time now = absl::Now();
    if (reply.is_nil()) break;
    const auto streams = OrDie(reply.Array());
    for (const redis::Reply& stream : streams) {
      const auto pair = OrDie(stream.Array());
      const std::string_view name = OrDie(pair[0].String());
      int partition = 0;
      while (events::StreamName(partition, kPartitions) != name) ++partition;
      const auto entries = OrDie(pair[1].Array());
      for (const redis::Reply& entry : entries) {
        const auto parts = OrDie(entry.Array());
        last[partition] = OrDie(parts[0].String());
        const auto fields = OrDie(parts[1].Array());
        const std::string_view payload = OrDie(fields[fields.size() - 1].String());
        int64_t micros = 0;
        if (absl::SimpleAtoi(payload.substr(0, payload.find('.')), &micros)) {
          latencies.push_back(absl::ToDoubleMilliseconds(now - absl::FromUnixMicros(micros)));
        }
      }
    }
  }
  std::sort(latencies.begin(), latencies.end());
  return latencies;
}

void Measure(Preference preference, int64_t backlog, int rate) {
  const auto postgres = OrDie(servers::PostgresServer::Start({}));
  const auto server = OrDie(servers::RedisServer::Start({}));
  const auto redis = OrDie(redis::Client::Open(server->url()));
  Check(postgres::Migrate(Patient(), postgres->url(), "mesh", events::Migrations(),
                          "selfology_mesh"));
  const auto writer =
      OrDie(postgres::Connection::Open(Patient(), {.url = postgres->url(), .keywords = {}}));
  const auto insert = [&](int rows) {
    writer->Add(kInsert, postgres::internal::EncodeAll(
                             int64_t{rows}, absl::StrCat(absl::ToUnixMicros(absl::Now()))));
    Check(writer->RoundTrip(Patient()).status());
  };

  observe::Metrics metrics;
  Options options{.database_url = postgres->url()};
  options.partitions = kPartitions;
  options.preference = preference;
  const auto start = [&] {
    auto relay = std::make_unique<Relay>(options, *redis, metrics);
    relay->Start();
    const Mode wanted =
        preference == Preference::kSnapshot ? Mode::kSnapshotDifference : Mode::kLogicalDecoding;
    while (relay->status().mode != wanted) Pause(absl::Milliseconds(1));
    return relay;
  };
  // Makes the slot, so that the backlog lies behind it.
  start()->Stop();

  for (int64_t done = 0; done < backlog; done += 100) insert(100);
  absl::Time began = absl::Now();
  absl::Duration cpu = CpuTime();
  const auto relay = start();
  while (Length(*redis) < backlog) Pause(absl::Milliseconds(5));
  const double seconds = absl::ToDoubleSeconds(absl::Now() - began);
  std::printf("%-9s backlog  %9.0f events/s, %.2f us CPU/event\n",
              preference == Preference::kSnapshot ? "snapshot" : "logical",
              static_cast<double>(backlog) / seconds,
              absl::ToDoubleMicroseconds(CpuTime() - cpu) / static_cast<double>(backlog));

  const int count = rate * 10;
  std::vector<double> latencies;
  std::thread reading([&] { latencies = ReadLatencies(*redis, count); });
  Pause(absl::Milliseconds(500));
  began = absl::Now();
  for (int i = 0; i < count; ++i) {
    const absl::Duration early = began + i * absl::Seconds(1) / rate - absl::Now();
    if (early > absl::ZeroDuration()) Pause(early);
    insert(1);
  }
  const double took = absl::ToDoubleSeconds(absl::Now() - began);
  reading.join();
  if (!latencies.empty()) {
    std::printf(
        "          latency  at %.0f/s: p50 %.2f ms, p99 %.2f ms, max %.2f ms, commit included (%zu "
        "read)\n",
        count / took, latencies[latencies.size() / 2], latencies[latencies.size() * 99 / 100],
        latencies.back(), latencies.size());
  }

  Pause(absl::Seconds(2));
  cpu = CpuTime();
  Pause(absl::Seconds(10));
  std::printf("          idle     %.2f %% of a core\n",
              absl::ToDoubleSeconds(CpuTime() - cpu) * 100 / 10);
}

}  // namespace
}  // namespace selfology::relay

int main(int argc, char** argv) {
  selfology::observe::ConfigureLog({.level = selfology::observe::Severity::kError});
  const int64_t backlog = argc > 1 ? std::atoll(argv[1]) : 1'000'000;
  const int rate = argc > 2 ? std::atoi(argv[2]) : 1000;
  selfology::relay::Measure(selfology::relay::Preference::kLogical, backlog, rate);
  selfology::relay::Measure(selfology::relay::Preference::kSnapshot, backlog, rate);
}
