#include "testing/servers/tcp_gate.h"

#include <signal.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "hiredis/hiredis.h"
#include "testing/servers/binaries.h"
#include "testing/servers/redis_server.h"

namespace selfology::servers {
namespace {

// A connection to Redis through the gate, and what the server answers; "" once it is lost.
class Line {
 public:
  explicit Line(const std::string& path) : context_(redisConnectUnix(path.c_str())) {}
  ~Line() { redisFree(context_); }
  Line(const Line&) = delete;
  Line& operator=(const Line&) = delete;

  std::string Ask(const std::string& command) {
    auto* reply = static_cast<redisReply*>(redisCommand(context_, command.c_str()));
    if (reply == nullptr) return "";
    std::string text = reply->str == nullptr ? std::to_string(reply->integer)
                                             : std::string(reply->str, reply->len);
    freeReplyObject(reply);
    return text;
  }

 private:
  redisContext* context_;
};

class TcpGateTest : public ::testing::Test {
 protected:
  void SetUp() override {
    signal(SIGPIPE, SIG_IGN);  // hiredis writes to what was cut.
    folder_ = ScratchFolder::Make().value();
    server_ = RedisServer::Start({}).value();
    other_ = RedisServer::Start({}).value();
    gate_ = TcpGate::Start(absl::StrCat("unix:", path()), AddressOf(*server_)).value();
  }

  std::string path() const { return absl::StrCat(folder_.path(), "/gate"); }
  static std::string AddressOf(const RedisServer& server) {
    return absl::StrCat("unix:", server.socket_path());
  }

  ScratchFolder folder_;
  std::unique_ptr<RedisServer> server_;
  std::unique_ptr<RedisServer> other_;
  std::unique_ptr<TcpGate> gate_;
};

TEST_F(TcpGateTest, PassesOnWhatIsSaidHoweverLong) {
  Line line(path());
  EXPECT_EQ(line.Ask("PING"), "PONG");
  const std::string big(8'000'000, 'x');
  EXPECT_EQ(line.Ask(absl::StrCat("SET key ", big)), "OK");
  EXPECT_EQ(line.Ask("GET key"), big);
  EXPECT_EQ(gate_->connections(), 1);
}

TEST_F(TcpGateTest, CutsOpenConnectionsAndLetsNewOnesIn) {
  Line line(path());
  ASSERT_EQ(line.Ask("PING"), "PONG");
  gate_->Cut(0);
  EXPECT_EQ(line.Ask("PING"), "PONG");
  gate_->Cut(1);
  EXPECT_EQ(line.Ask("PING"), "");
  EXPECT_EQ(Line(path()).Ask("PING"), "PONG");
}

TEST_F(TcpGateTest, EndsAConnectionInTheMiddleOfAMessage) {
  Line line(path());
  ASSERT_EQ(line.Ask("SET key value"), "OK");
  gate_->Truncate(30);
  EXPECT_EQ(line.Ask("GET key"), "") << "the question takes 22 bytes, the answer 11";
  EXPECT_EQ(Line(path()).Ask("GET key"), "value");
}

TEST_F(TcpGateTest, DelaysBothDirections) {
  Line line(path());
  ASSERT_EQ(line.Ask("PING"), "PONG");
  gate_->Delay(absl::Milliseconds(50));
  const absl::Time start = absl::Now();
  EXPECT_EQ(line.Ask("PING"), "PONG");
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(100));
  gate_->Delay(absl::ZeroDuration());
  EXPECT_EQ(line.Ask("PING"), "PONG");
}

TEST_F(TcpGateTest, LetsNobodyInWhileItIsShut) {
  Line line(path());
  ASSERT_EQ(line.Ask("PING"), "PONG");
  gate_->Shut(true);
  EXPECT_EQ(line.Ask("PING"), "");
  EXPECT_EQ(Line(path()).Ask("PING"), "");
  gate_->Shut(false);
  EXPECT_EQ(Line(path()).Ask("PING"), "PONG");
}

TEST_F(TcpGateTest, LeadsNewConnectionsToAnotherServer) {
  Line line(path());
  ASSERT_EQ(line.Ask("SET name first"), "OK");
  gate_->SetTarget(AddressOf(*other_));
  EXPECT_EQ(line.Ask("GET name"), "first");
  Line second(path());
  EXPECT_EQ(second.Ask("SET name second"), "OK");
  EXPECT_EQ(line.Ask("GET name"), "first");
}

TEST_F(TcpGateTest, ConnectionsEndWithTheServer) {
  Line line(path());
  ASSERT_EQ(line.Ask("PING"), "PONG");
  server_->Kill();
  EXPECT_EQ(line.Ask("PING"), "");
  EXPECT_EQ(Line(path()).Ask("PING"), "");
  ASSERT_TRUE(server_->Restart().ok());
  EXPECT_EQ(Line(path()).Ask("PING"), "PONG");
}

TEST(TcpGateAddressTest, ListensOnAFreePortAndRefusesNonsense) {
  auto gate = TcpGate::Start("127.0.0.1:0", "127.0.0.1:1");
  ASSERT_TRUE(gate.ok()) << gate.status();
  EXPECT_THAT((*gate)->address(), ::testing::MatchesRegex("127.0.0.1:[1-9][0-9]*"));
  EXPECT_TRUE(absl::IsInvalidArgument(TcpGate::Start("nowhere", "127.0.0.1:1").status()));
}

}  // namespace
}  // namespace selfology::servers
