// The launchers' own tests: both servers start, keep what they should, and come back.
#include <hiredis/hiredis.h>

#include <filesystem>
#include <memory>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/call/call.h"
#include "common/postgres/connection.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/postgres_server.h"
#include "testing/servers/redis_server.h"

namespace selfology::servers {
namespace {

std::string Ask(const std::string& url, std::string_view sql) {
  const Call call = Call::Background(absl::Seconds(30));
  postgres::ConnectionOptions options;
  options.url = url;
  auto connection = postgres::Connection::Open(call, options);
  if (!connection.ok()) return connection.status().ToString();
  (*connection)->Add(sql, {});
  auto result = (*connection)->RoundTrip(call);
  if (!result.ok()) return result.status().ToString();
  return result->rows() > 0 ? std::string(result->cell(0, 0).value_or("NULL")) : "";
}

std::string AskRedis(const RedisServer& server, const char* command) {
  const std::unique_ptr<redisContext, decltype(&redisFree)> redis(
      redisConnectUnix(server.socket_path().c_str()), &redisFree);
  auto* reply = static_cast<redisReply*>(redisCommand(redis.get(), command));
  if (reply == nullptr) return "no reply";
  const std::string text = reply->str == nullptr ? "nil" : reply->str;
  freeReplyObject(reply);
  return text;
}

TEST(PostgresServerTest, KeepsCommittedDataThroughStopAndKill) {
  auto server = PostgresServer::Start({});
  ASSERT_TRUE(server.ok()) << server.status();
  const std::string url = (*server)->url();
  EXPECT_EQ(Ask(url, "SHOW wal_level"), "logical");
  EXPECT_EQ(Ask(url, "SHOW max_connections"), "400");
  EXPECT_EQ(Ask(url, "SHOW server_encoding"), "UTF8");
  EXPECT_EQ(Ask(url, "SELECT lower('ЙÄ' COLLATE \"und-x-icu\")"), "йä");

  EXPECT_EQ(Ask(url, "CREATE TABLE t AS SELECT 'kept' AS v"), "");
  ASSERT_TRUE((*server)->Stop().ok());
  EXPECT_FALSE((*server)->running());
  ASSERT_TRUE((*server)->Restart().ok());
  EXPECT_EQ(Ask(url, "SELECT v FROM t"), "kept");
  EXPECT_EQ(Ask(url, "UPDATE t SET v = 'kept again'"), "");
  (*server)->Kill();
  const absl::Status restarted = (*server)->Restart();
  ASSERT_TRUE(restarted.ok()) << restarted;
  EXPECT_EQ(Ask(url, "SELECT v FROM t"), "kept again");
}

TEST(PostgresServerTest, ADataFolderOutlivesTheServer) {
  auto folder = ScratchFolder::Make();
  ASSERT_TRUE(folder.ok());
  PostgresOptions options;
  options.data_folder = absl::StrCat(folder->path(), "/data");
  {
    auto server = PostgresServer::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_EQ(Ask((*server)->url(), "CREATE TABLE t AS SELECT 'kept' AS v"), "");
  }
  {
    PostgresOptions wrong = options;
    wrong.settings = {{"shared_buffers", "none"}};
    auto server = PostgresServer::Start(wrong);
    EXPECT_THAT(server.status().message(), ::testing::HasSubstr("shared_buffers")) << "says why";
  }
  auto server = PostgresServer::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(Ask((*server)->url(), "SELECT v FROM t"), "kept");
}

TEST(PostgresServerTest, WithAPasswordFileNobodyComesInWithoutIt) {
  auto folder = ScratchFolder::Make();
  ASSERT_TRUE(folder.ok());
  PostgresOptions options;
  options.data_folder = absl::StrCat(folder->path(), "/data");
  {
    // As it was made by an earlier version.
    auto server = PostgresServer::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_EQ(Ask((*server)->url(), "CREATE TABLE t AS SELECT 'kept' AS v"), "");
  }
  options.password_file = absl::StrCat(folder->path(), "/pass file");
  for (int start = 0; start < 2; ++start) {
    auto server = PostgresServer::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    const std::string url = (*server)->url();
    EXPECT_EQ(Ask(url, "SELECT v FROM t"), "kept");
    EXPECT_THAT(Ask(url.substr(0, url.find("&passfile")), "SELECT v FROM t"),
                ::testing::HasSubstr("password"));
    (*server)->Kill();
    ASSERT_TRUE((*server)->Restart().ok());
    EXPECT_EQ(Ask(url, "SELECT v FROM t"), "kept");
  }
  EXPECT_EQ(std::filesystem::status(options.password_file).permissions(),
            std::filesystem::perms::owner_read | std::filesystem::perms::owner_write);
}

TEST(PostgresServerTest, APasswordFileOutlivesTheDataFolder) {
  auto folder = ScratchFolder::Make();
  ASSERT_TRUE(folder.ok());
  PostgresOptions options;
  options.data_folder = absl::StrCat(folder->path(), "/data");
  options.password_file = absl::StrCat(folder->path(), "/password");
  for (int start = 0; start < 2; ++start) {
    auto server = PostgresServer::Start(options);
    ASSERT_TRUE(server.ok()) << server.status();
    EXPECT_EQ(Ask((*server)->url(), "SELECT 'in' AS v"), "in");
    ASSERT_TRUE((*server)->Stop().ok());
    std::filesystem::remove_all(options.data_folder);
  }
}

TEST(RedisServerTest, ForgetsUnlessAFolderIsGiven) {
  auto server = RedisServer::Start({});
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(AskRedis(**server, "SET k v"), "OK");
  EXPECT_EQ(AskRedis(**server, "GET k"), "v");
  ASSERT_TRUE((*server)->Restart().ok());
  EXPECT_EQ(AskRedis(**server, "GET k"), "nil");
}

TEST(RedisServerTest, KeepsThroughAKillInItsFolder) {
  auto folder = ScratchFolder::Make();
  ASSERT_TRUE(folder.ok());
  RedisOptions options;
  options.data_folder = folder->path();
  auto server = RedisServer::Start(options);
  ASSERT_TRUE(server.ok()) << server.status();
  EXPECT_EQ(AskRedis(**server, "SET k v"), "OK");
  (*server)->Kill();
  ASSERT_TRUE((*server)->Restart().ok());
  EXPECT_EQ(AskRedis(**server, "GET k"), "v");
}

}  // namespace
}  // namespace selfology::servers
