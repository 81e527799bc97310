// A person is erased: whatever they said is looked for in everything that the product keeps.

#include <fstream>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/postgres/connection.h"
#include "common/redis/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/relay/v1/outbox_relay_service_client.h"
#include "testing/leftovers.h"
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

  std::set<std::string> TablesWithMarkers() { return leftovers_.Tables(mesh_->database()); }
  std::set<std::string> KeysWithMarkers() { return leftovers_.Keys(*redis_); }
  std::set<std::string> FilesWithMarkers(const std::string& folder) {
    return leftovers_.Files(folder);
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

  const testing::Leftovers leftovers_{
      {std::string(kName), std::string(kInAnswers), std::string(kInChat)}};
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
