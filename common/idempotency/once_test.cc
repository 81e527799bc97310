#include "common/idempotency/once.h"

#include <atomic>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/call/call.h"
#include "common/postgres/database.h"
#include "google/protobuf/wrappers.pb.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::idempotency {
namespace {

using google::protobuf::Int64Value;
using postgres::Transaction;

class OnceTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(MakeRequests().ok());
    database_ = postgres::Database::Open({.url = url(), .role = kRole}).value();
    ASSERT_TRUE(
        Run("CREATE TABLE effects (id bigint GENERATED ALWAYS AS IDENTITY, user_id bigint)").ok());
  }

  absl::Status MakeRequests() { return MakeTable(call_, url(), "once", "requests", kRole); }
  absl::Status Run(std::string_view sql) {
    return database_->Write(call_, [&](Transaction& tx) { return tx.Execute(sql).status(); });
  }

  // The work leaves a row behind and answers with its id.
  absl::StatusOr<int64_t> Do(int64_t user, std::string_view rpc, std::string_view key,
                             absl::Time now = absl::Now(), bool fail = false) {
    auto response = database_->Write(call_, [&](Transaction& tx) {
      return Once<Int64Value>(
          tx, {"requests", user, rpc, key, now}, [&]() -> absl::StatusOr<Int64Value> {
            if (fail) return absl::NotFoundError("refused");
            ASSIGN_OR_RETURN(const auto row, tx.QueryOne<int64_t>("INSERT INTO effects (user_id)"
                                                                  " VALUES ($1) RETURNING id",
                                                                  user));
            Int64Value id;
            id.set_value(std::get<0>(row.value()));
            return id;
          });
    });
    if (!response.ok()) return response.status();
    return response->value();
  }

  int64_t Effects() {
    return std::get<0>(database_
                           ->Read(call_,
                                  [](Transaction& tx) {
                                    return tx.QueryOne<int64_t>("SELECT count(*) FROM effects");
                                  })
                           .value()
                           .value());
  }

  static constexpr char kRole[] = "selfology_once_test";
  const Call call_ = Call::Background(absl::Minutes(1));
  std::unique_ptr<postgres::Database> database_;
};

TEST_F(OnceTest, TheSameKeyGetsTheFirstResponse) {
  const int64_t first = Do(1, "Send", "a").value();
  EXPECT_EQ(Do(1, "Send", "a").value(), first);
  EXPECT_EQ(Effects(), 1);
}

TEST_F(OnceTest, AnotherKeyUserOrRpcIsAnotherRequest) {
  const int64_t first = Do(1, "Send", "a").value();
  EXPECT_NE(Do(1, "Send", "b").value(), first);
  EXPECT_NE(Do(2, "Send", "a").value(), first);
  EXPECT_NE(Do(1, "Start", "a").value(), first);
  EXPECT_EQ(Effects(), 4);
}

TEST_F(OnceTest, ARefusedRequestMayBeRepeated) {
  EXPECT_TRUE(absl::IsNotFound(Do(1, "Send", "a", absl::Now(), /*fail=*/true).status()));
  EXPECT_TRUE(Do(1, "Send", "a").ok());
  EXPECT_EQ(Effects(), 1);
}

TEST_F(OnceTest, SentManyTimesAtOnceItIsDoneOnce) {
  constexpr int kThreads = 8;
  std::atomic<int64_t> sum = 0;
  std::vector<std::thread> threads;
  for (int i = 0; i < kThreads; ++i) {
    threads.emplace_back([&] { sum += Do(1, "Send", "a").value(); });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Effects(), 1);
  EXPECT_EQ(sum, kThreads * Do(1, "Send", "a").value());
}

TEST_F(OnceTest, ForgetsWhatIsOldAndWhatAUserLeft) {
  const absl::Time now = absl::Now();
  ASSERT_TRUE(Do(1, "Send", "old", now - kMemory - absl::Seconds(1)).ok());
  ASSERT_TRUE(Do(1, "Send", "young", now - kMemory + absl::Seconds(1)).ok());
  ASSERT_TRUE(Do(2, "Send", "young", now).ok());
  EXPECT_EQ(database_->Write(call_, [&](Transaction& tx) { return ForgetOld(tx, "requests", now); })
                .value(),
            1);
  EXPECT_EQ(database_->Write(call_, [&](Transaction& tx) { return ForgetUser(tx, "requests", 1); })
                .value(),
            1);
  ASSERT_TRUE(Do(1, "Send", "old").ok());
  EXPECT_EQ(Effects(), 4);
}

TEST_F(OnceTest, ATableThatTheServiceMadeStays) {
  ASSERT_TRUE(Do(1, "Send", "a").ok());
  // As of a service that is older than MakeTable.
  ASSERT_TRUE(Run("ALTER TABLE requests RENAME TO old_requests").ok());
  ASSERT_TRUE(MakeTable(call_, url(), "older", "old_requests", kRole).ok());
  ASSERT_TRUE(Run("ALTER TABLE old_requests RENAME TO requests").ok());
  ASSERT_TRUE(MakeRequests().ok());
  ASSERT_TRUE(Do(1, "Send", "a").ok());
  EXPECT_EQ(Effects(), 1);
}

TEST(CheckKeyTest, OneTo128PrintableCharacters) {
  const auto ok = [](std::string_view key) {
    status::FieldViolations bad;
    CheckKey(key, bad);
    return bad.empty();
  };
  EXPECT_TRUE(ok("k"));
  EXPECT_TRUE(ok(std::string(128, '~')));
  EXPECT_FALSE(ok(""));
  EXPECT_FALSE(ok(std::string(129, 'a')));
  EXPECT_FALSE(ok("a\nb"));
  EXPECT_FALSE(ok("ключ"));
}

}  // namespace
}  // namespace selfology::idempotency
