// Reads from a replica, while there is one.
#include <memory>
#include <string>
#include <thread>
#include <utility>

#include "common/postgres/database.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/postgres_test.h"

namespace selfology::postgres {
namespace {

class ReplicaTest : public servers::PostgresTest {
 protected:
  // A second server, with other content, so that it shows which one answers.
  static void SetUpTestSuite() { replica_ = servers::PostgresServer::Start({}).value(); }
  static void TearDownTestSuite() { replica_.reset(); }

  void SetUp() override {
    if (!replica_->running()) ASSERT_TRUE(replica_->Restart().ok());
    database_ =
        Database::Open(
            {.url = url(), .replica_url = replica_->url(), .replica_retry = absl::Milliseconds(1)})
            .value();
    for (const auto& [where, name] : {std::pair(url(), "primary"), {replica_->url(), "replica"}}) {
      auto direct = Database::Open({.url = where}).value();
      const absl::Status status = direct->Write(call_, [&](Transaction& tx) {
        tx.Queue("DROP TABLE IF EXISTS whoami");
        tx.Queue("CREATE TABLE whoami (name text)");
        tx.Queue("INSERT INTO whoami VALUES ($1)", name);
        return absl::OkStatus();
      });
      ASSERT_TRUE(status.ok()) << status;
    }
  }

  std::string WhoAnswers(const ReadOptions& options = {}) {
    auto row = database_->Read(
        call_, [](Transaction& tx) { return tx.QueryOne<std::string>("SELECT name FROM whoami"); },
        options);
    return row.ok() ? std::get<0>(**row) : row.status().ToString();
  }

  const Call call_ = Call::Background(absl::Minutes(1));
  static inline std::unique_ptr<servers::PostgresServer> replica_;
  std::unique_ptr<Database> database_;
};

TEST_F(ReplicaTest, AnswersReadsWhileItCan) {
  EXPECT_EQ(WhoAnswers(), "replica");
  EXPECT_EQ(WhoAnswers({.newest = true}), "primary");
  EXPECT_EQ(database_->replica_stats().opened, 1);
  auto written = database_->Write(
      call_, [](Transaction& tx) { return tx.QueryOne<std::string>("SELECT name FROM whoami"); });
  EXPECT_EQ(std::get<0>(**written), "primary");

  replica_->Kill();
  EXPECT_EQ(WhoAnswers(), "primary");
  ASSERT_TRUE(replica_->Restart().ok());
  while (WhoAnswers() != "replica") std::this_thread::yield();
}

TEST_F(ReplicaTest, AnErrorOfTheWorkIsNotTheReplicasFault) {
  int runs = 0;
  const absl::Status status = database_->Read(call_, [&](Transaction& tx) {
    ++runs;
    tx.Execute("SELECT 1").status().IgnoreError();
    return absl::UnavailableError("something else");
  });
  EXPECT_EQ(status.message(), "something else");
  EXPECT_EQ(runs, 1);
  EXPECT_EQ(WhoAnswers(), "replica");
}

}  // namespace
}  // namespace selfology::postgres
