#include "common/postgres/database.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/barrier.h"
#include "common/observe/metrics.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class DatabaseTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    database_ = Open({});
    Run("CREATE TABLE accounts (id bigint PRIMARY KEY, balance bigint NOT NULL,"
        " CONSTRAINT not_in_debt CHECK (balance >= 0))");
    Run("INSERT INTO accounts VALUES (1, 100), (2, 100)");
  }

  std::unique_ptr<Database> Open(Options options) {
    options.url = url();
    return Database::Open(std::move(options)).value();
  }

  void Run(std::string_view sql) {
    const absl::Status status =
        database_->Write(call_, [&](Transaction& tx) { return tx.Execute(sql).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }

  int64_t Balance(int64_t id) {
    auto balance = database_->Read(call_, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
      ASSIGN_OR_RETURN(auto row,
                       tx.QueryOne<int64_t>("SELECT balance FROM accounts WHERE id = $1", id));
      return row.has_value() ? std::get<0>(*row) : -1;
    });
    EXPECT_TRUE(balance.ok()) << balance.status();
    return balance.value_or(-2);
  }

  const Call call_ = Call::Background(absl::Minutes(1));
  std::unique_ptr<Database> database_;
};

TEST_F(DatabaseTest, CommitsWhenTheWorkSucceedsAndRollsBackWhenNot) {
  auto balance = database_->Write(call_, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
    ASSIGN_OR_RETURN(auto row, tx.QueryOne<int64_t>("UPDATE accounts SET balance = balance - 30"
                                                    " WHERE id = 1 RETURNING balance"));
    return std::get<0>(*row);
  });
  EXPECT_EQ(balance.value(), 70);
  EXPECT_EQ(Balance(1), 70);

  const absl::Status refused = database_->Write(call_, [&](Transaction& tx) -> absl::Status {
    EXPECT_EQ(tx.Execute("UPDATE accounts SET balance = 0").value(), 2);
    return absl::NotFoundError("changed my mind");
  });
  EXPECT_EQ(refused, absl::NotFoundError("changed my mind"));
  EXPECT_EQ(Balance(1), 70);
}

TEST_F(DatabaseTest, StatementsArePreparedOnceAndTheOldestGo) {
  const auto prepared = [&] {
    auto count = database_->Read(call_, [](Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(*) FROM pg_prepared_statements");
    });
    return std::get<0>(**count);
  };
  const int64_t before = prepared();
  for (int i = 0; i < 100; ++i) {
    Run("UPDATE accounts SET balance = balance WHERE id = 77");
  }
  EXPECT_EQ(prepared(), before + 1);
  for (int i = 0; i < 600; ++i) Run(absl::StrCat("SELECT ", i));
  EXPECT_LE(prepared(), 256);
  Run("SELECT 0");  // Was evicted, and works again.
}

TEST_F(DatabaseTest, TheSameTextWithOtherParameterTypesIsAnotherStatement) {
  const auto text_of = [&](auto value) {
    auto row = database_->Read(
        call_, [&](Transaction& tx) { return tx.QueryOne<std::string>("SELECT $1::text", value); });
    return row.ok() ? std::get<0>(**row) : row.status().ToString();
  };
  EXPECT_EQ(text_of(int64_t{5}), "5");
  EXPECT_EQ(text_of("five"), "five");
  EXPECT_EQ(text_of(true), "true");
  EXPECT_EQ(text_of(int64_t{6}), "6");
}

TEST_F(DatabaseTest, ErrorsTellStateAndConstraintButNoValues) {
  const auto write = [&](std::string_view sql, int64_t id, int64_t balance) {
    return database_->Write(call_,
                            [&](Transaction& tx) { return tx.Execute(sql, id, balance).status(); });
  };
  constexpr std::string_view kInsert = "INSERT INTO accounts VALUES ($1, $2)";

  const absl::Status twice = write(kInsert, 1, 4711);
  EXPECT_TRUE(absl::IsAlreadyExists(twice)) << twice;
  EXPECT_EQ(ConstraintName(twice), "accounts_pkey");
  EXPECT_EQ(SqlState(twice), "23505");

  const absl::Status debt = write(kInsert, 4711, -4711);
  EXPECT_TRUE(absl::IsFailedPrecondition(debt)) << debt;
  EXPECT_EQ(ConstraintName(debt), "not_in_debt");

  const absl::Status zero = write("SELECT 4711 / ($1 - $2)", 7, 7);
  EXPECT_TRUE(absl::IsInvalidArgument(zero)) << zero;
  EXPECT_EQ(ConstraintName(zero), "");

  for (const absl::Status& status : {twice, debt, zero}) {
    EXPECT_THAT(status.ToString(), Not(HasSubstr("4711")));
  }
  const absl::Status mistake = write("SELECT nonsense, $1, $2", 1, 1);
  EXPECT_TRUE(absl::IsInternal(mistake));
  EXPECT_THAT(mistake.message(), HasSubstr("nonsense")) << "our own mistakes are told in full";
  EXPECT_EQ(ConstraintName(absl::NotFoundError("other")), "");
}

// The server skips what stands behind a failed statement in its batch, a ROLLBACK too.
TEST_F(DatabaseTest, ATransactionGivenUpBeforeItsFailureWasHeardIsRolledBackAllTheSame) {
  {
    Transaction tx = database_->Begin(call_);
    tx.Queue("UPDATE accounts SET balance = 1");
    tx.Queue("INSERT INTO accounts VALUES (1, 1)");
  }
  EXPECT_EQ(Balance(1), 100);
  Run("UPDATE accounts SET balance = 7 WHERE id = 1");
  EXPECT_EQ(Balance(1), 7);
  EXPECT_EQ(database_->stats().opened, 1) << "none of this cost a connection";
}

TEST_F(DatabaseTest, DeferredConstraintsFailTheCommit) {
  Run("CREATE TABLE notes (account bigint REFERENCES accounts DEFERRABLE INITIALLY DEFERRED)");
  const absl::Status status = database_->Write(
      call_, [&](Transaction& tx) { return tx.Execute("INSERT INTO notes VALUES (99)").status(); });
  EXPECT_EQ(ConstraintName(status), "notes_account_fkey") << status;
}

TEST_F(DatabaseTest, AfterCommitRunsInOrderOnlyWhenCommitted) {
  std::vector<int> done;
  const auto work = [&](const absl::Status& result) {
    return [&done, result](Transaction& tx) {
      tx.AfterCommit([&done] { done.push_back(1); });
      tx.Queue("SELECT 1");
      tx.AfterCommit([&done] { done.push_back(2); });
      return result;
    };
  };
  EXPECT_FALSE(database_->Write(call_, work(absl::AbortedError("no"))).ok());
  EXPECT_THAT(done, ElementsAre());
  EXPECT_TRUE(database_->Write(call_, work(absl::OkStatus())).ok());
  EXPECT_THAT(done, ElementsAre(1, 2));
  EXPECT_TRUE(database_
                  ->Write(call_,
                          [&](Transaction& tx) {
                            tx.AfterCommit([&] {
                              EXPECT_EQ(Balance(1), 100) << "the connection must be free again";
                              done.push_back(3);
                            });
                            return absl::OkStatus();
                          })
                  .ok());
  EXPECT_THAT(done, ElementsAre(1, 2, 3));
}

TEST_F(DatabaseTest, ReadsCannotWrite) {
  const absl::Status status = database_->Read(call_, [](Transaction& tx) {
    return tx.Execute("UPDATE accounts SET balance = 0").status();
  });
  EXPECT_TRUE(absl::IsInternal(status)) << status;
  EXPECT_EQ(SqlState(status), "25006");
  EXPECT_EQ(Balance(1), 100);
}

TEST_F(DatabaseTest, SerializationFailuresAreTriedAgain) {
  constexpr int kThreads = 2;
  std::atomic<int> runs = 0, after_commits = 0;
  absl::Barrier* const barrier = new absl::Barrier(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      bool first = true;
      const absl::Status status = database_->Write(
          call_,
          [&](Transaction& tx) -> absl::Status {
            ++runs;
            tx.AfterCommit([&] { ++after_commits; });
            ASSIGN_OR_RETURN(auto row,
                             tx.QueryOne<int64_t>("SELECT sum(balance)::bigint FROM accounts"));
            // Both have read before either writes: one must lose.
            if (std::exchange(first, false) && barrier->Block()) delete barrier;
            return tx
                .Execute("UPDATE accounts SET balance = $2 WHERE id = $1", int64_t{t + 1},
                         std::get<0>(*row))
                .status();
          },
          {.isolation = Isolation::kSerializable});
      EXPECT_TRUE(status.ok()) << status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(runs, kThreads);
  EXPECT_EQ(after_commits, kThreads);
  // One ran before the other: 200, then 300.
  EXPECT_EQ(Balance(1) + Balance(2), 500);
}

TEST_F(DatabaseTest, DeadlocksAreTriedAgain) {
  Run("ALTER ROLE CURRENT_USER SET deadlock_timeout = '10ms'");
  auto database = Open({});
  constexpr int kThreads = 2;
  std::atomic<int> runs = 0;
  absl::Barrier* const barrier = new absl::Barrier(kThreads);
  std::vector<std::thread> threads;
  for (int t = 0; t < kThreads; ++t) {
    threads.emplace_back([&, t] {
      bool first = true;
      const absl::Status status = database->Write(call_, [&](Transaction& tx) -> absl::Status {
        ++runs;
        constexpr std::string_view kPay = "UPDATE accounts SET balance = balance + 1 WHERE id = $1";
        RETURN_IF_ERROR(tx.Execute(kPay, int64_t{t + 1}));
        if (std::exchange(first, false) && barrier->Block()) delete barrier;
        tx.Queue(kPay, int64_t{2 - t});  // Seen at the commit.
        return absl::OkStatus();
      });
      EXPECT_TRUE(status.ok()) << status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_GT(runs, kThreads);
  EXPECT_EQ(Balance(1), 102);
  EXPECT_EQ(Balance(2), 102);
  Run("ALTER ROLE CURRENT_USER RESET deadlock_timeout");
}

TEST_F(DatabaseTest, RetriesEnd) {
  int runs = 0;
  const auto lose = [&](Transaction& tx) -> absl::Status {
    ++runs;
    tx.Execute("DO $$ BEGIN RAISE SQLSTATE '40001'; END $$").status().IgnoreError();
    return absl::InternalError("the work's own words");
  };
  EXPECT_EQ(database_->Write(call_, lose, {.retries = 2}).message(), "the work's own words");
  EXPECT_EQ(runs, 3);
  runs = 0;
  EXPECT_FALSE(database_->Write(call_, lose, {.retries = 0}).ok());
  EXPECT_EQ(runs, 1);
  // An ABORTED that does not come from the database is none of its business.
  runs = 0;
  EXPECT_FALSE(database_
                   ->Write(call_,
                           [&](Transaction&) {
                             ++runs;
                             return absl::AbortedError("elsewhere");
                           })
                   .ok());
  EXPECT_EQ(runs, 1);
}

TEST_F(DatabaseTest, AStatementWhosePlanNoLongerFitsIsPreparedAgain) {
  const auto columns = [&] {
    return database_->Read(
        call_, [](Transaction& tx) { return tx.Query<int64_t>("SELECT * FROM narrow").status(); });
  };
  Run("CREATE TABLE narrow AS SELECT 1 AS x");
  EXPECT_TRUE(columns().ok()) << columns();
  Run("ALTER TABLE narrow ALTER x TYPE bigint");
  EXPECT_TRUE(columns().ok()) << columns();
  Run("DEALLOCATE ALL");
  EXPECT_TRUE(columns().ok()) << columns();
}

TEST_F(DatabaseTest, BeginLeavesTheEndToTheCaller) {
  {
    Transaction tx = database_->Begin(call_);
    ASSERT_TRUE(tx.status().ok());
    tx.Queue("UPDATE accounts SET balance = 1 WHERE id = 1");
    EXPECT_EQ(tx.Execute("UPDATE accounts SET balance = 1 WHERE id = 2").value(), 1);
    Transaction moved = std::move(tx);
    EXPECT_TRUE(moved.Commit().ok());
    EXPECT_TRUE(absl::IsFailedPrecondition(moved.Commit()));
    EXPECT_TRUE(absl::IsFailedPrecondition(moved.Execute("SELECT 1").status()));
  }
  EXPECT_EQ(Balance(1), 1);
  {
    Transaction tx = database_->Begin(call_);
    EXPECT_TRUE(tx.Execute("UPDATE accounts SET balance = 2 WHERE id = 1").ok());
  }
  EXPECT_EQ(Balance(1), 1) << "the end without Commit rolls back";
  {
    Transaction tx = database_->Begin(call_);
    tx.Queue("UPDATE accounts SET balance = 2 WHERE id = 1");
    tx.Rollback();
    EXPECT_FALSE(tx.Commit().ok());
  }
  EXPECT_EQ(Balance(1), 1);
  {
    Transaction tx = database_->Begin(call_);
    EXPECT_FALSE(tx.Execute("SELECT nonsense").ok());
    EXPECT_FALSE(tx.connection_lost());
    EXPECT_TRUE(absl::IsInternal(tx.Commit()));
  }
  EXPECT_EQ(database_->stats().opened, 1);
  EXPECT_EQ(database_->stats().idle, 1);
}

TEST_F(DatabaseTest, MetricsTellRateErrorsAndDuration) {
  observe::Metrics metrics;
  auto database = Open({.metrics = &metrics});
  EXPECT_TRUE(database->Healthy(call_).ok());
  EXPECT_FALSE(database
                   ->Write(call_,
                           [](Transaction& tx) {
                             return tx.Execute("INSERT INTO accounts VALUES (1, 1)").status();
                           })
                   .ok());
  EXPECT_TRUE(
      database->Read(call_, [](Transaction& tx) { return tx.Execute("SELECT 1").status(); }).ok());
  const std::string text = metrics.Expose();
  EXPECT_THAT(text, HasSubstr("postgres_connections{database=\"primary\",state=\"open\"} 1"));
  EXPECT_THAT(text, HasSubstr("postgres_connections{database=\"primary\",state=\"idle\"} 1"));
  EXPECT_THAT(text, HasSubstr("ALREADY_EXISTS")) << text;
}

TEST(DatabaseOptionsTest, ThatCannotWorkAreRefused) {
  EXPECT_TRUE(absl::IsInvalidArgument(Database::Open({}).status()));
  const absl::Status url = Database::Open({.url = "postgresql://a:secret@[b"}).status();
  EXPECT_TRUE(absl::IsInvalidArgument(url));
  EXPECT_THAT(url.message(), Not(HasSubstr("secret")));
  EXPECT_TRUE(absl::IsInvalidArgument(
      Database::Open({.url = "postgresql://a", .max_connections = 0}).status()));
}

}  // namespace
}  // namespace selfology::postgres
