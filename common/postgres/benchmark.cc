// Measures transactions against a scratch server, to be set beside pgbench's figures. Not a test.
//
//   bazel run -c opt //common/postgres:benchmark
//
// Prints for each kind of transaction and number of threads: transactions per second, median and
// 99th percentile of latency in microseconds, and round trips per transaction.
#include <algorithm>
#include <atomic>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <thread>
#include <vector>

#include "absl/random/random.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/postgres/database.h"
#include "testing/servers/postgres_server.h"

namespace selfology::postgres {
namespace {

constexpr int64_t kRows = 10'000;
constexpr absl::Duration kRunTime = absl::Seconds(5);

using Work = std::function<absl::Status(Transaction&, int64_t id)>;

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << std::endl;
  exit(1);
}

void Measure(Database& database, std::string_view name, bool write, int threads, const Work& work) {
  const Call call = Call::Background(absl::Minutes(5));
  std::vector<std::vector<int64_t>> latencies(threads);  // Nanoseconds.
  const int64_t trips_before = database.stats().round_trips;
  const absl::Time start = absl::Now();
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      std::mt19937_64 random(t);
      while (absl::Now() < start + kRunTime) {
        const int64_t id = absl::Uniform<int64_t>(random, 0, kRows);
        const auto run = [&](Transaction& tx) { return work(tx, id); };
        const int64_t before = absl::GetCurrentTimeNanos();
        Check(write ? database.Write(call, run) : database.Read(call, run));
        latencies[t].push_back(absl::GetCurrentTimeNanos() - before);
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double seconds = absl::ToDoubleSeconds(absl::Now() - start);
  std::vector<int64_t> all;
  for (const auto& some : latencies) all.insert(all.end(), some.begin(), some.end());
  std::sort(all.begin(), all.end());
  const auto count = static_cast<double>(all.size());
  const auto at = [&](size_t percent) {
    return static_cast<double>(all[all.size() * percent / 100]) / 1e3;
  };
  const double trips = static_cast<double>(database.stats().round_trips - trips_before);
  absl::PrintF("%-28s %2d threads %8.0f/s  p50 %6.0f us  p99 %6.0f us  %.2f round trips\n", name,
               threads, count / seconds, at(50), at(99), trips / count);
}

// The same single-statement write by the server's own tool, in BEGIN and COMMIT as ours is.
void Pgbench(const servers::PostgresServer& server, int clients) {
  auto folder = servers::ScratchFolder::Make().value();
  const std::string script = absl::StrCat(folder.path(), "/script");
  std::ofstream(script) << "\\set id random(0, " << kRows - 1 << ")\n"
                        << "BEGIN;\nUPDATE counters SET n = n + 1 WHERE id = :id;\nCOMMIT;\n";
  auto pgbench = servers::Process::Start(
      {.argv = {servers::BinaryPath("pgbench").value(), "-n", "-M", "prepared", "-f", script, "-T",
                absl::StrCat(absl::ToInt64Seconds(kRunTime)), "-c", absl::StrCat(clients), "-j",
                absl::StrCat(clients), server.url()}});
  Check(pgbench.status());
  Check((*pgbench)->Wait(absl::Now() + absl::Minutes(1)).status());
  const std::string output = (*pgbench)->output();
  const size_t at = output.find("latency average");
  std::cout << "pgbench, " << clients
            << " clients: " << (at == output.npos ? output : output.substr(at)) << std::flush;
}

int Main() {
  auto server = servers::PostgresServer::Start({});
  Check(server.status());
  auto database = Database::Open({.url = (*server)->url()});
  Check(database.status());
  Check((*database)->Write(Call::Background(absl::Minutes(1)), [](Transaction& tx) {
    tx.Queue(
        "CREATE TABLE counters (id bigint PRIMARY KEY, n bigint NOT NULL) WITH (fillfactor = 50)");
    tx.Queue("INSERT INTO counters SELECT g, 0 FROM generate_series(0, $1) g", kRows - 1);
    tx.Queue("CREATE TABLE log (id bigint, body text)");
    return absl::OkStatus();
  }));
  constexpr std::string_view kUpdate = "UPDATE counters SET n = n + 1 WHERE id = $1";
  for (const int threads : {1, 4, 16}) {
    Measure(**database, "write, one statement", true, threads,
            [&](Transaction& tx, int64_t id) { return tx.Execute(kUpdate, id).status(); });
    Measure(**database, "write, one queued statement", true, threads,
            [&](Transaction& tx, int64_t id) {
              tx.Queue(kUpdate, id);
              return absl::OkStatus();
            });
    Measure(**database, "write, one and three queued", true, threads,
            [&](Transaction& tx, int64_t id) {
              const absl::Status status = tx.Execute(kUpdate, id).status();
              for (int i = 0; i < 3; ++i) tx.Queue("INSERT INTO log VALUES ($1, $2)", id, "body");
              return status;
            });
    Measure(**database, "read, one statement", false, threads, [&](Transaction& tx, int64_t id) {
      return tx.QueryOne<int64_t>("SELECT n FROM counters WHERE id = $1", id).status();
    });
    Pgbench(**server, threads);
  }
  return 0;
}

}  // namespace
}  // namespace selfology::postgres

int main() { return selfology::postgres::Main(); }
