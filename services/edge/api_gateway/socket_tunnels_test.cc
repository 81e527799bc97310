#include "services/edge/api_gateway/socket_tunnels.h"

#include <atomic>
#include <boost/asio/ip/tcp.hpp>
#include <boost/beast/core/buffers_to_string.hpp>
#include <boost/beast/core/flat_buffer.hpp>
#include <boost/beast/websocket/stream.hpp>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::api_gateway {
namespace {

namespace net = boost::asio;
namespace websocket = boost::beast::websocket;

constexpr char kPath[] = "/api/notifications/websocket";
constexpr absl::Duration kPatience = absl::Seconds(30);

class Client {
 public:
  using Headers = std::map<std::string, std::string>;

  bool Open(uint16_t port, const std::string& path, const Headers& headers = {}) {
    boost::system::error_code error;
    stream_.next_layer().connect({net::ip::address_v4::loopback(), port}, error);
    if (error) return false;
    stream_.set_option(websocket::stream_base::decorator([&](websocket::request_type& upgrade) {
      for (const auto& [name, value] : headers) upgrade.set(name, value);
    }));
    stream_.handshake(absl::StrCat("127.0.0.1:", port), path, error);
    return !error;
  }
  void Say(const std::string& message, bool binary = false) {
    boost::system::error_code error;
    stream_.binary(binary);
    stream_.write(net::buffer(message), error);
    EXPECT_FALSE(error) << error.message();
  }
  // "closed <code>" at the end.
  std::string Hear() {
    boost::beast::flat_buffer buffer;
    boost::system::error_code error;
    stream_.read(buffer, error);
    if (error == websocket::error::closed) return absl::StrCat("closed ", stream_.reason().code);
    return error ? "lost" : boost::beast::buffers_to_string(buffer.cdata());
  }
  bool heard_binary() const { return stream_.got_binary(); }
  void Drop() { stream_.next_layer().close(); }

 private:
  net::io_context io_;
  websocket::stream<net::ip::tcp::socket> stream_{io_};
};

// A gateway with tunnels to a service that says what it hears.
class SocketTunnelsTest : public ::testing::Test {
 protected:
  void SetUp() override {
    service_ = Serve(
        {.path = kPath,
         .accept =
             [](const http::Request& request) {
               return request.Parameter("token") == "bad"
                          ? status::Error(absl::StatusCode::kUnauthenticated, "TOKEN_BAD", "no")
                          : absl::OkStatus();
             },
         .opened =
             [this](const std::shared_ptr<http::WebSocket>& socket) {
               ++at_service_;
               if (opened_) opened_(socket);
             },
         .received =
             [](const std::shared_ptr<http::WebSocket>& socket, const std::string& message) {
               if (message == "go away") return socket->Close(4001, "you asked for it");
               EXPECT_TRUE(socket->Send(absl::StrCat("echo ", message)).ok());
             },
         .received_binary =
             [](const std::shared_ptr<http::WebSocket>& socket, const std::string& bytes) {
               EXPECT_TRUE(socket->SendBinary(absl::StrCat("echo ", bytes)).ok());
             },
         .closed = [this](const std::shared_ptr<http::WebSocket>&) { --at_service_; },
         .max_message_bytes = 1 << 20});
    tunnels_.emplace(SocketTunnels::Options{.address_of = [this](const Call& call) {
      return address_of_ ? address_of_(call) : absl::StrCat("127.0.0.1:", service_->port());
    }});
    gateway_ = Serve(tunnels_->Route(kPath));
  }
  void TearDown() override {
    gateway_->Stop(absl::ZeroDuration());
    tunnels_->Stop();
  }

  static std::unique_ptr<http::Server> Serve(http::WebSocketRoute route) {
    auto server = http::Server::Start({}, {}, {std::move(route)});
    EXPECT_TRUE(server.ok()) << server.status();
    return server.ok() ? *std::move(server) : nullptr;
  }

  // What comes of a client that only listens.
  std::string Outcome(const std::string& path) {
    Client client;
    return client.Open(gateway_->port(), path) ? client.Hear() : "not opened";
  }

  void AwaitNone() {
    const absl::Time give_up = absl::Now() + kPatience;
    while ((tunnels_->open() > 0 || at_service_ > 0) && absl::Now() < give_up) {
      absl::Notification().WaitForNotificationWithTimeout(absl::Milliseconds(5));
    }
    EXPECT_EQ(tunnels_->open(), 0u);
    EXPECT_EQ(at_service_, 0) << "connections that the service still has";
  }

  // Before clients come; null: as usual.
  std::function<void(const std::shared_ptr<http::WebSocket>&)> opened_;
  std::function<absl::StatusOr<std::string>(const Call&)> address_of_;
  std::atomic<int> at_service_ = 0;
  std::unique_ptr<http::Server> service_;
  std::optional<SocketTunnels> tunnels_;
  std::unique_ptr<http::Server> gateway_;
};

TEST_F(SocketTunnelsTest, PassesMessagesOnInOrderBothWays) {
  Client client;
  ASSERT_TRUE(client.Open(gateway_->port(), kPath));
  // Also those from before the service is reached.
  for (int i = 0; i < 100; ++i) client.Say(absl::StrCat(i), i % 2 == 1);
  for (int i = 0; i < 100; ++i) {
    EXPECT_EQ(client.Hear(), absl::StrCat("echo ", i));
    EXPECT_EQ(client.heard_binary(), i % 2 == 1);
  }
  const std::string long_one(900'000, 'x');
  client.Say(long_one);
  EXPECT_EQ(client.Hear(), absl::StrCat("echo ", long_one));
  EXPECT_EQ(tunnels_->open(), 1u);
  client.Drop();
  AwaitNone();
}

TEST_F(SocketTunnelsTest, TheServiceHearsWhoComes) {
  opened_ = [](const std::shared_ptr<http::WebSocket>& socket) {
    const http::Request& request = socket->request();
    EXPECT_TRUE(
        socket
            ->Send(absl::StrCat(request.path, " room ", request.Parameter("room").value_or(""),
                                " for ", request.headers.Get("Authorization").value_or("nobody"),
                                " from ", request.headers.Get("Origin").value_or("here")))
            .ok());
  };
  const auto first_words = [&](const Client::Headers& headers) {
    Client client;
    EXPECT_TRUE(client.Open(gateway_->port(), absl::StrCat(kPath, "?room=a%20b"), headers));
    return client.Hear();
  };
  EXPECT_EQ(first_words({{"Authorization", "Bearer t"}, {"Origin", "https://elsewhere.example"}}),
            absl::StrCat(kPath, " room a b for Bearer t from https://elsewhere.example"));
  // The gateway's own pages.
  EXPECT_EQ(first_words({{"Origin", absl::StrCat("http://127.0.0.1:", gateway_->port())}}),
            absl::StrCat(kPath, " room a b for nobody from here"));
  AwaitNone();
}

TEST_F(SocketTunnelsTest, SaysWhyThereIsNone) {
  EXPECT_EQ(Outcome(absl::StrCat(kPath, "?token=bad")), "closed 1008");
  Client client;
  ASSERT_TRUE(client.Open(gateway_->port(), kPath));
  client.Say("go away");
  EXPECT_EQ(client.Hear(), "closed 4001") << "as the service says it";
  AwaitNone();
  address_of_ = [](const Call&) { return absl::UnavailableError("nobody is there"); };
  EXPECT_EQ(Outcome(kPath), "closed 1013");
  address_of_ = [](const Call&) { return std::string("127.0.0.1:1"); };
  EXPECT_EQ(Outcome(kPath), "closed 1013");
  address_of_ = [](const Call&) { return std::string("no address"); };
  EXPECT_EQ(Outcome(kPath), "closed 1013");
  AwaitNone();
}

TEST_F(SocketTunnelsTest, AServiceThatEndsEndsItsClients) {
  Client client;
  ASSERT_TRUE(client.Open(gateway_->port(), kPath));
  client.Say("hello");
  EXPECT_EQ(client.Hear(), "echo hello");
  service_->Stop(absl::ZeroDuration());
  EXPECT_THAT(client.Hear(), ::testing::AnyOf("closed 1001", "closed 1013"));
  AwaitNone();
}

// Whatever the tunnel is doing when its client goes: asking, connecting, shaking hands.
TEST_F(SocketTunnelsTest, ClientsThatAreGoneAtOnceLeaveNothingBehind) {
  for (int i = 0; i < 300; ++i) {
    Client client;
    ASSERT_TRUE(client.Open(gateway_->port(), kPath));
    if (i % 3 == 1) client.Say("hello");
    if (i % 3 == 2) EXPECT_EQ((client.Say("hello"), client.Hear()), "echo hello");
    client.Drop();
  }
  AwaitNone();
}

TEST_F(SocketTunnelsTest, ClientsThatGoBeforeTheServiceIsReachedLeaveNothingBehind) {
  struct Gate {
    absl::Notification asked, gone;
  };
  absl::Mutex mutex;
  std::shared_ptr<Gate> next;
  address_of_ = [&](const Call&) {
    const std::shared_ptr<Gate> gate = [&] {
      absl::MutexLock lock(&mutex);
      return next;
    }();
    gate->asked.Notify();
    gate->gone.WaitForNotification();
    return absl::StrCat("127.0.0.1:", service_->port());
  };
  for (int i = 0; i < 300; ++i) {
    const auto gate = std::make_shared<Gate>();
    {
      absl::MutexLock lock(&mutex);
      next = gate;
    }
    Client client;
    ASSERT_TRUE(client.Open(gateway_->port(), kPath));
    gate->asked.WaitForNotification();
    client.Drop();
    gate->gone.Notify();
  }
  AwaitNone();
  gateway_->Stop(absl::ZeroDuration());  // Its threads use what is of this test.
}

TEST_F(SocketTunnelsTest, WhatAClientDoesNotTakeTheServiceNotices) {
  absl::Notification noticed;
  opened_ = [&](const std::shared_ptr<http::WebSocket>& socket) {
    const std::string piece(100'000, 'x');
    absl::Status sent;
    // More than all sockets between them hold.
    for (int i = 0; i < 10'000 && sent.ok(); ++i) sent = socket->Send(piece);
    EXPECT_EQ(sent.code(), absl::StatusCode::kResourceExhausted) << sent;
    noticed.Notify();
    socket->Drop();
  };
  Client client;
  ASSERT_TRUE(client.Open(gateway_->port(), kPath));
  EXPECT_TRUE(noticed.WaitForNotificationWithTimeout(kPatience));
  client.Drop();
  AwaitNone();
}

TEST_F(SocketTunnelsTest, StoppedItTakesNoMore) {
  Client client;
  ASSERT_TRUE(client.Open(gateway_->port(), kPath));
  client.Say("hello");
  EXPECT_EQ(client.Hear(), "echo hello");
  tunnels_->Stop();
  EXPECT_EQ(tunnels_->open(), 0u);
  EXPECT_EQ(Outcome(kPath), "closed 1013");
}

}  // namespace
}  // namespace selfology::api_gateway
