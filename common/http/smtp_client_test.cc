#include "common/http/smtp_client.h"

#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/smtp_server.h"

namespace selfology::http {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class SmtpClientTest : public ::testing::Test {
 protected:
  void SetUp() override {
    auto server = servers::SmtpServer::Start();
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
    client_ = std::make_unique<SmtpClient>(
        SmtpClient::Options{.url = server_->url(), .metrics = &metrics_});
  }

  absl::StatusOr<SmtpReply> Send(const std::string& message = "Subject: x\r\n\r\nHello.\r\n",
                                 const std::string& to = "ann@example.org") {
    return client_->Send(Call::Background(absl::Seconds(20)),
                         {.from = "bot@example.org", .to = to, .message = message});
  }

  observe::Metrics metrics_;
  std::unique_ptr<servers::SmtpServer> server_;
  std::unique_ptr<SmtpClient> client_;
};

TEST_F(SmtpClientTest, SendsAMailAsItIs) {
  const std::string message = "Subject: x\r\n\r\nOne\r\n.\r\n..two\r\n\r\n";
  const auto reply = Send(message);
  ASSERT_TRUE(reply.ok()) << reply.status();
  EXPECT_EQ(reply->code, 250);
  EXPECT_EQ(reply->status, "2.0.0");
  ASSERT_THAT(server_->mails(), SizeIs(1));
  EXPECT_EQ(server_->mails()[0].from, "bot@example.org");
  EXPECT_EQ(server_->mails()[0].to, "ann@example.org");
  EXPECT_EQ(server_->mails()[0].message, message);
  EXPECT_THAT(metrics_.Expose(), HasSubstr(R"(code="OK",kind="smtp_client",operation="send"} 1)"));
}

TEST_F(SmtpClientTest, RefusalsAreRepliesAtWhicheverStep) {
  for (const char* step : {"MAIL", "RCPT", "DATA."}) {
    server_->Reply(step, "550 5.1.1 no such user");
    auto reply = Send();
    ASSERT_TRUE(reply.ok()) << step << ": " << reply.status();
    EXPECT_EQ(reply->code, 550) << step;
    EXPECT_EQ(reply->status, "5.1.1") << step;
    server_->Reply(step, "451 4.7.1 come later");
    reply = Send();
    ASSERT_TRUE(reply.ok()) << step << ": " << reply.status();
    EXPECT_EQ(reply->code, 451) << step;
    EXPECT_EQ(reply->status, "4.7.1") << step;
    server_->Reply(step, "");
  }
  EXPECT_THAT(server_->mails(), IsEmpty());
  EXPECT_TRUE(Send().ok());
}

TEST_F(SmtpClientTest, TellsWhetherTheServerMayHaveIt) {
  server_->HangUpAfter("RCPT");
  EXPECT_EQ(status::Reason(Send().status()), "CONNECT_FAILED");
  server_->HangUpAfter("DATA.");
  EXPECT_EQ(status::Reason(Send().status()), "CONNECTION_LOST");
  EXPECT_THAT(server_->mails(), SizeIs(1)) << "it has taken that one";
  server_.reset();
  const absl::Status gone = Send().status();
  EXPECT_TRUE(absl::IsUnavailable(gone));
  EXPECT_EQ(status::Reason(gone), "CONNECT_FAILED");
}

TEST_F(SmtpClientTest, RefusesAddressesThatWouldBeCommands) {
  for (const char* to :
       {"", "ann", "@x", "ann@", "ann@example.org>\r\nRCPT TO:<b@x", "a b@x.org"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(Send("x\r\n", to).status())) << to;
  }
  EXPECT_EQ(server_->connections(), 0);
}

TEST_F(SmtpClientTest, ObeysDeadlinesAndCancelling) {
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      client_->Send(Call::Background(absl::ZeroDuration()), {.from = "a@x", .to = "b@x"})
          .status()));
  const Call cancelled(absl::Now() + absl::Seconds(20), {}, [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(
      client_->Send(cancelled, {.from = "a@x", .to = "b@x", .message = "x\r\n"}).status()));
}

TEST_F(SmtpClientTest, KeepsConnectionsAndServesThreads) {
  for (int i = 0; i < 20; ++i) ASSERT_TRUE(Send().ok());
  EXPECT_EQ(server_->connections(), 1);
  std::vector<std::thread> threads;
  for (int t = 0; t < 8; ++t) {
    threads.emplace_back([&] {
      for (int i = 0; i < 10; ++i) EXPECT_TRUE(Send().ok());
    });
  }
  for (std::thread& thread : threads) thread.join();
  EXPECT_THAT(server_->mails(), SizeIs(100));
}

TEST(SmtpReplyTest, ReadsCodesAndNothingElse) {
  EXPECT_EQ(ParseSmtpReply("550 5.1.1 no such user\r\n").status, "5.1.1");
  EXPECT_EQ(ParseSmtpReply("452-4.2.2 full").status, "4.2.2");
  EXPECT_EQ(ParseSmtpReply("550 no such user").code, 550);
  EXPECT_EQ(ParseSmtpReply("550 no such user").status, "");
  EXPECT_EQ(ParseSmtpReply("550 4.1.1 of another class").status, "");
  EXPECT_EQ(ParseSmtpReply("550 5.1").status, "");
  EXPECT_EQ(ParseSmtpReply("250").code, 250);
  EXPECT_EQ(ParseSmtpReply("hello").code, 0);
  EXPECT_EQ(ParseSmtpReply("").code, 0);
}

}  // namespace
}  // namespace selfology::http
