// Over TCP, with passwords, users and databases.
#include <memory>
#include <string>

#include "absl/strings/str_cat.h"
#include "common/redis/client.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/free_port.h"
#include "testing/servers/redis_server.h"

namespace selfology::redis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

Call Soon() { return Call::Background(absl::Seconds(20)); }

class SignInTest : public ::testing::Test {
 protected:
  static void SetUpTestSuite() {
    port_ = servers::FreePort();
    servers::RedisOptions options;
    options.port = port_;
    server_ = servers::RedisServer::Start(options).value();
    auto admin = Client::Open(server_->url()).value();
    ASSERT_TRUE(admin
                    ->Command(Soon(), {"ACL", "SETUSER", "reader", "on", ">p@ss:w/rd", "+@read",
                                       "+select", "+client", "~*"})
                    .ok());
    ASSERT_TRUE(admin->Command(Soon(), {"CONFIG", "SET", "requirepass", "sesame"}).ok());
  }
  static void TearDownTestSuite() { server_.reset(); }

  std::string Url(std::string_view login, std::string_view rest = "") {
    return absl::StrCat("redis://", login, "127.0.0.1:", port_, rest);
  }
  std::unique_ptr<Client> Open(const std::string& url) {
    return Client::Open(url, {.client_name = "signed-in"}).value();
  }

  static int port_;
  static std::unique_ptr<servers::RedisServer> server_;
};

int SignInTest::port_ = 0;
std::unique_ptr<servers::RedisServer> SignInTest::server_;

TEST_F(SignInTest, ThePasswordOpens) {
  EXPECT_TRUE(Open(Url(":sesame@"))->Healthy(Soon()).ok());
  EXPECT_TRUE(Open(Url("default:sesame@"))->Healthy(Soon()).ok());
  EXPECT_TRUE(Open(absl::StrCat("unix://", server_->socket_path(), "?password=sesame"))
                  ->Healthy(Soon())
                  .ok());
}

TEST_F(SignInTest, NoneOrAWrongOneDoesNot) {
  EXPECT_EQ(Open(Url(""))->Healthy(Soon()).code(), absl::StatusCode::kUnauthenticated);
  const absl::Status wrong = Open(Url(":simsim@"))->Healthy(Soon());
  EXPECT_EQ(wrong.code(), absl::StatusCode::kUnauthenticated);
  EXPECT_EQ(ErrorKind(wrong), "WRONGPASS");
  EXPECT_THAT(std::string(wrong.message()), Not(HasSubstr("simsim")));
  EXPECT_THAT(std::string(wrong.message()), HasSubstr(absl::StrCat("127.0.0.1:", port_, "/0")));
}

TEST_F(SignInTest, AUserMayDoWhatItMay) {
  auto reader = Open(Url("reader:p%40ss%3Aw%2Frd@"));
  EXPECT_TRUE(reader->Command(Soon(), {"GET", "k"}).ok());
  const absl::Status refused = reader->Command(Soon(), {"SET", "k", "v"}).status();
  EXPECT_EQ(refused.code(), absl::StatusCode::kPermissionDenied);
  EXPECT_EQ(ErrorKind(refused), "NOPERM");
}

TEST_F(SignInTest, EveryConnectionIsOnItsDatabase) {
  auto first = Open(Url(":sesame@", "/1"));
  auto second = Open(Url(":sesame@", "/2"));
  ASSERT_TRUE(first->Command(Soon(), {"SET", "k", "first"}).ok());
  EXPECT_TRUE(second->Command(Soon(), {"GET", "k"})->is_nil());
  EXPECT_EQ(first->Connect()->Command(Soon(), {"GET", "k"})->String().value(), "first");
  EXPECT_FALSE(Open(Url(":sesame@", "/9999"))->Healthy(Soon()).ok());
}

TEST_F(SignInTest, TheConnectionHasAName) {
  EXPECT_EQ(Open(Url(":sesame@"))->Command(Soon(), {"CLIENT", "GETNAME"})->String().value(),
            "signed-in");
}

TEST_F(SignInTest, NobodyListeningIsUnavailable) {
  auto client =
      Client::Open(absl::StrCat("redis://:sesame@127.0.0.1:", servers::FreePort())).value();
  const absl::Status status = client->Healthy(Soon());
  EXPECT_EQ(status.code(), absl::StatusCode::kUnavailable);
  EXPECT_THAT(std::string(status.message()), HasSubstr("Connection refused"));
  EXPECT_THAT(std::string(status.message()), Not(HasSubstr("sesame")));
}

TEST_F(SignInTest, AHostThatDoesNotExistIsUnavailable) {
  EXPECT_EQ(Client::Open("redis://no-such-host.invalid").value()->Healthy(Soon()).code(),
            absl::StatusCode::kUnavailable);
}

}  // namespace
}  // namespace selfology::redis
