#include "common/redis/client.h"

#include <atomic>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/redis_test.h"

namespace selfology::redis {
namespace {

using ::testing::HasSubstr;

class ClientTest : public servers::RedisTest {
 protected:
  std::unique_ptr<Client> Open(Client::Options options = {}) {
    return Client::Open(url(), std::move(options)).value();
  }
  // Until a client of the server waits in a blocking command.
  void AwaitBlocked(Client& observer) {
    while (!absl::StrContains(observer.Command(Soon(), {"INFO", "clients"})->String().value(),
                              "blocked_clients:1")) {
    }
  }
  static Call Soon() { return Call::Background(absl::Seconds(20)); }
  static Call In(absl::Duration timeout) { return Call::Background(timeout); }
};

TEST_F(ClientTest, ValuesOfEveryKindComeBack) {
  auto client = Open();
  std::string binary;
  for (int i = 0; i < 256; ++i) binary.push_back(static_cast<char>(i));
  EXPECT_EQ(client->Command(Soon(), {"SET", binary, binary})->String().value(), "OK");
  EXPECT_EQ(client->Command(Soon(), {"GET", binary})->String().value(), binary);
  EXPECT_TRUE(client->Command(Soon(), {"GET", "none"})->is_nil());
  EXPECT_EQ(client->Command(Soon(), {"INCRBY", "n", -5})->Integer().value(), -5);
  EXPECT_EQ(client->Command(Soon(), {"MGET", "n", "none", binary}).value(),
            Reply::OfArray({Reply::OfString("-5"), Reply(), Reply::OfString(binary)}));
  EXPECT_EQ(client->Command(Soon(), {"LRANGE", "none", 0, -1}).value(), Reply::OfArray({}));

  const std::string large(3'000'000, 'x');
  ASSERT_TRUE(client->Command(Soon(), {"SET", "large", large}).ok());
  EXPECT_EQ(client->Command(Soon(), {"GET", "large"})->String().value(), large);
}

// As an event handler's call does while other events share its transaction.
class Forbids final : public Call::WaitListener {
 public:
  absl::Status BeforeWait(Call::Wait) override {
    ++asked;
    return absl::AbortedError("to be run alone");
  }
  int asked = 0;
};

TEST_F(ClientTest, ACallThatMayNotWaitSendsNothing) {
  auto client = Open();
  const auto forbids = std::make_shared<Forbids>();
  const Call shared = Soon().With(forbids);
  const auto aborted = [](const auto& result) { return absl::IsAborted(result.status()); };
  EXPECT_TRUE(aborted(client->Command(shared, {"SET", "key", "value"})));
  EXPECT_TRUE(aborted(client->Pipeline(shared, Batch().Add({"SET", "key", "value"}))));
  EXPECT_TRUE(aborted(client->Eval(shared, Script("return redis.call('SET', 'key', 'v')"), {})));
  EXPECT_EQ(forbids->asked, 3);
  EXPECT_TRUE(client->Command(Soon(), {"GET", "key"})->is_nil());
}

TEST_F(ClientTest, NestedRepliesKeepTheirShape) {
  auto client = Open();
  ASSERT_TRUE(client->Command(Soon(), {"XADD", "s", "1-1", "k", "v"}).ok());
  EXPECT_EQ(client->Command(Soon(), {"XREAD", "STREAMS", "s", "0"})->DebugString(),
            "[[\"s\", [[\"1-1\", [\"k\", \"v\"]]]]]");
}

TEST_F(ClientTest, APipelineIsJudgedReplyByReply) {
  auto client = Open();
  Batch batch;
  batch.Add({"SET", "text", "abc"}).Add({"INCR", "text"}).Add({"SET", "n", 1});
  batch.Add({"LPUSH", "n", "x"}).Add({"INCR", "n"}).Add({"NOSUCHCOMMAND"});
  const Replies replies = client->Pipeline(Soon(), batch).value();
  ASSERT_EQ(replies.size(), 6u);
  EXPECT_TRUE(replies[0].ok());
  EXPECT_EQ(replies[1].status().code(), absl::StatusCode::kInternal);
  EXPECT_TRUE(replies[2].ok());
  EXPECT_EQ(ErrorKind(replies[3].status()), "WRONGTYPE");
  EXPECT_EQ(replies[4]->Integer().value(), 2);
  EXPECT_EQ(ErrorKind(replies[5].status()), "ERR");
  // The connection is in step still.
  EXPECT_EQ(client->Command(Soon(), {"GET", "n"})->String().value(), "2");
}

TEST_F(ClientTest, AnErrorInsideATransactionIsAnElement) {
  auto client = Open();
  Batch batch;
  batch.Add({"MULTI"}).Add({"SET", "k", "x"}).Add({"INCR", "k"}).Add({"EXEC"});
  const Replies replies = client->Pipeline(Soon(), batch).value();
  const auto results = replies[3]->Array().value();
  EXPECT_EQ(results[0].String().value(), "OK");
  EXPECT_TRUE(results[1].is_error());
  EXPECT_EQ(results[1].status().code(), absl::StatusCode::kInternal);
}

TEST_F(ClientTest, PipelinesOfAnySizeArrive) {
  auto client = Open();
  EXPECT_TRUE(client->Pipeline(Soon(), Batch())->empty());
  // Requests and replies each many times what the sockets' buffers hold.
  const std::string value(2'000, 'v');
  for (const int commands : {1, 2, 1'000, 20'000}) {
    Batch batch;
    for (int i = 0; i < commands; ++i) batch.Add({"ECHO", absl::StrCat(i, value)});
    const Replies replies = client->Pipeline(Soon(), batch).value();
    ASSERT_EQ(replies.size(), static_cast<size_t>(commands));
    for (int i = 0; i < commands; ++i) {
      ASSERT_EQ(replies[i]->String().value(), absl::StrCat(i, value));
    }
  }
}

TEST_F(ClientTest, AStreamIdThatIsNotNewAlreadyExists) {
  auto client = Open();
  Batch batch;
  for (const char* id : {"5-1", "5-2", "5-2", "5-1", "5-3"}) batch.Add({"XADD", "s", id, "k", "v"});
  const Replies replies = client->Pipeline(Soon(), batch).value();
  EXPECT_TRUE(replies[1].ok());
  EXPECT_EQ(replies[2].status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_EQ(replies[3].status().code(), absl::StatusCode::kAlreadyExists);
  EXPECT_TRUE(replies[4].ok());
}

TEST_F(ClientTest, AScriptIsSentWholeOnlyToAServerThatDoesNotKnowIt) {
  observe::Metrics metrics;
  auto client = Open({.metrics = &metrics});
  const Script script("return {KEYS[1], ARGV[1], ARGV[2]}");
  const Reply expected =
      Reply::OfArray({Reply::OfString("k"), Reply::OfString("1"), Reply::OfString("b")});
  EXPECT_EQ(client->Eval(Soon(), script, {"k"}, {1, "b"}).value(), expected);
  EXPECT_EQ(client->Eval(Soon(), script, {"k"}, {1, "b"}).value(), expected);
  ASSERT_TRUE(client->Command(Soon(), {"SCRIPT", "FLUSH"}).ok());
  EXPECT_EQ(client->Eval(Soon(), script, {"k"}, {1, "b"}).value(), expected);
  const std::string exposed = metrics.Expose();
  EXPECT_THAT(exposed, HasSubstr("operation=\"EVAL\""));
  EXPECT_THAT(exposed, HasSubstr("operation=\"EVALSHA\""));

  EXPECT_TRUE(client->Eval(Soon(), Script("return false"), {}).value().is_nil());
  EXPECT_EQ(
      ErrorKind(client->Eval(Soon(), Script("return redis.error_reply('MINE no')"), {}).status()),
      "MINE");
}

TEST_F(ClientTest, AScriptsHashIsTheServers) {
  auto client = Open();
  const Script script("return 'ключ'");
  EXPECT_EQ(client->Command(Soon(), {"SCRIPT", "LOAD", script.source()})->String().value(),
            script.sha1());
}

TEST_F(ClientTest, GoesOnAfterTheServerWasRestarted) {
  auto client = Open();
  ASSERT_TRUE(client->Healthy(Soon()).ok());
  server().Kill();
  EXPECT_EQ(client->Healthy(Soon()).code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(client->Healthy(Soon()).code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(server().Restart().ok());
  EXPECT_TRUE(client->Healthy(Soon()).ok());
}

TEST_F(ClientTest, IdleConnectionsThatDiedAreNeverUsed) {
  auto client = Open({.max_connections = 4});
  std::vector<std::thread> threads;
  for (int i = 0; i < 4; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 200; ++j) ASSERT_TRUE(client->Healthy(Soon()).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  server().Kill();
  ASSERT_TRUE(server().Restart().ok());
  for (int i = 0; i < 8; ++i) EXPECT_TRUE(client->Healthy(Soon()).ok());
}

TEST_F(ClientTest, ACommandInFlightWhenTheServerDiesIsUnavailable) {
  auto client = Open();
  auto observer = Open();
  std::thread blocked([&] {
    EXPECT_EQ(client->Command(In(absl::Seconds(4)), {"BLPOP", "none", 0}).status().code(),
              absl::StatusCode::kUnavailable);
  });
  AwaitBlocked(*observer);
  server().Kill();
  blocked.join();
}

TEST_F(ClientTest, ADeadlineEndsTheWaitAndItsLateReplyIsNobodys) {
  auto client = Open({.max_connections = 1});
  const absl::Time begin = absl::Now();
  EXPECT_EQ(client->Command(In(absl::Milliseconds(50)), {"BLPOP", "list", 0}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_LT(absl::Now() - begin, absl::Seconds(2));
  ASSERT_TRUE(client->Command(Soon(), {"RPUSH", "list", "late"}).ok());
  EXPECT_EQ(client->Command(Soon(), {"ECHO", "mine"})->String().value(), "mine");
}

TEST_F(ClientTest, NothingIsSentOnceTheDeadlineHasPassed) {
  auto client = Open();
  EXPECT_EQ(client->Command(In(-absl::Seconds(1)), {"SET", "k", "v"}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  ASSERT_TRUE(client->Healthy(Soon()).ok());  // Pooled from here on.
  EXPECT_EQ(client->Command(In(-absl::Seconds(1)), {"SET", "k", "v"}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
  EXPECT_TRUE(client->Command(Soon(), {"GET", "k"})->is_nil());
}

TEST_F(ClientTest, CommandTimeoutBoundsACallThatHasAllTheTime) {
  auto client = Open({.command_timeout = absl::Milliseconds(50)});
  const Call call(absl::InfiniteFuture(), {});
  EXPECT_EQ(client->Command(call, {"BLPOP", "none", 0}).status().code(),
            absl::StatusCode::kDeadlineExceeded);
}

TEST_F(ClientTest, ACancelledCallStopsWaiting) {
  auto client = Open();
  std::atomic<bool> gone = false;
  const Call call(absl::Now() + absl::Seconds(20), {}, [&] { return gone.load(); });
  std::thread blocked([&] {
    EXPECT_EQ(client->Command(call, {"BLPOP", "none", 0}).status().code(),
              absl::StatusCode::kCancelled);
  });
  AwaitBlocked(*Open());
  gone = true;
  blocked.join();
}

TEST_F(ClientTest, WaitsForAFreeConnectionUntilTheDeadline) {
  auto client = Open({.max_connections = 1, .command_timeout = absl::Seconds(20)});
  auto other = Open();
  std::thread holder([&] { EXPECT_TRUE(client->Command(Soon(), {"BLPOP", "list", 0}).ok()); });
  AwaitBlocked(*other);
  const absl::Status status = client->Healthy(In(absl::Milliseconds(30)));
  EXPECT_EQ(status.code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_THAT(std::string(status.message()), HasSubstr("no connection became free"));
  ASSERT_TRUE(other->Command(Soon(), {"RPUSH", "list", "x"}).ok());
  holder.join();
  EXPECT_TRUE(client->Healthy(Soon()).ok());
}

TEST_F(ClientTest, ManyThreadsShareFewConnections) {
  auto client = Open({.max_connections = 4, .client_name = "crowd"});
  std::vector<std::thread> threads;
  for (int i = 0; i < 16; ++i) {
    threads.emplace_back([&] {
      for (int j = 0; j < 300; ++j) ASSERT_TRUE(client->Command(Soon(), {"INCR", "n"}).ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(client->Command(Soon(), {"GET", "n"})->String().value(), "4800");
  const Reply list = client->Command(Soon(), {"CLIENT", "LIST"}).value();
  int named = 0;
  for (std::string_view line : absl::StrSplit(list.String().value(), '\n')) {
    if (absl::StrContains(line, "name=crowd")) ++named;
  }
  EXPECT_LE(named, 4);
  EXPECT_GE(named, 1);
}

TEST_F(ClientTest, MeasuresWhatItDoes) {
  observe::Metrics metrics;
  auto client = Open({.metrics = &metrics});
  ASSERT_TRUE(client->Command(Soon(), {"SET", "k", "x"}).ok());
  ASSERT_FALSE(client->Command(Soon(), {"LPUSH", "k", "x"}).ok());
  const std::string exposed = metrics.Expose();
  EXPECT_THAT(exposed, HasSubstr("kind=\"redis\",operation=\"SET\""));
  EXPECT_THAT(exposed, HasSubstr("FAILED_PRECONDITION"));
}

TEST_F(ClientTest, OpenRefusesABadConfiguration) {
  EXPECT_EQ(Client::Open("nonsense").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(Client::Open(url(), {.max_connections = 0}).status().code(),
            absl::StatusCode::kInvalidArgument);
}

TEST_F(ClientTest, TheErrorsOfAServerInTroubleAreRetryable) {
  auto client = Open();
  const auto command = [&](const Args& args) { return client->Command(Soon(), args).status(); };

  ASSERT_TRUE(command({"CONFIG", "SET", "maxmemory", 1}).ok());
  const absl::Status full = command({"SET", "k", "v"});
  ASSERT_TRUE(command({"CONFIG", "SET", "maxmemory", 0}).ok());
  EXPECT_EQ(ErrorKind(full), "OOM");
  EXPECT_EQ(full.code(), absl::StatusCode::kUnavailable);

  // A replica of a master that is not there.
  ASSERT_TRUE(command({"REPLICAOF", "127.0.0.1", 1}).ok());
  const absl::Status read_only = command({"SET", "k", "v"});
  ASSERT_TRUE(command({"CONFIG", "SET", "replica-serve-stale-data", "no"}).ok());
  const absl::Status down = command({"GET", "k"});
  ASSERT_TRUE(command({"CONFIG", "SET", "replica-serve-stale-data", "yes"}).ok());
  ASSERT_TRUE(command({"REPLICAOF", "NO", "ONE"}).ok());
  EXPECT_EQ(ErrorKind(read_only), "READONLY");
  EXPECT_EQ(read_only.code(), absl::StatusCode::kUnavailable);
  EXPECT_EQ(ErrorKind(down), "MASTERDOWN");
  EXPECT_EQ(down.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(command({"SET", "k", "v"}).ok());

  EXPECT_EQ(ErrorKind(command({"XREADGROUP", "GROUP", "g", "c", "STREAMS", "s", ">"})), "NOGROUP");
}

TEST(ClientOwnServerTest, AServerThatIsLoadingIsUnavailable) {
  // Slowly, and looking up after each KiB, so that there is something to see.
  servers::RedisOptions options;
  options.arguments = {"--enable-debug-command", "yes", "--loading-process-events-interval-bytes",
                       "1024"};
  auto server = servers::RedisServer::Start(options).value();
  auto client = Client::Open(server->url()).value();
  const Call call = Call::Background(absl::Seconds(30));
  Batch batch;
  for (int i = 0; i < 200; ++i) batch.Add({"SET", i, std::string(1'000, static_cast<char>(i))});
  batch.Add({"CONFIG", "SET", "key-load-delay", 2'000});  // µs
  ASSERT_TRUE(client->Pipeline(call, batch).ok());
  std::atomic<bool> loaded = false;
  std::thread reload([&] {
    EXPECT_TRUE(client->Command(call, {"DEBUG", "RELOAD"}).ok());
    loaded = true;
  });
  absl::Status seen;
  while (seen.ok() && !loaded) seen = client->Command(call, {"GET", "k"}).status();
  reload.join();
  EXPECT_EQ(ErrorKind(seen), "LOADING");
  EXPECT_EQ(seen.code(), absl::StatusCode::kUnavailable);
  EXPECT_TRUE(client->Healthy(call).ok());
}

}  // namespace
}  // namespace selfology::redis
