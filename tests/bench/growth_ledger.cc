// The ledger beside a plain one in the same PostgreSQL, and ranks among a million.
//
// The plain ledger is what one writes by hand: for each transfer a transaction that locks the account
// that gives, looks at its balance, changes both accounts and inserts the transfer. Ours is the code
// that the service runs, without gRPC. "hot": every transfer goes to one account.
#include <algorithm>
#include <atomic>
#include <cstdint>
#include <functional>
#include <memory>
#include <random>
#include <string>
#include <string_view>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/time/clock.h"
#include "common/postgres/database.h"
#include "common/status/status_macros.h"
#include "common/uuid/uuid.h"
#include "services/growth/gamification/boards/board_cache.h"
#include "services/growth/gamification/ledger/group_commit.h"
#include "services/growth/gamification/migrations.h"
#include "tests/bench/ground.h"
#include "tests/bench/growth_parts.h"

namespace selfology::bench {
namespace {

using gamification::GroupCommit;
using postgres::Transaction;

constexpr int64_t kAccounts = 10'000;
constexpr int64_t kMembers = 1'000'000;
constexpr int kLookUps = 20'000;
constexpr int kBatch = 1'000;
// Published: PostgreSQL by hand 3,356, TigerBeetle 48,000 (backend.how/posts/1b-payments-per-day).
constexpr double kSingleAim = 3'400, kBatchedAim = 50'000, kTimesAim = 10;

// The tables alone, without the mesh's roles.
absl::StatusOr<std::unique_ptr<postgres::Database>> OpenTables(const Ground& ground) {
  ASSIGN_OR_RETURN(auto database, postgres::Database::Open(
                                      {.url = ground.postgres->url(), .max_connections = 32}));
  RETURN_IF_ERROR(database->Write(Patient(), [](Transaction& tx) {
    for (const postgres::Migration& migration : gamification::Migrations()) {
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
  return database;
}

// Calls `work` from so many threads for a while; how often a second.
absl::StatusOr<double> RateOf(int threads, absl::Duration time,
                              const std::function<absl::Status(std::mt19937_64&)>& work) {
  std::atomic<int64_t> calls = 0;
  absl::Mutex mutex;
  absl::Status first;  // What went wrong first.
  const absl::Time start = absl::Now();
  std::vector<std::thread> running;
  for (int t = 0; t < threads; ++t) {
    running.emplace_back([&, t] {
      std::mt19937_64 random(static_cast<uint64_t>(t) + 1);
      while (absl::Now() < start + time) {
        const absl::Status done = work(random);
        if (!done.ok()) {
          absl::MutexLock lock(&mutex);
          first.Update(done);
          return;
        }
        ++calls;
      }
    });
  }
  for (std::thread& thread : running) thread.join();
  RETURN_IF_ERROR(first);
  return static_cast<double>(calls) / absl::ToDoubleSeconds(absl::Now() - start);
}

class PlainLedger {
 public:
  explicit PlainLedger(postgres::Database& database) : database_(database) {}

  absl::Status Make() {
    return database_.Write(Patient(), [](Transaction& tx) {
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
    });
  }
  absl::Status Move(int64_t debit, int64_t credit, const uuid::Uuid& id) {
    return database_.Write(Patient(), [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto balance,
                       tx.QueryOne<int64_t>(
                           "SELECT balance FROM plain_accounts WHERE id = $1 FOR UPDATE", debit));
      if (std::get<0>(balance.value()) < 1) return absl::FailedPreconditionError("too little");
      tx.Queue("UPDATE plain_accounts SET balance = balance - 1 WHERE id = $1", debit);
      tx.Queue("UPDATE plain_accounts SET balance = balance + 1 WHERE id = $1", credit);
      tx.Queue("INSERT INTO plain_transfers VALUES ($1, $2, $3, 1, $4)", id, debit, credit,
               absl::Now());
      return absl::OkStatus();
    });
  }

 private:
  postgres::Database& database_;
};

int64_t Account(std::mt19937_64& random) {
  return static_cast<int64_t>(random() % static_cast<uint64_t>(kAccounts));
}

std::vector<gamification::Wanted> Some(uuid::Sequence& ids, int count, bool hot,
                                       std::mt19937_64& random) {
  std::vector<gamification::Wanted> wanted(static_cast<size_t>(count));
  for (gamification::Wanted& one : wanted) {
    one.order = {.id = ids.Next(absl::Now(), random), .amount = 1};
    one.debit = {.currency = "coins", .code = absl::StrCat("giver:", Account(random))};
    one.credit = {.currency = "coins",
                  .code = hot ? std::string("hot") : absl::StrCat("getter:", Account(random))};
    one.code = "figures";
    one.quiet = true;
  }
  return wanted;
}

}  // namespace

absl::Status LedgerRows(const Scale& scale, const Wanted& wanted, Report& report) {
  if (!wanted("growth.ledger")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto ground, Ground::Make());
  ASSIGN_OR_RETURN(const auto database, OpenTables(*ground));
  const absl::Duration time = absl::Seconds(std::max(1, scale.seconds / 2));
  PlainLedger plain(*database);
  RETURN_IF_ERROR(plain.Make());
  uuid::Sequence ids;
  GroupCommit commits(*database, &absl::Now);
  const auto ours = [&](int count, bool hot) {
    return [&commits, &ids, count, hot](std::mt19937_64& random) -> absl::Status {
      ASSIGN_OR_RETURN(const auto results, commits.Run(Patient(), Some(ids, count, hot, random)));
      const bool all_made =
          std::all_of(results.begin(), results.end(), [](gamification::v1::TransferResult result) {
            return result == gamification::v1::TRANSFER_RESULT_CREATED;
          });
      return all_made ? absl::OkStatus() : absl::InternalError("a transfer was not made");
    };
  };
  for (const bool hot : {false, true}) {
    const std::string suffix = hot ? ".hot" : "", said = hot ? ", all to one account" : "";
    ASSIGN_OR_RETURN(const double by_hand, RateOf(16, time, [&](std::mt19937_64& random) {
                       // Always the lower account first, so that none waits in a circle.
                       const int64_t a = Account(random), b = Account(random);
                       const int64_t to = hot ? kAccounts : std::max(a, b) + (a == b);
                       return plain.Move(std::min(a, b), to, ids.Next(absl::Now(), random));
                     }));
    ASSIGN_OR_RETURN(const double single, RateOf(64, time, ours(1, hot)));
    report.Add({.name = absl::StrCat("growth.ledger.single", suffix),
                .what = absl::StrCat("ledger, one transfer a call", said),
                .unit = "transfers/s",
                .ours = single,
                .reference = by_hand,
                .peer = "by hand",
                .aim = {.kind = Aim::kAtLeast, .value = kSingleAim}});
    ASSIGN_OR_RETURN(const double batches, RateOf(4, time, ours(kBatch, hot)));
    const Row batched = {.name = absl::StrCat("growth.ledger.batched", suffix),
                         .what = absl::StrCat("ledger, ", kBatch, " transfers a call", said),
                         .unit = "transfers/s",
                         .ours = batches * kBatch,
                         .reference = by_hand,
                         .peer = "by hand",
                         .aim = {.kind = Aim::kAtLeast, .value = kBatchedAim}};
    report.Add(batched);
    Row times = batched;
    times.name = absl::StrCat("growth.ledger.times", suffix);
    times.aim = {.kind = Aim::kRatioAtLeast, .value = kTimesAim};
    report.Add(times);
  }
  return absl::OkStatus();
}

absl::Status BoardRows(const Wanted& wanted, Report& report) {
  if (!wanted("growth.board")) return absl::OkStatus();
  ASSIGN_OR_RETURN(const auto ground, Ground::Make(/*durable=*/false));
  ASSIGN_OR_RETURN(const auto database, OpenTables(*ground));
  RETURN_IF_ERROR(database
                      ->Write(Patient(),
                              [](Transaction& tx) {
                                return tx.Execute(
                                    "INSERT INTO gamification_scores (board, period, user_id,"
                                    " score, changed_at) SELECT 'xp', 'ever', g, (g * 7919) %"
                                    " 100000, now() - interval '1 hour' FROM"
                                    " generate_series(1, $1) g",
                                    kMembers);
                              })
                      .status());
  gamification::BoardCache cache(*ground->redis, *database);
  RETURN_IF_ERROR(cache.Around(Patient(), "xp", "ever", 1, 2).status());  // Asks for the board.
  RETURN_IF_ERROR(cache.Refresh(Patient(), absl::Now()));
  std::mt19937_64 random(1);
  std::vector<double> took;
  for (int i = 0; i < kLookUps; ++i) {
    const auto user = static_cast<int64_t>(1 + random() % static_cast<uint64_t>(kMembers));
    const absl::Time before = absl::Now();
    ASSIGN_OR_RETURN(const auto slice, cache.Around(Patient(), "xp", "ever", user, 2));
    took.push_back(absl::ToDoubleMilliseconds(absl::Now() - before));
    if (!slice.has_value() || slice->standings.size() < 3) {
      return absl::InternalError("no standing");
    }
  }
  report.Add({.name = "growth.board.p50",
              .what = "rank and neighbours among a million, p50",
              .unit = "ms",
              .ours = Quantile(took, 0.5)});
  report.Add({.name = "growth.board.p99",
              .what = "rank and neighbours among a million, p99",
              .unit = "ms",
              .ours = Quantile(took, 0.99),
              .aim = {.kind = Aim::kAtMost, .value = 1}});
  return absl::OkStatus();
}

}  // namespace selfology::bench
