#include <memory>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/postgres/database.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::postgres {
namespace {

using ::testing::ElementsAre;

class RoundTripsTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    database_ = Database::Open({.url = url()}).value();
    ASSERT_TRUE(database_
                    ->Write(call_,
                            [](Transaction& tx) {
                              tx.Queue(
                                  "CREATE TABLE accounts (id bigint PRIMARY KEY,"
                                  " balance bigint NOT NULL,"
                                  " CONSTRAINT not_in_debt CHECK (balance >= 0))");
                              tx.Queue("INSERT INTO accounts VALUES (1, 100), (2, 100)");
                              return absl::OkStatus();
                            })
                    .ok());
  }

  int64_t Balance(int64_t id) {
    const auto balance = database_->Read(call_, [&](Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT balance FROM accounts WHERE id = $1", id);
    });
    EXPECT_TRUE(balance.ok()) << balance.status();
    return balance.ok() && balance->has_value() ? std::get<0>(**balance) : -1;
  }

  template <typename F>
  int64_t RoundTripsOf(F&& action) {
    const int64_t before = database_->stats().round_trips;
    action();
    return database_->stats().round_trips - before;
  }

  const Call call_ = Call::Background(absl::Minutes(1));
  std::unique_ptr<Database> database_;
};

TEST_F(RoundTripsTest, QueuedStatementsNeedNoneOfTheirOwn) {
  const auto none = [](Transaction&) { return absl::OkStatus(); };
  const auto one = [](Transaction& tx) {
    return tx.Execute("UPDATE accounts SET balance = balance WHERE id = $1", int64_t{1}).status();
  };
  const auto queued = [](Transaction& tx) {
    tx.Queue("UPDATE accounts SET balance = balance + 1 WHERE id = 1");
    tx.Queue("UPDATE accounts SET balance = balance - 1 WHERE id = 2");
    return absl::OkStatus();
  };
  const auto mixed = [](Transaction& tx) {
    tx.Queue("UPDATE accounts SET balance = balance - 1 WHERE id = 1");
    const absl::Status status = tx.Query<int64_t>("SELECT balance FROM accounts").status();
    tx.Queue("UPDATE accounts SET balance = balance + 1 WHERE id = 2");
    return status;
  };
  const auto read = [](Transaction& tx) {
    return tx.Query<int64_t>("SELECT balance FROM accounts").status();
  };
  for (const char* when : {"preparing", "prepared"}) {
    EXPECT_EQ(RoundTripsOf([&] { EXPECT_TRUE(database_->Write(call_, none).ok()); }), 0) << when;
    EXPECT_EQ(RoundTripsOf([&] { EXPECT_TRUE(database_->Write(call_, one).ok()); }), 2) << when;
    EXPECT_EQ(RoundTripsOf([&] { EXPECT_TRUE(database_->Write(call_, queued).ok()); }), 1) << when;
    EXPECT_EQ(RoundTripsOf([&] { EXPECT_TRUE(database_->Write(call_, mixed).ok()); }), 2) << when;
    EXPECT_EQ(RoundTripsOf([&] { EXPECT_TRUE(database_->Read(call_, read).ok()); }), 1) << when;
  }
  EXPECT_EQ(Balance(1), 100);
  EXPECT_EQ(Balance(2), 100);
  EXPECT_EQ(database_->stats().opened, 1);
}

TEST_F(RoundTripsTest, WhatIsAskedTogetherComesTogether) {
  const auto both = [](Transaction& tx) -> absl::Status {
    tx.Queue("UPDATE accounts SET balance = balance + 1 WHERE id = 1");
    auto first = tx.Ask<int64_t>("SELECT balance FROM accounts WHERE id = $1", int64_t{1});
    auto all = tx.Ask<int64_t, int64_t>("SELECT id, balance FROM accounts ORDER BY id");
    auto nobody = tx.Ask<int64_t>("SELECT balance FROM accounts WHERE id = $1", int64_t{3});
    tx.Queue("UPDATE accounts SET balance = balance - 1 WHERE id = 1");
    // In whichever order they are read, each has its own statement's rows.
    ASSIGN_OR_RETURN(const auto none, nobody.One());
    EXPECT_EQ(none, std::nullopt);
    ASSIGN_OR_RETURN(const auto rows, all.All());
    EXPECT_THAT(rows, ElementsAre(std::tuple(1, 101), std::tuple(2, 100)));
    ASSIGN_OR_RETURN(const auto one, first.One());
    EXPECT_EQ(one, std::tuple(101));
    return absl::OkStatus();
  };
  for (const char* when : {"preparing", "prepared"}) {
    EXPECT_EQ(RoundTripsOf([&] { EXPECT_TRUE(database_->Write(call_, both).ok()); }), 2) << when;
    EXPECT_EQ(RoundTripsOf([&] {
                EXPECT_TRUE(database_
                                ->Read(call_,
                                       [](Transaction& tx) {
                                         auto first = tx.Ask<int64_t>("SELECT 1::bigint");
                                         auto second = tx.Ask<int64_t>("SELECT 2::bigint");
                                         EXPECT_THAT(second.All().value(), ElementsAre(2));
                                         return first.One().status();
                                       })
                                .ok());
              }),
              1)
        << when;
  }
  EXPECT_EQ(Balance(1), 100);
}

TEST_F(RoundTripsTest, WhatIsAskedRidesWithAnyOtherStatement) {
  const absl::Status status = database_->Write(call_, [&](Transaction& tx) -> absl::Status {
    auto before = tx.Ask<int64_t>("SELECT balance FROM accounts WHERE id = 1");
    ASSIGN_OR_RETURN(
        const auto after,
        tx.QueryOne<int64_t>(
            "UPDATE accounts SET balance = balance - 1 WHERE id = 1 RETURNING balance"));
    EXPECT_EQ(after, std::tuple(99));
    EXPECT_EQ(RoundTripsOf([&] { EXPECT_EQ(before.One().value(), std::tuple(100)); }), 0);
    // As often as one likes.
    EXPECT_EQ(before.One().value(), std::tuple(100));
    // What nobody reads is run all the same.
    tx.Ask<int64_t>("UPDATE accounts SET balance = 7 WHERE id = 2 RETURNING balance");
    return absl::OkStatus();
  });
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Balance(2), 7);
}

TEST_F(RoundTripsTest, AnAskedStatementsErrorFailsTheTransaction) {
  const absl::Status status = database_->Write(call_, [&](Transaction& tx) -> absl::Status {
    auto before = tx.Ask<int64_t>("SELECT balance FROM accounts WHERE id = 1");
    auto debt =
        tx.Ask<int64_t>("UPDATE accounts SET balance = balance - 200 WHERE id = 1 RETURNING id");
    auto skipped = tx.Ask<int64_t>("SELECT balance FROM accounts WHERE id = 2");
    EXPECT_EQ(ConstraintName(skipped.One().status()), "not_in_debt");
    EXPECT_EQ(ConstraintName(debt.One().status()), "not_in_debt");
    // It had come before the failure.
    EXPECT_EQ(before.One().value(), std::tuple(100));
    EXPECT_EQ(ConstraintName(tx.status()), "not_in_debt");
    return absl::OkStatus();
  });
  EXPECT_EQ(ConstraintName(status), "not_in_debt");
  EXPECT_EQ(Balance(1), 100);

  // Rows of another shape than was asked for: a mistake in the SQL.
  const absl::Status shape = database_->Write(call_, [&](Transaction& tx) {
    return tx.Ask<std::string>("SELECT balance FROM accounts WHERE id = 1").One().status();
  });
  EXPECT_TRUE(absl::IsInternal(shape)) << shape;
}

TEST_F(RoundTripsTest, NothingComesAfterTheTransactionsEnd) {
  Transaction tx = database_->Begin(call_);
  auto asked = tx.Ask<int64_t>("SELECT balance FROM accounts WHERE id = 1");
  tx.Rollback();
  EXPECT_TRUE(absl::IsFailedPrecondition(asked.One().status())) << asked.One().status();
}

TEST_F(RoundTripsTest, AQueuedStatementsErrorIsTheNextRoundTrips) {
  absl::Status seen_by_query, seen_later;
  const absl::Status written = database_->Write(call_, [&](Transaction& tx) {
    tx.Queue("UPDATE accounts SET balance = 1");
    tx.Queue("INSERT INTO accounts VALUES (1, 1)");
    tx.Queue("SELECT nonsense");
    seen_by_query = tx.Query<int64_t>("SELECT balance FROM accounts").status();
    seen_later = tx.Execute("UPDATE accounts SET balance = 2").status();
    return absl::OkStatus();  // A transaction that failed does not commit, whatever the work says.
  });
  EXPECT_EQ(ConstraintName(seen_by_query), "accounts_pkey");
  EXPECT_EQ(seen_later, seen_by_query);
  EXPECT_EQ(written, seen_by_query);
  EXPECT_EQ(Balance(1), 100);

  const absl::Status at_commit = database_->Write(call_, [&](Transaction& tx) {
    tx.Queue("UPDATE accounts SET balance = 1");
    tx.Queue("INSERT INTO accounts VALUES (2, 1)");
    return absl::OkStatus();
  });
  EXPECT_EQ(ConstraintName(at_commit), "accounts_pkey");
  EXPECT_EQ(Balance(1), 100);

  const absl::Status read = database_->Read(call_, [&](Transaction& tx) {
    tx.Queue("SELECT 1 / 0");
    return absl::OkStatus();
  });
  EXPECT_TRUE(absl::IsInvalidArgument(read)) << read;
  EXPECT_EQ(database_->stats().opened, 1) << "none of this cost a connection";
}

// The server skips the preparation, too, and nobody reads that before the statement is used again.
TEST_F(RoundTripsTest, WhatWasToBePreparedBehindAFailureIsPreparedWhenItIsUsed) {
  constexpr char kUpdate[] = "UPDATE accounts SET balance = 5 WHERE id = $1";
  {
    Transaction tx = database_->Begin(call_);
    tx.Queue("UPDATE accounts SET balance = -1 WHERE id = 1");
    tx.Queue(kUpdate, int64_t{2});
  }
  Transaction tx = database_->Begin(call_);
  EXPECT_EQ(tx.Execute(kUpdate, int64_t{2}).status(), absl::OkStatus());
  EXPECT_EQ(tx.Commit(), absl::OkStatus());
  EXPECT_EQ(Balance(1), 100);
  EXPECT_EQ(Balance(2), 5);
  EXPECT_EQ(database_->stats().opened, 1);
}

TEST_F(RoundTripsTest, BatchesMuchLargerThanTheSocketsBuffersDoNotHang) {
  constexpr int kStatements = 2000;
  const std::string large(20'000, 'x');  // Both ways: 40 MB each.
  auto counted = database_->Read(call_, [&](Transaction& tx) -> absl::StatusOr<int64_t> {
    for (int i = 0; i < kStatements; ++i)
      tx.Queue("SELECT $1 || $2", large, i % 10 == 0 ? "" : "y");
    ASSIGN_OR_RETURN(auto row, tx.QueryOne<int64_t>("SELECT length($1)::bigint", large));
    return std::get<0>(*row);
  });
  EXPECT_EQ(counted.value(), 20'000);
}

}  // namespace
}  // namespace selfology::postgres
