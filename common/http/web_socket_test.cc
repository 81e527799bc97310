#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <boost/asio/connect.hpp>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/blocking_counter.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/http/server.h"
#include "common/http/test_socket.h"
#include "common/status/status.h"

namespace selfology::http {
namespace {

using ::testing::HasSubstr;
using ::testing::StartsWith;
namespace net = boost::asio;
namespace websocket = boost::beast::websocket;

// Another implementation's client would be better still; Beast's is at least a full one.
class WebSocketClient {
 public:
  boost::system::error_code Open(uint16_t port, const std::string& path) {
    boost::system::error_code error;
    stream_.next_layer().connect({net::ip::address_v4::loopback(), port}, error);
    if (!error) stream_.handshake("127.0.0.1", path, error);
    return error;
  }
  bool Send(const std::string& text) {
    boost::system::error_code error;
    stream_.text(true);
    stream_.write(net::buffer(text), error);
    return !error;
  }
  bool SendBinary(const std::string& bytes) {
    boost::system::error_code error;
    stream_.binary(true);
    stream_.write(net::buffer(bytes), error);
    return !error;
  }
  void OfferCompression() {
    websocket::permessage_deflate deflate;
    deflate.client_enable = true;
    stream_.set_option(deflate);
  }
  bool got_binary() const { return stream_.got_binary(); }
  // "closed <code>" at the end.
  std::string Receive() {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    stream_.read(buffer, error);
    if (error == websocket::error::closed) return absl::StrCat("closed ", stream_.reason().code);
    return error ? "lost" : boost::beast::buffers_to_string(buffer.cdata());
  }
  void Close() {
    boost::system::error_code ignored;
    stream_.close(websocket::close_code::normal, ignored);
  }
  void Drop() { stream_.next_layer().close(); }

 private:
  net::io_context io_;
  websocket::stream<net::ip::tcp::socket> stream_{io_};
};

class WebSocketTest : public testing::Test {
 protected:
  void Start(WebSocketRoute route, Server::Options options = {}) {
    route.path = "/socket";
    auto server = Server::Start(
        std::move(options),
        {{.path = "/", .handler = [](const Request&) { return Response::Text("plain"); }}},
        {std::move(route)});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::unique_ptr<Server> server_;
};

TEST_F(WebSocketTest, EchoesInOrderAndTellsTheEnd) {
  std::atomic<int> opened = 0;
  absl::Notification closed;
  Start({.opened =
             [&](const std::shared_ptr<WebSocket>& socket) {
               ++opened;
               EXPECT_EQ(socket->request().Parameter("room"), "7");
               EXPECT_TRUE(socket->Send("hello").ok());
             },
         .received =
             [&](const std::shared_ptr<WebSocket>& socket, const std::string& message) {
               EXPECT_TRUE(socket->Send("echo " + message).ok());
             },
         .closed =
             [&](const std::shared_ptr<WebSocket>& socket) {
               EXPECT_TRUE(socket->request().call.Cancelled());
               EXPECT_TRUE(absl::IsUnavailable(socket->Send("late")));
               closed.Notify();
             }});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket?room=7"));
  EXPECT_EQ(client.Receive(), "hello");
  for (int i = 0; i < 100; ++i) ASSERT_TRUE(client.Send(absl::StrCat(i)));
  for (int i = 0; i < 100; ++i) EXPECT_EQ(client.Receive(), absl::StrCat("echo ", i));
  client.Close();
  EXPECT_TRUE(closed.WaitForNotificationWithTimeout(absl::Seconds(20)));
  EXPECT_EQ(opened, 1);
}

TEST_F(WebSocketTest, AcceptMayRefuse) {
  Start({.accept = [](const Request& request) {
    return request.Parameter("token") == "good"
               ? absl::OkStatus()
               : status::Error(absl::StatusCode::kUnauthenticated, "TOKEN_BAD", "no");
  }});
  WebSocketClient good;
  EXPECT_FALSE(good.Open(server_->port(), "/socket?token=good"));
  WebSocketClient bad;
  EXPECT_TRUE(bad.Open(server_->port(), "/socket?token=bad"));
  TestSocket raw(server_->port());
  raw.Send(
      "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n");
  const std::string answer = raw.ReadResponse();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 401"));
  EXPECT_THAT(answer, HasSubstr("TOKEN_BAD"));
}

TEST_F(WebSocketTest, PlainRequestsAreTurnedAway) {
  Start({});
  TestSocket socket(server_->port());
  socket.Send("GET /socket HTTP/1.1\r\nHost: x\r\n\r\n");
  const std::string answer = socket.ReadResponse();
  EXPECT_THAT(answer, StartsWith("HTTP/1.1 426"));
  EXPECT_THAT(answer, HasSubstr("Upgrade: websocket"));
}

TEST_F(WebSocketTest, LargeMessagesEndTheSocket) {
  absl::Notification closed;
  Start({.closed = [&](const auto&) { closed.Notify(); }}, {.max_web_socket_message_bytes = 100});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  client.Send(std::string(101, 'x'));
  EXPECT_EQ(client.Receive(), "closed 1009");
  EXPECT_TRUE(closed.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(WebSocketTest, BinaryMessagesGoBothWaysApartFromText) {
  Start(
      {.received = [](const std::shared_ptr<WebSocket>& socket,
                      const std::string& text) { EXPECT_TRUE(socket->Send("text " + text).ok()); },
       .received_binary =
           [](const std::shared_ptr<WebSocket>& socket, const std::string& bytes) {
             EXPECT_TRUE(socket->SendBinary("bytes " + bytes).ok());
           }});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  const std::string bytes("\0\xff\x1e", 3);
  ASSERT_TRUE(client.SendBinary(bytes));
  EXPECT_EQ(client.Receive(), "bytes " + bytes);
  EXPECT_TRUE(client.got_binary());
  ASSERT_TRUE(client.Send("a"));
  EXPECT_EQ(client.Receive(), "text a");
  EXPECT_FALSE(client.got_binary());
}

TEST_F(WebSocketTest, WithoutAFunctionForThemBinaryMessagesAreReceivedLikeText) {
  Start({.received = [](const std::shared_ptr<WebSocket>& socket, const std::string& message) {
    EXPECT_TRUE(socket->Send(message).ok());
  }});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  ASSERT_TRUE(client.SendBinary("x"));
  EXPECT_EQ(client.Receive(), "x");
}

TEST_F(WebSocketTest, ARouteMayTakeLargerMessagesThanTheServer) {
  Start({.received = [](const std::shared_ptr<WebSocket>& socket,
                        const std::string& message) { EXPECT_TRUE(socket->Send(message).ok()); },
         .max_message_bytes = 1'000'000},
        {.max_web_socket_message_bytes = 100});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  const std::string largest(1'000'000, 'x');
  ASSERT_TRUE(client.Send(largest));
  EXPECT_EQ(client.Receive(), largest);
  client.Send(largest + "x");
  EXPECT_EQ(client.Receive(), "closed 1009");
}

TEST_F(WebSocketTest, FunctionsMayRunOnTheIoThread) {
  absl::Mutex mutex;
  std::set<std::thread::id> threads;
  absl::Notification closed;
  const auto note = [&] {
    absl::MutexLock lock(&mutex);
    threads.insert(std::this_thread::get_id());
  };
  Start({.opened = [&](const auto&) { note(); },
         .received =
             [&](const std::shared_ptr<WebSocket>& socket, const std::string& message) {
               note();
               if (message == "throw") throw std::runtime_error("oh");
               EXPECT_TRUE(socket->Send(message).ok());
             },
         .closed =
             [&](const auto&) {
               note();
               closed.Notify();
             },
         .runs_inline = true});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  for (int i = 0; i < 10; ++i) {
    ASSERT_TRUE(client.Send("x"));
    EXPECT_EQ(client.Receive(), "x");
  }
  client.Send("throw");
  EXPECT_EQ(client.Receive(), "closed 1011");
  EXPECT_TRUE(closed.WaitForNotificationWithTimeout(absl::Seconds(20)));
  absl::MutexLock lock(&mutex);
  EXPECT_EQ(threads.size(), 1u);
}

TEST_F(WebSocketTest, ARouteMayCompress) {
  Start({.received = [](const std::shared_ptr<WebSocket>& socket,
                        const std::string& message) { EXPECT_TRUE(socket->Send(message).ok()); },
         .max_message_bytes = 1'000'000,
         .compress = true});
  WebSocketClient client;
  client.OfferCompression();
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  for (const size_t size : {1, 5'000, 900'000}) {
    std::string message;
    while (message.size() < size) absl::StrAppend(&message, message.size(), " ");
    ASSERT_TRUE(client.Send(message));
    EXPECT_EQ(client.Receive(), message);
  }
  TestSocket raw(server_->port());
  raw.Send(
      "GET /socket HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n"
      "Sec-WebSocket-Extensions: permessage-deflate\r\n\r\n");
  EXPECT_THAT(raw.ReadUntil("\r\n\r\n"), HasSubstr("Sec-WebSocket-Extensions: permessage-deflate"));
}

TEST_F(WebSocketTest, TheServerMayCloseAfterALastWord) {
  Start({.opened = [](const std::shared_ptr<WebSocket>& socket) {
    EXPECT_TRUE(socket->Send("bye").ok());
    socket->Close(4001, "enough");
  }});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  EXPECT_EQ(client.Receive(), "bye");
  EXPECT_EQ(client.Receive(), "closed 4001");
}

TEST_F(WebSocketTest, FunctionsThatThrowEndTheSocket) {
  absl::Notification closed;
  Start({.received = [](const auto&, const std::string&) { throw std::runtime_error("oh"); },
         .closed = [&](const auto&) { closed.Notify(); }});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  client.Send("x");
  EXPECT_EQ(client.Receive(), "closed 1011");
  EXPECT_TRUE(closed.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(WebSocketTest, ClientsThatVanishOrDoNotReadAreFound) {
  absl::Notification closed, refused;
  Start({.opened =
             [&](const std::shared_ptr<WebSocket>& socket) {
               absl::Status sent;
               while (sent.ok()) sent = socket->Send(std::string(100'000, 'x'));
               EXPECT_EQ(sent.code(), absl::StatusCode::kResourceExhausted);
               refused.Notify();
             },
         .closed = [&](const auto&) { closed.Notify(); }});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  EXPECT_TRUE(refused.WaitForNotificationWithTimeout(absl::Seconds(20)));
  client.Drop();
  EXPECT_TRUE(closed.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(WebSocketTest, ASlowClientsSocketCanBeDropped) {
  absl::Notification closed;
  Start({.opened =
             [](const std::shared_ptr<WebSocket>& socket) {
               while (socket->Send(std::string(100'000, 'x')).ok()) {
               }
               EXPECT_GE(socket->unsent_bytes(), 1u << 20);
               socket->Drop();
             },
         .closed =
             [&](const std::shared_ptr<WebSocket>& socket) {
               EXPECT_EQ(socket->unsent_bytes(), 0u);
               closed.Notify();
             }});
  WebSocketClient client;
  ASSERT_FALSE(client.Open(server_->port(), "/socket"));
  EXPECT_TRUE(closed.WaitForNotificationWithTimeout(absl::Seconds(20)));
}

TEST_F(WebSocketTest, StopSaysGoingAway) {
  std::vector<std::shared_ptr<WebSocket>> kept;
  absl::Mutex mutex;
  std::atomic<int> closed = 0;
  Start({.opened =
             [&](const std::shared_ptr<WebSocket>& socket) {
               absl::MutexLock lock(&mutex);
               kept.push_back(socket);
             },
         .closed = [&](const auto&) { ++closed; }});
  std::vector<std::thread> threads;
  absl::BlockingCounter open(20);
  for (int i = 0; i < 20; ++i) {
    threads.emplace_back([&] {
      WebSocketClient client;
      EXPECT_FALSE(client.Open(server_->port(), "/socket"));
      open.DecrementCount();
      EXPECT_EQ(client.Receive(), "closed 1001");
    });
  }
  open.Wait();
  server_->Stop(absl::Seconds(20));
  for (std::thread& thread : threads) thread.join();
  EXPECT_EQ(closed, 20);
  for (const auto& socket : kept) {
    EXPECT_TRUE(absl::IsUnavailable(socket->Send("late")));
    socket->Close();
  }
}

}  // namespace
}  // namespace selfology::http
