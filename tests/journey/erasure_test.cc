// A person is erased: whatever they said is looked for in everything that the product keeps.

#include <algorithm>
#include <cctype>
#include <filesystem>
#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <sstream>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/time/clock.h"
#include "common/postgres/connection.h"
#include "common/redis/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/relay/v1/outbox_relay_service_client.h"
#include "tests/journey/answers.h"
#include "tests/journey/mesh.h"
#include "tests/journey/person.h"
#include "tests/journey/record.h"

namespace selfology::journey {
namespace {

using ::testing::Gt;
using ::testing::IsEmpty;

// In no word list and no other text of the product.
constexpr std::string_view kName = "Zbrkvornelia";
constexpr std::string_view kInAnswers = "quixmobrel";
constexpr std::string_view kInChat = "vantrusplik";
constexpr std::string_view kMarkers[] = {kName, kInAnswers, kInChat};

std::string Lower(std::string_view text) {
  std::string lower(text);
  std::transform(lower.begin(), lower.end(), lower.begin(),
                 [](unsigned char c) { return static_cast<char>(std::tolower(c)); });
  return lower;
}

bool HasMarker(std::string_view text) {
  const std::string lower = Lower(text);
  return std::any_of(std::begin(kMarkers), std::end(kMarkers), [&](std::string_view marker) {
    return lower.find(Lower(marker)) != std::string::npos;
  });
}

class ErasureTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto logs = servers::ScratchFolder::Make();
    ASSERT_TRUE(logs.ok()) << logs.status();
    logs_ = *std::move(logs);
    auto mesh =
        Mesh::Start({.shape = Shape::kOneProcess, .gates = true, .log_folder = logs_.path()});
    ASSERT_TRUE(mesh.ok()) << mesh.status();
    mesh_ = *std::move(mesh);
    record_.emplace(*mesh_);
    redis_ = *redis::Client::Open(mesh_->redis().url());
    // An entry that is taken out of a stream leaves its bytes to the node that it shares.
    Redis({"CONFIG", "SET", "stream-node-max-entries", 1});
    // Compressed, it would not be found in a file.
    Redis({"CONFIG", "SET", "rdbcompression", "no"});
  }

  redis::Reply Redis(const redis::Args& args) {
    auto reply = redis_->Command(Mesh::Deadline(), args);
    EXPECT_TRUE(reply.ok()) << reply.status();
    return reply.ok() ? *std::move(reply) : redis::Reply();
  }
  // Outside of any transaction.
  void Sql(const std::string& sql) {
    auto connection = postgres::Connection::Open(Mesh::Deadline(),
                                                 {.url = mesh_->postgres().url(), .keywords = {}});
    ASSERT_TRUE(connection.ok()) << connection.status();
    ASSERT_EQ((*connection)->Script(Mesh::Deadline(), sql), absl::OkStatus()) << sql;
  }
  template <typename... Columns>
  std::vector<std::tuple<Columns...>> Rows(const std::string& sql) {
    const auto rows = mesh_->database().Read(
        Mesh::Deadline(), [&](postgres::Transaction& tx) { return tx.Query<Columns...>(sql); });
    EXPECT_TRUE(rows.ok()) << rows.status() << sql;
    return rows.ok() ? *rows : std::vector<std::tuple<Columns...>>();
  }

  // Tables with a marker in any column, as text or as bytes.
  std::set<std::string> TablesWithMarkers() {
    std::vector<std::string> patterns;
    for (const std::string_view marker : kMarkers) {
      for (const std::string& each : {std::string(marker), Lower(marker)}) {
        patterns.push_back(absl::StrCat("%", each, "%"));
        patterns.push_back(absl::StrCat("%", absl::BytesToHexString(each), "%"));
      }
    }
    const std::string any = absl::StrCat("'{", absl::StrJoin(patterns, ","), "}'");
    std::set<std::string> tables;
    for (const auto& [table] : Rows<std::string>(
             "SELECT format('%I.%I', table_schema, table_name) FROM information_schema.tables"
             " WHERE table_type = 'BASE TABLE' AND table_schema NOT IN ('information_schema', "
             "'pg_catalog')")) {
      const auto found = Rows<bool>(absl::StrCat(
          "SELECT true FROM ", table, " AS t WHERE t::text LIKE ANY (", any, ") LIMIT 1"));
      if (!found.empty()) tables.insert(table);
    }
    return tables;
  }

  std::set<std::string> KeysWithMarkers() {
    std::set<std::string> keys;
    const redis::Reply all = Redis({"KEYS", "*"});
    const absl::Span<const redis::Reply> names = *all.Array();
    for (const redis::Reply& name : names) {
      const std::string key(*name.String());
      const redis::Reply type_reply = Redis({"TYPE", key});
      const std::string type(*type_reply.String());
      redis::Args read = type == "string"   ? redis::Args{"GET", key}
                         : type == "hash"   ? redis::Args{"HGETALL", key}
                         : type == "list"   ? redis::Args{"LRANGE", key, 0, -1}
                         : type == "set"    ? redis::Args{"SMEMBERS", key}
                         : type == "zset"   ? redis::Args{"ZRANGE", key, 0, -1}
                         : type == "stream" ? redis::Args{"XRANGE", key, "-", "+"}
                                            : redis::Args{"EXISTS", key};
      if (HasMarker(key) || HasMarker(Redis(read).DebugString())) keys.insert(key);
    }
    return keys;
  }

  static std::set<std::string> FilesWithMarkers(const std::string& folder) {
    std::set<std::string> files;
    std::error_code error;
    for (std::filesystem::recursive_directory_iterator entry(folder, error), end; entry != end;
         entry.increment(error)) {
      if (!entry->is_regular_file(error)) continue;
      std::ifstream file(entry->path(), std::ios::binary);
      std::ostringstream bytes;
      bytes << file.rdbuf();
      if (HasMarker(bytes.str())) files.insert(entry->path().string());
    }
    return files;
  }
  std::string PostgresFolder() const {
    const std::string url = mesh_->postgres().url();
    return url.substr(url.rfind('=') + 1);
  }

  // Calls of the AI so far, as its log tells of them.
  int AiCalls() const {
    std::ifstream log(absl::StrCat(logs_.path(), "/selfology.log"));
    int calls = 0;
    for (std::string line; std::getline(log, line);) {
      calls += line.find("selfology.ai.v1.AiService/") != std::string::npos &&
               line.find("Complete") != std::string::npos;
    }
    return calls;
  }

  void Replay(int64_t user) {
    relay::v1::ReplayEventsRequest request;
    request.mutable_start_time()->set_seconds(absl::ToUnixSeconds(absl::Now() - absl::Hours(1)));
    request.mutable_filter()->set_user_id(user);
    const auto replayed = relay::v1::OutboxRelayServiceClient(mesh_->Peer("outbox_relay"))
                              .ReplayEvents(Mesh::Deadline(), request);
    ASSERT_TRUE(replayed.ok()) << replayed.status();
    EXPECT_EQ(replayed->replayed(), 1) << "user.data.erased";
  }

  servers::ScratchFolder logs_;
  std::unique_ptr<Mesh> mesh_;
  std::optional<Record> record_;
  std::unique_ptr<redis::Client> redis_;
};

TEST_F(ErasureTest, NothingOfAPersonIsLeftAnywhere) {
  Person ann(*mesh_, "en", std::string(kName));
  Person bob(*mesh_, "en");
  ann.Says("/start");
  ann.Presses(ann.Hears("Welcome to Selfology"), "✅ I agree");
  for (int number = 1; number <= 5; ++number) {
    ann.Hears(absl::StrCat("Question ", number, " of 10"));
    ann.Says(absl::StrCat(EnglishAnswer(number), " I call it ", kInAnswers, "."));
    ann.Hears("✨");
    if (HasFailure()) return;
  }
  ann.Hears("Question 6 of 10");
  ann.Says("/finish");
  ann.Hears("we stop here");
  record_->AwaitEvents(ann.id(), "answer.analyzed.deep", 5);
  record_->AwaitHandled(ann.id(), "trait.extracted", "profile_storage");
  ann.Says(absl::StrCat("I dream of a ", kInChat, ", what does that mean?"));
  record_->AwaitEvents(ann.id(), "coach.message.ready", 1);
  record_->AwaitPassed();
  bob.Says("/start");
  bob.Hears("Welcome to Selfology");
  // What is looked for can be found.
  EXPECT_THAT(TablesWithMarkers().size(), Gt(3u));
  EXPECT_THAT(KeysWithMarkers().size(), Gt(0u));
  EXPECT_THAT(FilesWithMarkers(PostgresFolder()).size(), Gt(0u));
  EXPECT_THAT(FilesWithMarkers(mesh_->redis_data()).size(), Gt(0u));

  ann.Says("/delete");
  ann.Presses(ann.Hears("cannot be undone"), "Erase everything");
  record_->Await("the bot to say so",
                 [&] { return ann.CountHeard("Everything about you has been erased") == 1; });
  record_->Await("the outbox and the streams to be redacted", [&] {
    return !Rows<bool>("SELECT true FROM selfology.redactions WHERE done_at IS NOT NULL").empty();
  });
  EXPECT_THAT(TablesWithMarkers(), IsEmpty());
  EXPECT_THAT(KeysWithMarkers(), IsEmpty());

  const int calls = AiCalls();
  EXPECT_THAT(calls, Gt(5));
  ASSERT_NO_FATAL_FAILURE(Replay(ann.id()));
  record_->AwaitPassed();
  EXPECT_THAT(TablesWithMarkers(), IsEmpty());
  EXPECT_THAT(KeysWithMarkers(), IsEmpty());

  // What an operator may do at once: space that is free is given back, logs are begun anew.
  Sql("ALTER SYSTEM SET wal_recycle = off");
  Sql("ALTER SYSTEM SET min_wal_size = '32MB'");
  Sql("SELECT pg_reload_conf()");
  Sql("VACUUM (FULL, ANALYZE)");
  Sql("VACUUM FULL pg_statistic");  // Which has seen the old rows.
  Redis({"BGREWRITEAOF"});
  record_->Await("the files to be free of what was said", [&] {
    Sql("SELECT pg_switch_wal()");
    Sql("CHECKPOINT");
    return FilesWithMarkers(PostgresFolder()).empty() &&
           FilesWithMarkers(mesh_->redis_data()).empty();
  });
  EXPECT_THAT(FilesWithMarkers(PostgresFolder()), IsEmpty());
  EXPECT_THAT(FilesWithMarkers(mesh_->redis_data()), IsEmpty());

  Redis({"FLUSHALL"});
  bob.Says("/help");
  bob.Hears("");
  record_->Await("all that is retained to come again",
                 [&] { return Redis({"KEYS", "selfology:events*"}).Array()->size() > 0; });
  record_->AwaitPassed();
  EXPECT_THAT(TablesWithMarkers(), IsEmpty());
  EXPECT_THAT(KeysWithMarkers(), IsEmpty());
  EXPECT_THAT(FilesWithMarkers(logs_.path()), IsEmpty());
  EXPECT_EQ(AiCalls(), calls) << "nothing was thought about again";
  EXPECT_EQ(record_->DeadLetters(), 0);

  // Who comes back begins anew.
  ann.Says("/start");
  ann.Hears("Welcome to Selfology");
}

}  // namespace
}  // namespace selfology::journey
