#include "common/redis/connection.h"

#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <atomic>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "common/redis/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/binaries.h"
#include "testing/servers/redis_test.h"

namespace selfology::redis {
namespace {

using ::testing::HasSubstr;

Call In(absl::Duration timeout) { return Call::Background(timeout); }
Call Soon() { return In(absl::Seconds(20)); }

class ConnectionTest : public servers::RedisTest {
 protected:
  void SetUp() override {
    RedisTest::SetUp();
    client_ = Client::Open(url()).value();
    reader_ = client_->Connect();
  }

  // Until a client of the server waits in a blocking command.
  void AwaitBlocked() {
    while (!absl::StrContains(client_->Command(Soon(), {"INFO", "clients"})->String().value(),
                              "blocked_clients:1")) {
    }
  }

  absl::StatusOr<Reply> Read(const Call& call) {
    return reader_->Command(call, {"XREAD", "BLOCK", 0, "STREAMS", "s", "$"});
  }

  std::unique_ptr<Client> client_;
  std::unique_ptr<Connection> reader_;
};

TEST_F(ConnectionTest, ABlockingReadGetsWhatComes) {
  std::thread reading(
      [&] { EXPECT_EQ(Read(Soon())->DebugString(), "[[\"s\", [[\"1-1\", [\"k\", \"v\"]]]]]"); });
  AwaitBlocked();
  ASSERT_TRUE(client_->Command(Soon(), {"XADD", "s", "1-1", "k", "v"}).ok());
  reading.join();
}

TEST_F(ConnectionTest, ABlockingReadThatFindsNothingIsNil) {
  EXPECT_TRUE(reader_->Command(Soon(), {"XREAD", "BLOCK", 1, "STREAMS", "s", "$"})->is_nil());
}

TEST_F(ConnectionTest, InterruptEndsABlockingRead) {
  std::thread reading(
      [&] { EXPECT_EQ(Read(Soon()).status().code(), absl::StatusCode::kCancelled); });
  AwaitBlocked();
  reader_->Interrupt();
  reading.join();
  EXPECT_EQ(reader_->Command(Soon(), {"PING"})->String().value(), "PONG");
}

TEST_F(ConnectionTest, AnInterruptThatComesEarlyIsNotLost) {
  reader_->Interrupt();
  reader_->Interrupt();
  EXPECT_EQ(Read(Soon()).status().code(), absl::StatusCode::kCancelled);
  EXPECT_TRUE(reader_->Command(Soon(), {"PING"}).ok());
}

TEST_F(ConnectionTest, InterruptsAtAnyMomentLeaveTheConnectionInStep) {
  std::atomic<bool> done = false;
  std::atomic<int> commands = 0;
  std::thread interrupting([&] {
    // One interrupt after every few commands, at whatever point of them.
    for (int seen = 0; !done;) {
      if (commands.load() < seen) continue;
      seen = commands.load() + 3;
      reader_->Interrupt();
    }
  });
  int interrupted = 0;
  for (int i = 0; i < 3'000; ++i) {
    const absl::StatusOr<Reply> reply = reader_->Command(Soon(), {"ECHO", i});
    ++commands;
    if (reply.ok()) {
      ASSERT_EQ(reply->String().value(), absl::StrCat(i));
    } else {
      ASSERT_EQ(reply.status().code(), absl::StatusCode::kCancelled);
      ++interrupted;
    }
  }
  done = true;
  interrupting.join();
  EXPECT_GT(interrupted, 0);
}

TEST_F(ConnectionTest, TheDeadlineEndsABlockingRead) {
  EXPECT_EQ(Read(In(absl::Milliseconds(30))).status().code(), absl::StatusCode::kDeadlineExceeded);
  EXPECT_FALSE(reader_->Usable());
  EXPECT_TRUE(reader_->Command(Soon(), {"PING"}).ok());
  EXPECT_TRUE(reader_->Usable());
}

TEST_F(ConnectionTest, CancellingTheCallEndsABlockingRead) {
  std::atomic<bool> cancelled = false;
  const Call call(absl::Now() + absl::Seconds(20), {}, [&] { return cancelled.load(); });
  std::thread reading([&] { EXPECT_EQ(Read(call).status().code(), absl::StatusCode::kCancelled); });
  AwaitBlocked();
  cancelled = true;
  reading.join();
}

TEST_F(ConnectionTest, ADyingServerEndsABlockingRead) {
  std::thread reading(
      [&] { EXPECT_EQ(Read(Soon()).status().code(), absl::StatusCode::kUnavailable); });
  AwaitBlocked();
  server().Kill();
  reading.join();
  EXPECT_EQ(reader_->Command(Soon(), {"PING"}).status().code(), absl::StatusCode::kUnavailable);
  ASSERT_TRUE(server().Restart().ok());
  EXPECT_TRUE(reader_->Command(Soon(), {"PING"}).ok());
}

TEST_F(ConnectionTest, UsableSeesThatTheServerHungUp) {
  ASSERT_TRUE(reader_->Command(Soon(), {"PING"}).ok());
  EXPECT_TRUE(reader_->Usable());
  server().Kill();
  EXPECT_FALSE(reader_->Usable());
}

// A far side that takes one connection, says what it is told, and hangs up: what no sane server
// does.
class Peer {
 public:
  explicit Peer(std::string says) : folder_(servers::ScratchFolder::Make().value()) {
    sockaddr_un address = {};
    address.sun_family = AF_UNIX;
    path().copy(address.sun_path, sizeof address.sun_path - 1);
    const int listener = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);
    EXPECT_EQ(bind(listener, reinterpret_cast<sockaddr*>(&address), sizeof address), 0);
    EXPECT_EQ(listen(listener, 1), 0);
    thread_ = std::thread([listener, says = std::move(says)] {
      const int accepted = accept(listener, nullptr, nullptr);
      char request[64];
      EXPECT_GT(recv(accepted, request, sizeof request, 0), 0);
      // Byte by byte, so that every reply comes in pieces.
      for (const char byte : says) {
        if (send(accepted, &byte, 1, MSG_NOSIGNAL) != 1) break;  // The other side has heard enough.
      }
      close(accepted);
      close(listener);
    });
  }
  ~Peer() { thread_.join(); }

  std::string path() const { return absl::StrCat(folder_.path(), "/peer"); }
  std::string url() const { return absl::StrCat("unix://", path()); }

 private:
  servers::ScratchFolder folder_;
  std::thread thread_;
};

TEST(ConnectionToAStrangePeerTest, RepliesInPiecesAreWhole) {
  Peer peer("*2\r\n$3\r\none\r\n*1\r\n:2\r\n");
  Connection connection(Address::Parse(peer.url()).value());
  EXPECT_EQ(connection.Command(Soon(), {"PING"})->DebugString(), "[\"one\", [2]]");
}

TEST(ConnectionToAStrangePeerTest, HalfAReplyIsNone) {
  for (const std::string half : {"", "*2\r\n$3\r\none\r\n", "$5\r\nab", ":12", "*-"}) {
    Peer peer(half);
    Connection connection(Address::Parse(peer.url()).value());
    EXPECT_EQ(connection.Command(Soon(), {"PING"}).status().code(), absl::StatusCode::kUnavailable);
  }
}

TEST(ConnectionToAStrangePeerTest, SomeRepliesOfAPipelineAreNone) {
  Peer peer("+OK\r\n+OK\r\n");
  Connection connection(Address::Parse(peer.url()).value());
  const Batch batch = Batch().Add({"PING"}).Add({"PING"}).Add({"PING"});
  EXPECT_EQ(connection.Pipeline(Soon(), batch).status().code(), absl::StatusCode::kUnavailable);
}

TEST(ConnectionToAStrangePeerTest, WhatIsNotRedisIsUnavailable) {
  Peer peer("HTTP/1.1 400 Bad Request\r\n\r\n");
  Connection connection(Address::Parse(peer.url()).value());
  const absl::Status status = connection.Command(Soon(), {"PING"}).status();
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Protocol error"));
}

TEST(ConnectionToAStrangePeerTest, NobodyThereIsUnavailable) {
  const std::string nowhere = servers::ScratchFolder::Make()->path();
  Connection connection(Address::Parse(absl::StrCat("unix://", nowhere, "/none")).value());
  EXPECT_EQ(connection.Command(Soon(), {"PING"}).status().code(), absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace selfology::redis
