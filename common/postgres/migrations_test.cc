#include "common/postgres/migrations.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/postgres/connection.h"
#include "common/postgres/database.h"
#include "common/postgres/error.h"
#include "common/status/status_macros.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"

namespace selfology::postgres {
namespace {

using ::testing::HasSubstr;

constexpr Migration kSessions = {
    1, "0001_sessions",
    "CREATE TABLE sessions (id bigint PRIMARY KEY);\n"
    "INSERT INTO sessions VALUES (1);  -- several statements; fails when run twice\n"};
constexpr Migration kAnswers = {2, "0002_answers", "CREATE TABLE answers (id bigint);"};
constexpr Migration kBoth[] = {kSessions, kAnswers};

class MigrationsTest : public servers::PostgresTest {
 protected:
  absl::Status Apply(absl::Span<const Migration> migrations, std::string_view service = "session") {
    return Migrate(call_, url(), service, migrations, absl::StrCat("selfology_", service));
  }

  absl::StatusOr<std::string> Ask(std::string_view sql, std::string role = "",
                                  const std::string& other_url = "") {
    ASSIGN_OR_RETURN(auto database, Database::Open({.url = other_url.empty() ? url() : other_url,
                                                    .role = std::move(role)}));
    return database->Write(call_, [&](Transaction& tx) -> absl::StatusOr<std::string> {
      ASSIGN_OR_RETURN(auto row, tx.QueryOne<std::string>(sql));
      return row.has_value() ? std::get<0>(*row) : "nothing";
    });
  }

  std::string Applied() {
    return Ask("SELECT coalesce(string_agg(name, ' ' ORDER BY version), '')"
               " FROM selfology.schema_migrations")
        .value();
  }

  void Run(std::string_view sql) {
    auto database = Database::Open({.url = url()}).value();
    const absl::Status status =
        database->Write(call_, [&](Transaction& tx) { return tx.Execute(sql).status(); });
    ASSERT_TRUE(status.ok()) << status;
  }

  const Call call_ = Call::Background(absl::Minutes(1));
};

TEST_F(MigrationsTest, ApplyOnceInOrderAsTheRole) {
  ASSERT_TRUE(Apply({&kSessions, 1}).ok());
  EXPECT_EQ(Applied(), "0001_sessions");
  const absl::Status status = Apply(kBoth);
  ASSERT_TRUE(status.ok()) << status;
  ASSERT_TRUE(Apply(kBoth).ok());
  EXPECT_EQ(Applied(), "0001_sessions 0002_answers");
  EXPECT_EQ(Ask("SELECT string_agg(tablename || ' ' || tableowner, ', ' ORDER BY tablename)"
                " FROM pg_tables WHERE schemaname = 'selfology'")
                .value(),
            "answers selfology_session, schema_migrations postgres, sessions selfology_session");
  EXPECT_EQ(Ask("SELECT count(*)::text FROM sessions", "selfology_session").value(), "1");
}

TEST_F(MigrationsTest, NothingToApplyStillMakesSchemaAndRole) {
  ASSERT_TRUE(Apply({}, "gateway").ok());
  EXPECT_EQ(Ask("SELECT current_user::text", "selfology_gateway").value(), "selfology_gateway");
}

TEST_F(MigrationsTest, ServicesThatStartTogetherApplyEachMigrationOnce) {
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&, t] {
      const absl::Status status = Apply(kBoth, t % 2 == 0 ? "session" : "twin");
      // The twin's tables have the same names: its migration must fail, whoever comes first.
      if (status.ok()) return;
      EXPECT_EQ(SqlState(status), "42P07") << status;
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(Applied(), "0001_sessions 0002_answers");
}

TEST_F(MigrationsTest, DatabasesOfOneServerShareRolesWithoutRaces) {
  constexpr int kThreads = 4;
  std::vector<std::string> urls;
  for (int t = 0; t < kThreads; ++t) urls.push_back(servers::FreshDatabase());
  for (const char* service : {"race_a", "race_b", "race_c", "race_d", "race_e"}) {
    std::vector<std::thread> threads;
    for (int t = 0; t < kThreads; ++t) {
      threads.emplace_back([&, t] {
        const absl::Status status =
            Migrate(call_, urls[t], service, {}, absl::StrCat("selfology_", service));
        EXPECT_TRUE(status.ok()) << status;
      });
    }
    for (std::thread& thread : threads) thread.join();
  }
}

TEST_F(MigrationsTest, AChangedMigrationIsRefused) {
  ASSERT_TRUE(Apply(kBoth).ok());
  const Migration changed[] = {
      {1, "0001_sessions", "CREATE TABLE sessions (id uuid);"}, kAnswers, {3, "0003", "SELECT 1"}};
  const absl::Status text = Apply(changed);
  EXPECT_TRUE(absl::IsFailedPrecondition(text)) << text;
  EXPECT_THAT(text.message(), HasSubstr("0001_sessions"));
  const Migration renamed[] = {kSessions, {2, "0002_replies", kAnswers.sql}};
  EXPECT_TRUE(absl::IsFailedPrecondition(Apply(renamed)));
  EXPECT_EQ(Applied(), "0001_sessions 0002_answers") << "and nothing new is applied";
}

TEST_F(MigrationsTest, GapsAndDisorderAreRefused) {
  for (const std::vector<Migration>& wrong : {std::vector<Migration>{kAnswers},
                                              {kAnswers, kSessions},
                                              {kSessions, kSessions},
                                              {kSessions, {3, "0003", ""}}}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Apply(wrong)));
  }
  ASSERT_TRUE(Apply(kBoth).ok());
  Run("DELETE FROM selfology.schema_migrations WHERE version = 1");
  EXPECT_TRUE(absl::IsFailedPrecondition(Apply(kBoth)));
}

TEST_F(MigrationsTest, ANewerDatabaseIsLeftAlone) {
  ASSERT_TRUE(Apply(kBoth).ok());
  EXPECT_TRUE(Apply({&kSessions, 1}).ok());
  EXPECT_EQ(Applied(), "0001_sessions 0002_answers");
}

TEST_F(MigrationsTest, AFailedMigrationLeavesNothingBehind) {
  const Migration bad[] = {kSessions,
                           {2, "0002_bad", "CREATE TABLE half (id bigint); SELECT nonsense;"}};
  const absl::Status status = Apply(bad);
  EXPECT_THAT(status.message(), HasSubstr("0002_bad"));
  EXPECT_THAT(status.message(), HasSubstr("nonsense"));
  EXPECT_EQ(SqlState(status), "42703");
  EXPECT_EQ(Applied(), "0001_sessions") << "what came before it stays";
  EXPECT_EQ(Ask("SELECT coalesce(to_regclass('selfology.half')::text, 'gone')").value(), "gone");
  EXPECT_TRUE(Apply(kBoth).ok()) << "corrected, it can be applied";
}

TEST_F(MigrationsTest, AMigrationMustNotEndItsTransaction) {
  const Migration sly[] = {{1, "0001_sly", "CREATE TABLE t (); COMMIT; BEGIN;"}};
  const absl::Status status = Apply(sly);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_EQ(Applied(), "");
}

TEST_F(MigrationsTest, WaitsForTheOtherOnlyUntilTheDeadline) {
  ASSERT_TRUE(Apply({}).ok());
  auto database = Database::Open({.url = url()}).value();
  Transaction other = database->Begin(call_);
  ASSERT_TRUE(other.Execute("SELECT pg_advisory_xact_lock(x'73656c666d696772'::bigint)").ok());
  const absl::Status status = Migrate(call_.WithTimeout(absl::Milliseconds(50)), url(), "session",
                                      kBoth, "selfology_session");
  EXPECT_TRUE(absl::IsDeadlineExceeded(status)) << status;
}

TEST_F(MigrationsTest, TheLoginNeedsCreateroleOnlyIfTheRoleIsMissing) {
  Run("DO $$ BEGIN CREATE ROLE modest LOGIN CREATEROLE; CREATE ROLE humble LOGIN;"
      " CREATE ROLE selfology_given; GRANT selfology_given TO humble; END $$");
  const std::string modest = server().url(absl::StrCat("modest_db"), "modest");
  const std::string humble = server().url(absl::StrCat("humble_db"), "humble");
  // CREATE DATABASE runs in no transaction.
  {
    auto connection = Connection::Open(call_, {.url = server().url()}).value();
    ASSERT_TRUE(connection->Script(call_, "CREATE DATABASE modest_db OWNER modest").ok());
    ASSERT_TRUE(connection->Script(call_, "CREATE DATABASE humble_db OWNER humble").ok());
  }
  absl::Status status = Migrate(call_, modest, "made", kBoth, "selfology_made");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Ask("SELECT count(*)::text FROM sessions", "selfology_made", modest).value(), "1");

  status = Migrate(call_, humble, "given", kBoth, "selfology_given");
  EXPECT_TRUE(status.ok()) << status;
  EXPECT_EQ(Ask("SELECT count(*)::text FROM sessions", "selfology_given", humble).value(), "1");

  status = Migrate(call_, humble, "other", kBoth, "selfology_other");
  EXPECT_TRUE(absl::IsPermissionDenied(status)) << status;
}

class RolesTest : public MigrationsTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(Apply(kBoth, "session").ok());
    const Migration secrets[] = {{1, "0001_secrets", "CREATE TABLE secrets (word text)"}};
    ASSERT_TRUE(Apply(secrets, "vault").ok());
  }
};

TEST_F(RolesTest, ReachOnlyTheirOwnTables) {
  EXPECT_EQ(Ask("SELECT count(*)::text FROM secrets", "selfology_vault").value(), "0");
  for (const char* sql :
       {"SELECT word FROM secrets", "INSERT INTO secrets VALUES ('') RETURNING word",
        "DROP TABLE secrets", "SELECT name FROM schema_migrations"}) {
    const absl::Status status = Ask(sql, "selfology_session").status();
    EXPECT_TRUE(absl::IsPermissionDenied(status)) << sql << ": " << status;
  }
}

TEST_F(RolesTest, ShareAPoolButNotEachOthersTables) {
  auto session =
      Database::Open({.url = url(), .role = "selfology_session", .max_connections = 1}).value();
  auto vault = session->WithRole("selfology_vault");
  const auto read_secrets = [&](Database& database) {
    return database.Read(call_, [](Transaction& tx) {
      return tx.Query<std::string>("SELECT word FROM secrets").status();
    });
  };
  for (int i = 0; i < 3; ++i) {
    EXPECT_TRUE(read_secrets(*vault).ok()) << read_secrets(*vault);
    EXPECT_TRUE(absl::IsPermissionDenied(read_secrets(*session)));
  }
  EXPECT_EQ(session->stats().opened, 1) << "the same connection all along";
  EXPECT_EQ(session->role(), "selfology_session");
  EXPECT_EQ(vault->role(), "selfology_vault");
}

TEST_F(RolesTest, ASwitchCostsNoRoundTripAndOutlivesNoRollback) {
  auto session =
      Database::Open({.url = url(), .role = "selfology_session", .max_connections = 1}).value();
  auto vault = session->WithRole("selfology_vault");
  // Who it is, as seen by a transaction that commits, or does not.
  const auto who = [&](Database& database, absl::Status end) {
    std::string user;
    const absl::Status status = database.Write(call_, [&](Transaction& tx) -> absl::Status {
      ASSIGN_OR_RETURN(const auto row, tx.QueryOne<std::string>("SELECT current_user::text"));
      user = std::get<0>(*row);
      return end;
    });
    EXPECT_EQ(status.code(), end.code()) << status;
    return user;
  };
  for (const absl::Status& end : {absl::OkStatus(), absl::DataLossError("rolled back")}) {
    for (int i = 0; i < 2; ++i) {
      EXPECT_EQ(who(*session, absl::OkStatus()), "selfology_session");
      EXPECT_EQ(who(*vault, end), "selfology_vault");
    }
  }
  const int64_t before = session->stats().round_trips;
  EXPECT_EQ(who(*session, absl::OkStatus()), "selfology_session");
  EXPECT_EQ(session->stats().round_trips - before, 2) << "the statement, and COMMIT";
}

TEST_F(RolesTest, ARoleThatIsNotThereIsAMistakeOfSetup) {
  auto database = Database::Open({.url = url(), .role = "selfology_nobody"}).value();
  const absl::Status status = database->Healthy(call_);
  EXPECT_TRUE(absl::IsFailedPrecondition(status)) << status;
  EXPECT_THAT(status.message(), HasSubstr("selfology_nobody"));
}

}  // namespace
}  // namespace selfology::postgres
