#include "common/postgres/advisory_lock.h"

#include <memory>
#include <tuple>

#include "common/postgres/database.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::postgres {
namespace {

constexpr AdvisoryLock LockUser("session.user");

class AdvisoryLockTest : public servers::PostgresTest {
 protected:
  void SetUp() override { database_ = Database::Open({.url = url()}).value(); }

  // Whether another session could have that lock now. The SQL is what released replicas send.
  bool Free(std::string_view try_lock) {
    return std::get<0>(
        database_->Write(call_, [&](Transaction& tx) { return tx.QueryOne<bool>(try_lock); })
            .value()
            .value());
  }

  const Call call_ = Call::Background(absl::Minutes(1));
  std::unique_ptr<Database> database_;
};

TEST_F(AdvisoryLockTest, IsHeldForOneKeyUntilTheTransactionEnds) {
  constexpr std::string_view kSame =
      "SELECT pg_try_advisory_xact_lock(hashtextextended('session.user', 7))";
  Transaction tx = database_->Begin(call_);
  LockUser(tx, 7);
  ASSERT_TRUE(tx.QueryOne<int>("SELECT 1").ok());
  EXPECT_FALSE(Free(kSame));
  EXPECT_TRUE(Free("SELECT pg_try_advisory_xact_lock(hashtextextended('session.user', 8))"));
  EXPECT_TRUE(Free("SELECT pg_try_advisory_xact_lock(hashtextextended('coach', 7))"));
  LockUser(tx, 7);
  ASSERT_TRUE(tx.Commit().ok());
  EXPECT_TRUE(Free(kSame));
}

}  // namespace
}  // namespace selfology::postgres
