// What clients must not get away with.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "absl/time/clock.h"
#include "common/http/server.h"
#include "common/http/test_socket.h"

namespace selfology::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::StartsWith;

class ServerLimitsTest : public testing::Test {
 protected:
  void Start(Server::Options options = {}) {
    options.max_header_bytes = 4096;
    options.max_body_bytes = 1000;
    auto echo = [this](const Request& request) {
      ++handled_;
      return Response::Text(request.body);
    };
    auto server = Server::Start(
        options, {{.method = "POST", .path = "/", .handler = echo},
                  {.method = "POST", .path = "/small", .handler = echo, .max_body_bytes = 10},
                  {.method = "GET", .path = "/", .handler = echo}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::string Raw(std::string_view bytes) {
    TestSocket socket(server_->port());
    EXPECT_TRUE(socket.Send(bytes));
    return socket.ReadAll();
  }

  void ExpectStillServing() {
    EXPECT_THAT(Raw("GET / HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n"),
                StartsWith("HTTP/1.1 200"));
  }

  std::atomic<int> handled_ = 0;
  std::unique_ptr<Server> server_;
};

TEST_F(ServerLimitsTest, LargeBodiesAreRefusedBeforeTheyAreRead) {
  Start();
  EXPECT_THAT(Raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1001\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(Raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 99999999999\r\n\r\n"),
              StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(Raw("POST /small HTTP/1.1\r\nHost: x\r\nContent-Length: 11\r\n\r\n"),
              HasSubstr(R"("code":"BODY_TOO_LARGE")"));
  EXPECT_THAT(Raw("POST /small HTTP/1.1\r\nHost: x\r\nConnection: close\r\nContent-Length: "
                  "10\r\n\r\n0123456789"),
              EndsWith("\r\n\r\n0123456789"));
}

TEST_F(ServerLimitsTest, LargeChunkedBodiesAreRefusedOnTheWay) {
  Start();
  std::string body = "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n";
  for (int i = 0; i < 3; ++i) body += "5\r\n01234\r\n";
  EXPECT_THAT(Raw(body + "0\r\n\r\n"), StartsWith("HTTP/1.1 413"));
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerLimitsTest, ADoorDecidesForEachRequest) {
  Route door = {
      .method = "*",
      .path = "/*",
      .handler =
          [](const Request& request) {
            return Response::Text(absl::StrCat(request.method, " ", request.encoded_path, " ",
                                               request.call.Remaining() > absl::Hours(1)));
          },
      .admit =
          [](std::string_view method, std::string_view path) {
            return Admission{.max_body_bytes = path == "/a%2Fb" && method == "PUT" ? 4u : 2u,
                             .timeout = absl::InfiniteDuration()};
          }};
  auto server = Server::Start(
      {.refusal =
           [](const Refused& refused) {
             return Response::Text(absl::StrCat("no ", refused.method, " ", refused.encoded_path));
           }},
      {std::move(door)});
  ASSERT_TRUE(server.ok()) << server.status();
  server_ = *std::move(server);
  const auto put = [&](std::string_view path, std::string_view body) {
    return Raw(absl::StrCat("PUT ", path, " HTTP/1.1\r\nHost: x\r\nConnection: close\r\n",
                            "Content-Length: ", body.size(), "\r\n\r\n", body));
  };
  EXPECT_THAT(put("/a%2Fb", "1234"), EndsWith("PUT /a%2Fb 1"));
  EXPECT_THAT(put("/a/b", "12"), EndsWith("PUT /a/b 1"));
  const std::string refused = put("/a/b", "1234");
  EXPECT_THAT(refused, StartsWith("HTTP/1.1 413"));
  EXPECT_THAT(refused, EndsWith("no PUT /a/b"));
}

TEST_F(ServerLimitsTest, TheAnswerReachesAClientThatIsStillSending) {
  Start();
  TestSocket socket(server_->port());
  socket.Send("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\n");
  for (int i = 0; i < 100; ++i) socket.Send(std::string(10'000, 'x'));
  EXPECT_THAT(socket.ReadResponse(), StartsWith("HTTP/1.1 413"));
}

TEST_F(ServerLimitsTest, LargeHeadersAreRefused) {
  Start();
  EXPECT_THAT(
      Raw(absl::StrCat("GET / HTTP/1.1\r\nHost: x\r\nX: ", std::string(5000, 'x'), "\r\n\r\n")),
      StartsWith("HTTP/1.1 431"));
  EXPECT_THAT(Raw(absl::StrCat("GET /", std::string(5000, 'x'))), StartsWith("HTTP/1.1 431"));
}

TEST_F(ServerLimitsTest, MalformedRequestsGetJsonErrors) {
  Start();
  const std::string end = "\r\n\r\n";
  for (
      const char* bad : {
          "nonsense",
          "GET",
          "GET /",
          "GET / HTTP/1.1",                        // No Host.
          "GET / HTTP/1.1\r\nHost: a\r\nHost: b",  // Two.
          "GET /\x01 HTTP/1.1\r\nHost: x",
          "GET / HTTP/1.1\r\nHost: x\r\nBad Name: x",
          "GET / HTTP/1.1\r\nHost: x\r\n: x",
          "GET / HTTP/1.1\r\nHost: x\r\nX: a\x01z",
          "GET /%zz HTTP/1.1\r\nHost: x",
          "GET /../etc/passwd HTTP/1.1\r\nHost: x",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: -1",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nContent-Length: 2",
          "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 4\r\nTransfer-Encoding: chunked",  // Smuggling.
          "POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\nzz",
      }) {
    const std::string answer = Raw(bad + end);
    EXPECT_THAT(answer, StartsWith("HTTP/1.1 400")) << bad;
    EXPECT_THAT(answer, HasSubstr(R"("code":"MALFORMED_REQUEST")")) << bad;
  }
  EXPECT_THAT(Raw("GET / HTTP/2.0\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 505"));
  EXPECT_THAT(Raw("GET / HTTP/x.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 505"));
  for (const char* encoding : {"gzip", "gzip, chunked", "xchunked", "chunked, chunked"}) {
    EXPECT_THAT(Raw(absl::StrCat("POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: ", encoding,
                                 "\r\n\r\n")),
                testing::AnyOf(StartsWith("HTTP/1.1 501"), StartsWith("HTTP/1.1 400")))
        << encoding;
  }
  EXPECT_THAT(Raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 1\r\nExpect: tea\r\n\r\n"),
              StartsWith("HTTP/1.1 417"));
  EXPECT_EQ(handled_, 0);
  ExpectStillServing();
}

TEST_F(ServerLimitsTest, RandomBytesDoNoHarm) {
  Start();
  std::mt19937 random(11);
  const std::string request =
      "POST /small HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
  for (int i = 0; i < 300; ++i) {
    std::string mutated = request;
    for (int n = 1 + static_cast<int>(random() % 4); n > 0; --n) {
      mutated[random() % mutated.size()] = static_cast<char>(random());
    }
    TestSocket socket(server_->port());
    socket.Send(mutated);
    socket.CloseSending();
    socket.ReadAll();
  }
  ExpectStillServing();
}

TEST_F(ServerLimitsTest, AHeaderThatDripsIsNotWaitedFor) {
  Start({.header_timeout = absl::Milliseconds(300)});
  TestSocket socket(server_->port());
  const absl::Time start = absl::Now();
  socket.Send("GET / HTTP/1.1\r\n");
  while (!socket.AwaitInput(20)) socket.Send("X: y\r\n");
  EXPECT_THAT(socket.ReadAll(), IsEmpty());
  EXPECT_GE(absl::Now() - start, absl::Milliseconds(300));
  EXPECT_LT(absl::Now() - start, absl::Seconds(10));
  ExpectStillServing();
}

TEST_F(ServerLimitsTest, ABodyThatDoesNotComeIsNotWaitedFor) {
  Start({.body_timeout = absl::Milliseconds(200)});
  EXPECT_THAT(Raw("POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\npart"), IsEmpty());
  EXPECT_EQ(handled_, 0);
}

TEST_F(ServerLimitsTest, IdleConnectionsAreClosed) {
  Start({.idle_timeout = absl::Milliseconds(200)});
  EXPECT_THAT(Raw(""), IsEmpty());
  EXPECT_THAT(Raw("GET / HTTP/1.1\r\nHost: x\r\n\r\n"), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerLimitsTest, AConnectionThatAsksNothingIsClosedBeforeOneThatRests) {
  Start({.idle_timeout = absl::Hours(1), .header_timeout = absl::Milliseconds(100)});
  TestSocket used(server_->port());
  used.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(used.ReadResponse(), StartsWith("HTTP/1.1 200"));
  TestSocket silent(server_->port());
  ASSERT_TRUE(silent.AwaitInput(10'000)) << "the end";
  EXPECT_THAT(silent.ReadAll(), IsEmpty());
  EXPECT_TRUE(silent.closed());
  used.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(used.ReadResponse(), StartsWith("HTTP/1.1 200"));
}

TEST_F(ServerLimitsTest, AClientThatDoesNotReadIsCutOff) {
  absl::Notification cut_off;
  auto server = Server::Start({.write_timeout = absl::Milliseconds(200)},
                              {{.path = "/", .handler = [&](const Request&) {
                                  return Response::Streaming(
                                      "text/plain", [&](std::shared_ptr<Stream> stream) {
                                        while (stream->Write(std::string(1 << 20, 'x')).ok()) {
                                        }
                                        cut_off.Notify();
                                      });
                                }}});
  ASSERT_TRUE(server.ok());
  TestSocket socket((*server)->port());
  socket.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_TRUE(cut_off.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(ServerLimitsTest, ThereIsAMostOfConnections) {
  Start({.max_connections = 2});
  TestSocket first(server_->port());
  TestSocket second(server_->port());
  first.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  second.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first.ReadResponse(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(second.ReadResponse(), StartsWith("HTTP/1.1 200"));
  EXPECT_THAT(TestSocket(server_->port()).ReadAll(), IsEmpty());
  first.Send("GET / HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(first.ReadResponse(), StartsWith("HTTP/1.1 200"));
}

}  // namespace
}  // namespace selfology::http
