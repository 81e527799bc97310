// What happens when connections are scarce, slow, cut or refused.
#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/postgres/connection.h"
#include "common/postgres/database.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::postgres {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;

class FailuresTest : public servers::PostgresTest {
 protected:
  void SetUp() override { database_ = Open({}); }

  std::unique_ptr<Database> Open(Options options) {
    options.url = url();
    return Database::Open(std::move(options)).value();
  }

  static absl::Status Select1(Transaction& tx) { return tx.Execute("SELECT 1").status(); }

  // Asks over and over until the answer is true, for half a minute at most.
  void WaitUntil(std::string_view question) {
    const Call call = Call::Background(absl::Seconds(30));
    bool answer = false;
    while (!answer) {
      auto row =
          database_->Read(call, [&](Transaction& tx) { return tx.QueryOne<bool>(question); });
      ASSERT_TRUE(row.ok()) << question << ": " << row.status();
      answer = std::get<0>(**row);
    }
  }

  // How many other connections are running a statement with the marker in it.
  static std::string Running(std::string_view marker, int count) {
    return absl::StrCat("SELECT count(*) = ", count,
                        " FROM pg_stat_activity WHERE state = 'active'",
                        " AND pid <> pg_backend_pid() AND query LIKE '%", marker, "%'");
  }

  absl::Status Terminate(int32_t pid) {
    return database_->Write(call_, [&](Transaction& tx) {
      return tx.Execute("SELECT pg_terminate_backend($1, 30000)", pid).status();
    });
  }

  static absl::StatusOr<int32_t> BackendPid(Transaction& tx) {
    ASSIGN_OR_RETURN(auto row, tx.QueryOne<int32_t>("SELECT pg_backend_pid()"));
    return std::get<0>(*row);
  }

  const Call call_ = Call::Background(absl::Minutes(1));
  std::unique_ptr<Database> database_;
};

TEST_F(FailuresTest, NoMoreThanTheMostConnectionsAreOpened) {
  auto database = Open({.max_connections = 2});
  {
    // Both are there at once, whatever the scheduler does below.
    const Transaction first = database->Begin(call_), second = database->Begin(call_);
    EXPECT_EQ(database->stats().open, 2);
  }
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 20; ++i) {
        const absl::Status status = database->Write(call_, &Select1);
        EXPECT_TRUE(status.ok()) << status;
        EXPECT_LE(database->stats().open, 2);
      }
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(database->stats().opened, 2);
  EXPECT_EQ(database->stats().idle, 2);
  EXPECT_EQ(database->stats().waiting, 0);
}

TEST_F(FailuresTest, ABusyPoolMakesCallersWaitNotForever) {
  auto database = Open({.max_connections = 1, .acquire_timeout = absl::Milliseconds(20)});
  Transaction holder = database->Begin(call_);
  const absl::Status busy = database->Write(call_, &Select1);
  EXPECT_TRUE(absl::IsUnavailable(busy)) << busy;
  EXPECT_TRUE(database->Begin(call_).connection_lost());
  EXPECT_TRUE(absl::IsUnavailable(database->Begin(call_).Commit()));

  const absl::Status late = database->Write(call_.WithTimeout(absl::Milliseconds(5)), &Select1);
  EXPECT_TRUE(absl::IsDeadlineExceeded(late)) << late;
  const Call gone(absl::Now() + absl::Minutes(1), {}, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(database->Write(gone, &Select1)));

  holder.Rollback();
  EXPECT_TRUE(database->Write(call_, &Select1).ok());
}

TEST_F(FailuresTest, WaitingCallersAreServedInOrder) {
  auto database = Open({.max_connections = 1});
  auto holder = std::make_unique<Transaction>(database->Begin(call_));
  std::vector<int> order;
  std::vector<std::thread> threads;
  for (int t = 0; t < 5; ++t) {
    threads.emplace_back([&, t] {
      const absl::Status status = database->Write(call_, [&](Transaction& tx) {
        order.push_back(t);  // One connection: one at a time.
        return Select1(tx);
      });
      EXPECT_TRUE(status.ok()) << status;
    });
    while (database->stats().waiting <= t) std::this_thread::yield();
  }
  holder.reset();
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(order, ElementsAre(0, 1, 2, 3, 4));
}

TEST_F(FailuresTest, CallsThatYieldLetOthersGoFirst) {
  auto database = Open({.yielding_connections = 2, .acquire_timeout = absl::Hours(1)});
  const Call yielding = call_.Yielding();
  auto first = std::make_unique<Transaction>(database->Begin(yielding));
  const Transaction second = database->Begin(yielding);
  std::atomic<bool> begun = false;
  std::thread third([&] {
    const Transaction transaction = database->Begin(yielding);
    begun = true;
  });
  while (database->stats().yielding < 1) std::this_thread::yield();
  EXPECT_TRUE(database->Write(call_, &Select1).ok());
  EXPECT_EQ(database->stats().yielding, 1);
  EXPECT_FALSE(begun);
  first.reset();
  third.join();
}

TEST_F(FailuresTest, OneCallThatYieldsMayAlwaysBegin) {
  auto database = Open({.yielding_connections = 1, .acquire_timeout = absl::Hours(1)});
  const Transaction first = database->Begin(call_), second = database->Begin(call_);
  for (int i = 0; i < 2; ++i) EXPECT_TRUE(database->Write(call_.Yielding(), &Select1).ok());
}

TEST_F(FailuresTest, ACallYieldsNotForever) {
  auto database = Open({.yielding_connections = 1, .acquire_timeout = absl::Milliseconds(20)});
  const Transaction first = database->Begin(call_.Yielding());
  EXPECT_TRUE(database->Write(call_.Yielding(), &Select1).ok());
}

TEST_F(FailuresTest, PastTheDeadlineTheStatementIsCancelledOnTheServer) {
  auto database = Open({.max_connections = 1});
  const absl::Time start = absl::Now();
  const absl::Status status = database->Write(
      call_.WithTimeout(absl::Milliseconds(50)),
      [](Transaction& tx) { return tx.Execute("SELECT pg_sleep(60) /* deadline */").status(); });
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_LT(absl::Now() - start, absl::Seconds(20)) << "nobody waits for the cancelling";
  WaitUntil(Running("deadline", 0));
  // The pool's only connection was cleared up, not replaced.
  EXPECT_TRUE(database->Write(call_, &Select1).ok());
  EXPECT_EQ(database->stats().opened, 1);
}

TEST_F(FailuresTest, ADeadlineInTheMiddleUndoesTheTransaction) {
  auto database = Open({.max_connections = 1});
  EXPECT_TRUE(
      database_
          ->Write(call_,
                  [](Transaction& tx) { return tx.Execute("CREATE TABLE t (x integer)").status(); })
          .ok());
  absl::Status later;
  const absl::Status status =
      database->Write(call_.WithTimeout(absl::Milliseconds(50)), [&](Transaction& tx) {
        tx.Queue("INSERT INTO t VALUES (1)");
        tx.Execute("SELECT pg_sleep(60)").status().IgnoreError();
        later = tx.Execute("INSERT INTO t VALUES (2)").status();
        return absl::OkStatus();
      });
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
  EXPECT_EQ(later, status);
  auto count = database->Read(
      call_, [](Transaction& tx) { return tx.QueryOne<int64_t>("SELECT count(*) FROM t"); });
  EXPECT_EQ(std::get<0>(**count), 0);
}

// As when a cancel that came late hits the COMMIT nobody waits for.
TEST_F(FailuresTest, AConnectionWhoseForgottenEndFailedIsNotUsedAgain) {
  auto connection = Connection::Open(call_, {.url = url()});
  ASSERT_TRUE(connection.ok()) << connection.status();
  (*connection)->Add("BEGIN", {});
  ASSERT_TRUE((*connection)->RoundTrip(call_).ok());
  (*connection)->Add("SELECT 1 / 0", {});
  (*connection)->Add("COMMIT", {});
  (*connection)->SendAndForget();
  (*connection)->Add("SELECT 1", {});
  const absl::Status status = (*connection)->RoundTrip(call_).status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE((*connection)->broken());
}

TEST_F(FailuresTest, ACancelledCallEndsItsStatement) {
  std::atomic<bool> cancelled = false;
  const Call call(absl::Now() + absl::Minutes(1), {}, [&] { return cancelled.load(); });
  std::thread caller([&] {
    const absl::Status status = database_->Write(call, [](Transaction& tx) {
      return tx.Execute("SELECT pg_sleep(60) /* cancelled */").status();
    });
    EXPECT_TRUE(absl::IsCancelled(status)) << status;
  });
  WaitUntil(Running("cancelled", 1));
  cancelled = true;
  caller.join();
  WaitUntil(Running("cancelled", 0));
}

TEST_F(FailuresTest, AConnectionCutInATransactionIsUnavailableAndThenReplaced) {
  auto database = Open({});
  int runs = 0;
  const absl::Status status = database->Write(call_, [&](Transaction& tx) -> absl::Status {
    ++runs;
    ASSIGN_OR_RETURN(const int32_t pid, BackendPid(tx));
    RETURN_IF_ERROR(Terminate(pid));
    const absl::Status lost = Select1(tx);
    EXPECT_TRUE(tx.connection_lost());
    EXPECT_EQ(Select1(tx), lost);
    return lost;
  });
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(runs, 1);
  EXPECT_TRUE(database->Write(call_, &Select1).ok());
  EXPECT_EQ(database->stats().opened, 2);
  EXPECT_EQ(database->stats().open, 1);
}

TEST_F(FailuresTest, AConnectionCutWhileAStatementRunsTellsWhy) {
  auto database = Open({});
  std::thread caller([&] {
    const absl::Status status = database->Write(call_, [](Transaction& tx) {
      return tx.Execute("SELECT pg_sleep(60) /* cut */").status();
    });
    EXPECT_TRUE(absl::IsUnavailable(status)) << status;
    EXPECT_EQ(SqlState(status), "57P01");
  });
  WaitUntil(Running("cut", 1));
  EXPECT_TRUE(database_
                  ->Write(call_,
                          [](Transaction& tx) {
                            return tx
                                .Execute(
                                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                    " WHERE query LIKE '%cut%' AND pid <> pg_backend_pid()")
                                .status();
                          })
                  .ok());
  caller.join();
}

TEST_F(FailuresTest, AConnectionCutAtTheCommitLeavesTheOutcomeOpen) {
  auto database = Open({});
  const absl::Status status = database->Write(call_, [&](Transaction& tx) -> absl::Status {
    ASSIGN_OR_RETURN(const int32_t pid, BackendPid(tx));
    return Terminate(pid);
  });
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("outcome is unknown"));
}

TEST_F(FailuresTest, AnIdleConnectionThatWasCutIsNotMissed) {
  auto database = Open({});
  auto pid = database->Write(call_, &BackendPid);
  ASSERT_TRUE(pid.ok());
  ASSERT_TRUE(Terminate(*pid).ok());
  EXPECT_TRUE(database->Write(call_, &Select1).ok());
  EXPECT_EQ(database->stats().opened, 2);
}

TEST_F(FailuresTest, AServerThatEndsSessionsLosesNoCallers) {
  auto database = Open({.max_connections = 4});
  std::atomic<bool> stop = false;
  std::atomic<int> succeeded = 0;
  std::vector<std::thread> threads;
  for (int t = 0; t < 4; ++t) {
    threads.emplace_back([&] {
      while (!stop) {
        const absl::Status status = database->Write(call_, [](Transaction& tx) {
          tx.Queue("SELECT set_config('application_name', 'victim', false)");
          return Select1(tx);
        });
        EXPECT_TRUE(status.ok() || absl::IsUnavailable(status)) << status;
        if (status.ok()) ++succeeded;
      }
    });
  }
  for (int64_t ended = 0; ended < 20;) {
    auto now = database_->Write(call_, [](Transaction& tx) {
      return tx.Execute(
          "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
          " WHERE application_name = 'victim'");
    });
    ASSERT_TRUE(now.ok()) << now.status();
    ended += *now;
  }
  const int before = succeeded;
  while (succeeded < before + 10) std::this_thread::yield();
  stop = true;
  for (std::thread& thread : threads) thread.join();
  EXPECT_LE(database->stats().open, 4);
  EXPECT_EQ(database->stats().open, database->stats().idle);
}

TEST_F(FailuresTest, WorksAgainAfterTheServerWasAway) {
  EXPECT_TRUE(database_->Healthy(call_).ok());
  ASSERT_TRUE(server().Stop().ok());
  const absl::Status away = database_->Healthy(call_);
  EXPECT_TRUE(absl::IsUnavailable(away)) << away;
  EXPECT_THAT(away.message(), ::testing::Not(HasSubstr("/tmp"))) << "addresses are not told";
  ASSERT_TRUE(server().Restart().ok());
  EXPECT_TRUE(database_->Healthy(call_).ok());
  EXPECT_EQ(database_->stats().open, 1);
}

TEST_F(FailuresTest, AServerThatNeverAnswersCostsTheConnectTimeout) {
  // Takes connections into its backlog and says nothing.
  const int silent = socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in address = {};
  address.sin_family = AF_INET;
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  socklen_t size = sizeof(address);
  ASSERT_EQ(bind(silent, reinterpret_cast<sockaddr*>(&address), size), 0);
  ASSERT_EQ(listen(silent, 5), 0);
  ASSERT_EQ(getsockname(silent, reinterpret_cast<sockaddr*>(&address), &size), 0);
  auto database =
      Database::Open({.url = absl::StrCat("postgresql://u@127.0.0.1:", ntohs(address.sin_port),
                                          "/d?sslmode=disable"),
                      .connect_timeout = absl::Milliseconds(20)})
          .value();
  const absl::Status status = database->Healthy(call_);
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_EQ(database->stats().open, 0);
  close(silent);
}

TEST_F(FailuresTest, IdleConnectionsBeyondTheFewestAreClosed) {
  auto database = Open({.min_connections = 1, .idle_timeout = absl::Milliseconds(20)});
  {
    std::vector<Transaction> transactions;
    for (int i = 0; i < 3; ++i) transactions.push_back(database->Begin(call_));
    EXPECT_EQ(database->stats().open, 3);
  }
  while (database->stats().open > 1) std::this_thread::yield();
  EXPECT_EQ(database->stats().idle, 1);
  EXPECT_TRUE(database->Healthy(call_).ok());
}

TEST_F(FailuresTest, AServerThatBecameAReplicaTakesNoWritesAndIsLeft) {
  auto database = Open({});
  EXPECT_TRUE(database->Healthy(call_).ok());
  EXPECT_TRUE(database
                  ->Write(call_,
                          [](Transaction& tx) {
                            return tx.Execute("SET default_transaction_read_only = on").status();
                          })
                  .ok());
  Transaction tx = database->Begin(call_);
  const absl::Status status = tx.Execute("CREATE TABLE t ()").status();
  EXPECT_TRUE(absl::IsUnavailable(status)) << status;
  EXPECT_TRUE(tx.connection_lost());
  tx.Rollback();
  EXPECT_TRUE(
      database
          ->Write(call_, [](Transaction& tx) { return tx.Execute("CREATE TABLE t ()").status(); })
          .ok())
      << "over a new connection";
}

}  // namespace
}  // namespace selfology::postgres
