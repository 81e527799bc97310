// Measures the ledger beside a plain one in the same PostgreSQL, and ranks among a million. Not a test.
//
//   bazel run -c opt //services/growth/gamification:figures
//
// The plain ledger is what one writes by hand: for each transfer a transaction that locks the account
// that gives, looks at its balance, changes both accounts and inserts the transfer. Ours is the code
// that the service runs, without gRPC. "hot": every transfer goes to one account.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <functional>
#include <iostream>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_format.h"
#include "absl/time/clock.h"
#include "common/postgres/database.h"
#include "common/postgres/migrations.h"
#include "common/redis/client.h"
#include "common/uuid/uuid.h"
#include "services/growth/gamification/boards/board_cache.h"
#include "services/growth/gamification/ledger/group_commit.h"
#include "services/growth/gamification/migrations.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"

namespace selfology::gamification {
namespace {

constexpr int64_t kAccounts = 10'000;
constexpr int64_t kMembers = 1'000'000;
constexpr absl::Duration kRunTime = absl::Seconds(5);

void Check(const absl::Status& status) {
  if (status.ok()) return;
  std::cerr << status << std::endl;
  exit(1);
}

// Runs `work` in so many threads; each call makes `transfers`. The rate per second.
double Measure(std::string_view name, int threads, int64_t transfers,
               const std::function<void(int thread, std::mt19937_64&)>& work) {
  std::atomic<int64_t> calls = 0;
  const absl::Time start = absl::Now();
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<uint64_t>(t) + 1);
      while (absl::Now() < start + kRunTime) {
        work(t, random);
        ++calls;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  const double rate =
      static_cast<double>(calls * transfers) / absl::ToDoubleSeconds(absl::Now() - start);
  absl::PrintF("%-44s %3d callers %9.0f transfers/s\n", name, threads, rate);
  std::cout << std::flush;
  return rate;
}

class Plain {
 public:
  explicit Plain(postgres::Database& database) : database_(database) {
    Check(database_.Write(Call::Background(absl::Minutes(1)), [](postgres::Transaction& tx) {
      tx.Queue(
          "CREATE TABLE plain_accounts (id bigint PRIMARY KEY, balance bigint NOT NULL)"
          " WITH (fillfactor = 60)");
      tx.Queue(
          "CREATE TABLE plain_transfers (id uuid PRIMARY KEY, debit bigint NOT NULL,"
          " credit bigint NOT NULL, amount bigint NOT NULL, at timestamptz NOT NULL)");
      tx.Queue("CREATE INDEX ON plain_transfers (debit, at)");
      tx.Queue("CREATE INDEX ON plain_transfers (credit, at)");
      tx.Queue("INSERT INTO plain_accounts SELECT g, 1000000000 FROM generate_series(0, $1) g",
               kAccounts);
      return absl::OkStatus();
    }));
  }

  void Move(int64_t debit, int64_t credit, const uuid::Uuid& id) {
    Check(database_.Write(Call::Background(absl::Minutes(1)), [&](postgres::Transaction& tx) {
      const auto balance = tx.QueryOne<int64_t>(
          "SELECT balance FROM plain_accounts WHERE id = $1 FOR UPDATE", debit);
      if (!balance.ok()) return balance.status();
      if (std::get<0>(**balance) < 1) return absl::FailedPreconditionError("too little");
      tx.Queue("UPDATE plain_accounts SET balance = balance - 1 WHERE id = $1", debit);
      tx.Queue("UPDATE plain_accounts SET balance = balance + 1 WHERE id = $1", credit);
      tx.Queue("INSERT INTO plain_transfers VALUES ($1, $2, $3, 1, $4)", id, debit, credit,
               absl::Now());
      return absl::OkStatus();
    }));
  }

 private:
  postgres::Database& database_;
};

int64_t Account(std::mt19937_64& random) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(kAccounts));
}

std::vector<Wanted> Some(int count, bool hot, std::mt19937_64& random) {
  static auto& ids = *new uuid::Sequence();
  std::vector<Wanted> wanted(static_cast<size_t>(count));
  for (Wanted& one : wanted) {
    one.order = {.id = ids.Next(absl::Now(), random), .amount = 1};
    one.debit = {.currency = "coins", .code = absl::StrCat("giver:", Account(random))};
    one.credit = {.currency = "coins",
                  .code = hot ? std::string("hot") : absl::StrCat("getter:", Account(random))};
    one.code = "figures";
    one.quiet = true;
  }
  return wanted;
}

void MeasureLedgers(postgres::Database& database) {
  Plain plain(database);
  static auto& ids = *new uuid::Sequence();
  double plain_rate = 0;
  for (const bool hot : {false, true}) {
    const double rate = Measure(absl::StrCat("plain, single", hot ? ", hot" : ""), 16, 1,
                                [&](int, std::mt19937_64& random) {
                                  // Always the lower account first, so that none waits in a circle.
                                  const int64_t a = Account(random), b = Account(random);
                                  const int64_t to = hot ? kAccounts : std::max(a, b) + (a == b);
                                  plain.Move(std::min(a, b), to, ids.Next(absl::Now(), random));
                                });
    if (!hot) plain_rate = rate;
  }
  GroupCommit commits(database, &absl::Now);
  const auto run = [&](int count, bool hot) {
    return [&commits, count, hot](int, std::mt19937_64& random) {
      const auto results =
          commits.Run(Call::Background(absl::Minutes(1)), Some(count, hot, random));
      Check(results.status());
      for (const v1::TransferResult result : *results) {
        if (result != v1::TRANSFER_RESULT_CREATED) Check(absl::InternalError("not created"));
      }
    };
  };
  for (const bool hot : {false, true}) {
    const std::string suffix = hot ? ", hot" : "";
    const double single = Measure("ours, single" + suffix, 64, 1, run(1, hot));
    const double batched = Measure("ours, batches of 1,000" + suffix, 4, 1000, run(1000, hot));
    absl::PrintF("    to the plain ledger: single %.1f times, batched %.1f times\n",
                 single / plain_rate, batched / plain_rate);
  }
}

void MeasureRanks(postgres::Database& database, redis::Client& redis) {
  const Call call = Call::Background(absl::Minutes(10));
  Check(database.Write(call, [](postgres::Transaction& tx) {
    return tx
        .Execute(
            "INSERT INTO gamification_scores (board, period, user_id, score, changed_at)"
            " SELECT 'xp', 'ever', g, (g * 7919) % 100000, now() - interval '1 hour'"
            " FROM generate_series(1, $1) g",
            kMembers)
        .status();
  }));
  BoardCache cache(redis, database);
  Check(cache.Around(call, "xp", "ever", 1, 2).status());  // Asks for the board.
  const absl::Time start = absl::Now();
  Check(cache.Refresh(call, start));
  absl::PrintF("board of a million made in %.1f s\n", absl::ToDoubleSeconds(absl::Now() - start));
  std::mt19937_64 random(1);
  std::vector<int64_t> micros;
  for (int i = 0; i < 20'000; ++i) {
    const auto user = static_cast<int64_t>(1 + random() % static_cast<uint64_t>(kMembers));
    const int64_t before = absl::GetCurrentTimeNanos();
    const auto slice = cache.Around(call, "xp", "ever", user, 2);
    micros.push_back((absl::GetCurrentTimeNanos() - before) / 1000);
    Check(slice.status());
    if (!slice->has_value() || (*slice)->standings.size() < 3) {
      Check(absl::InternalError("no standing"));
    }
  }
  std::sort(micros.begin(), micros.end());
  absl::PrintF("rank and neighbours among a million: p50 %d us, p99 %d us\n",
               micros[micros.size() / 2], micros[micros.size() * 99 / 100]);
}

int Main() {
  auto server = servers::PostgresServer::Start({.durable = true});
  Check(server.status());
  auto redis_server = servers::RedisServer::Start({});
  Check(redis_server.status());
  auto database = postgres::Database::Open({.url = (*server)->url(), .max_connections = 32});
  Check(database.status());
  // The tables alone: no mesh, no outbox.
  Check((*database)->Write(Call::Background(absl::Minutes(1)), [](postgres::Transaction& tx) {
    for (const postgres::Migration& migration : Migrations()) {
      const std::string sql(migration.sql);
      for (size_t begin = 0; begin < sql.size();) {
        const size_t end = std::min(sql.find(";\n", begin), sql.size());
        const std::string statement = sql.substr(begin, end - begin);
        if (statement.find("CREATE") != statement.npos) tx.Queue(statement);
        begin = end + 2;
      }
    }
    return absl::OkStatus();
  }));
  MeasureLedgers(**database);
  auto redis = redis::Client::Open((*redis_server)->url());
  Check(redis.status());
  MeasureRanks(**database, **redis);
  return 0;
}

}  // namespace
}  // namespace selfology::gamification

int main() { return selfology::gamification::Main(); }
