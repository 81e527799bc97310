#include "tools/ctl/backup/backup.h"

#include <filesystem>
#include <fstream>
#include <memory>
#include <string>
#include <tuple>

#include "absl/strings/str_cat.h"
#include "absl/time/time.h"
#include "common/events/migrations.h"
#include "common/postgres/connection.h"
#include "common/postgres/migrations.h"
#include "common/redis/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_test.h"
#include "testing/servers/redis_test.h"

namespace selfology::ctl {
namespace {

using ::testing::HasSubstr;

namespace fs = std::filesystem;

Call InTime() { return Call::Background(absl::Seconds(60)); }

class BackupTest : public servers::PostgresTest {
 protected:
  void SetUp() override {
    ASSERT_TRUE(
        postgres::Migrate(InTime(), url(), "mesh", events::Migrations(), "selfology_mesh").ok());
    Sql(url(),
        "CREATE TABLE selfology.notes (id bigint PRIMARY KEY, words text);"
        "DO $$ BEGIN CREATE ROLE selfology_notes; EXCEPTION WHEN duplicate_object THEN END $$;"
        "ALTER TABLE selfology.notes OWNER TO selfology_notes;"
        "INSERT INTO selfology.notes SELECT n, 'a well-known secret ' || n FROM generate_series(1, "
        "50) n;"
        "INSERT INTO selfology.outbox (id, type, partition_key, payload)"
        " SELECT gen_random_uuid(), 'test', n, '' FROM generate_series(1, 5) n");
    folder_ = absl::StrCat(::testing::TempDir(), "/",
                           ::testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
    fs::create_directories(folder_ + "/files/ab");
    std::ofstream(folder_ + "/files/ab/one") << "a picture";
  }

  BackupOptions Into(const std::string& database) const {
    return {.folder = folder_ + "/backup",
            .keys = {std::string(32, 'k')},
            .database_url = database,
            .file_folder = folder_ + "/files"};
  }
  BackupOptions Elsewhere(const std::string& database) const {
    BackupOptions options = Into(database);
    options.file_folder = folder_ + "/restored";
    return options;
  }

  static void Sql(const std::string& url, const std::string& sql) {
    const auto connection = postgres::Connection::Open(InTime(), {.url = url});
    ASSERT_TRUE(connection.ok()) << connection.status();
    const absl::Status done = (*connection)->Script(InTime(), sql);
    ASSERT_TRUE(done.ok()) << done;
  }
  static int64_t Number(const std::string& url, const std::string& sql) {
    const auto connection = postgres::Connection::Open(InTime(), {.url = url});
    EXPECT_TRUE(connection.ok()) << connection.status();
    (*connection)->Add(sql, postgres::internal::EncodeAll());
    const auto result = (*connection)->RoundTrip(InTime());
    EXPECT_TRUE(result.ok()) << result.status();
    return std::get<0>(**postgres::internal::ReadOneRow<int64_t>(*result));
  }

  std::string folder_;
};

TEST_F(BackupTest, IsRestoredWithItsRolesAndFiles) {
  const auto made = Backup(Into(url()));
  ASSERT_TRUE(made.ok()) << made.status();
  EXPECT_EQ(made->position.events, 5);
  EXPECT_FALSE(made->position.last_event.empty());
  EXPECT_THAT(made->position.roles, ::testing::Contains("selfology_notes"));
  EXPECT_THAT(Describe(*made), HasSubstr("database.sealed"));
  const auto verified = Verify(folder_ + "/backup", {std::string(32, 'k')});
  ASSERT_TRUE(verified.ok()) << verified.status();
  EXPECT_EQ(verified->parts.size(), 2);

  const std::string target = servers::FreshDatabase();
  const auto restored = Restore(Elsewhere(target));
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Number(target, "SELECT count(*) FROM selfology.notes"), 50);
  EXPECT_EQ(Number(target,
                   "SELECT count(*) FROM pg_tables WHERE tablename = 'notes'"
                   " AND tableowner = 'selfology_notes'"),
            1);
  std::ifstream file(folder_ + "/restored/ab/one");
  std::string words;
  std::getline(file, words);
  EXPECT_EQ(words, "a picture");
  // The relay begins anew: all of it is published, and nothing has an id of a transaction to come.
  EXPECT_EQ(Number(target,
                   "SELECT count(*) FROM selfology.outbox"
                   " WHERE pg_visible_in_snapshot(xid, pg_current_snapshot())"),
            5);
  EXPECT_EQ(Number(target,
                   "SELECT count(*) FROM selfology.relay_progress"
                   " WHERE handled_snapshot::text = '1:1:'"),
            1);
}

TEST_F(BackupTest, HoldsNothingThatCameAfterItsMoment) {
  const auto dump = DatabaseDump::Begin(url());
  ASSERT_TRUE(dump.ok()) << dump.status();
  Sql(url(), "INSERT INTO selfology.notes VALUES (51, 'too late')");
  std::string sql;
  const absl::Status written = (*dump)->Write([&](std::string_view bytes) {
    sql.append(bytes);
    return absl::OkStatus();
  });
  ASSERT_TRUE(written.ok()) << written;
  EXPECT_THAT(sql, HasSubstr("a well-known secret 50"));
  EXPECT_EQ(sql.find("too late"), std::string::npos);
}

TEST_F(BackupTest, WhatIsThereIsNotReplacedUnlessForced) {
  ASSERT_TRUE(Backup(Into(url())).ok());
  EXPECT_TRUE(absl::IsFailedPrecondition(Backup(Into(url())).status())) << "over another backup";
  Sql(url(), "DELETE FROM selfology.notes");
  const auto refused = Restore(Elsewhere(url()));
  EXPECT_TRUE(absl::IsFailedPrecondition(refused.status())) << refused.status();
  EXPECT_EQ(Number(url(), "SELECT count(*) FROM selfology.notes"), 0);
  EXPECT_FALSE(fs::exists(folder_ + "/restored"));

  BackupOptions forced = Elsewhere(url());
  forced.force = true;
  const auto restored = Restore(forced);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Number(url(), "SELECT count(*) FROM selfology.notes"), 50);
}

TEST_F(BackupTest, WhatPublishesTheOutboxPublishesTheRestoredOne) {
  const auto made = Backup(Into(url()));
  ASSERT_TRUE(made.ok()) << made.status();
  Sql(url(),
      "CREATE PUBLICATION selfology_outbox FOR TABLE selfology.outbox"
      " WITH (publish = 'insert', publish_via_partition_root)");
  BackupOptions forced = Elsewhere(url());
  forced.force = true;
  const auto restored = Restore(forced);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_EQ(Number(url(),
                   "SELECT count(*) FROM pg_publication_tables"
                   " WHERE pubname = 'selfology_outbox' AND schemaname = 'selfology'"
                   " AND tablename = 'outbox'"),
            1);
}

TEST_F(BackupTest, NobodyMayBeConnected) {
  ASSERT_TRUE(Backup(Into(url())).ok());
  const std::string target = servers::FreshDatabase();
  const auto somebody = postgres::Connection::Open(InTime(), {.url = target});
  const auto refused = Restore(Elsewhere(target));
  EXPECT_THAT(std::string(refused.status().message()), HasSubstr("stop the mesh"));
}

TEST_F(BackupTest, ADamagedBackupChangesNothing) {
  ASSERT_TRUE(Backup(Into(url())).ok());
  const std::string target = servers::FreshDatabase();
  EXPECT_TRUE(absl::IsDataLoss(Verify(folder_ + "/backup", {std::string(32, 'x')}).status()));
  {
    std::fstream file(folder_ + "/backup/database.sealed",
                      std::ios::binary | std::ios::in | std::ios::out);
    file.seekp(60);
    file.put('x').put('y');
  }
  EXPECT_TRUE(absl::IsDataLoss(Restore(Elsewhere(target)).status()));
  EXPECT_EQ(Number(target, "SELECT count(*) FROM pg_namespace WHERE nspname = 'selfology'"), 0);
  {
    std::ofstream file(folder_ + "/backup/manifest.json", std::ios::app);
    file << " ";
  }
  EXPECT_TRUE(absl::IsDataLoss(Verify(folder_ + "/backup", {std::string(32, 'k')}).status()));
}

TEST_F(BackupTest, RedisIsEmptied) {
  ASSERT_TRUE(Backup(Into(url())).ok());
  const auto redis = redis::Client::Open(servers::TestRedis().url());
  ASSERT_TRUE((*redis)->Command(InTime(), {"SET", "left", "over"}).ok());
  BackupOptions options = Elsewhere(servers::FreshDatabase());
  options.redis_url = servers::TestRedis().url();
  const auto restored = Restore(options);
  ASSERT_TRUE(restored.ok()) << restored.status();
  EXPECT_TRUE((*redis)->Command(InTime(), {"GET", "left"})->is_nil());
}

TEST_F(BackupTest, NothingIsMadeWithoutAKey) {
  BackupOptions options = Into(url());
  options.keys = {};
  EXPECT_TRUE(absl::IsInvalidArgument(Backup(options).status()));
  EXPECT_FALSE(fs::exists(options.folder));
}

}  // namespace
}  // namespace selfology::ctl
