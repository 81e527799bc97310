#include "services/edge/realtime/socket_io/server.h"

#include <atomic>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/http/client.h"
#include "common/http/server.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/edge/realtime/socket_io/client_test.h"

namespace selfology::realtime::socket_io {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::StartsWith;

constexpr absl::Duration kPatience = absl::Seconds(20);

class SocketServerTest : public testing::Test {
 protected:
  void Start(std::vector<Namespace> namespaces, Options options = {}) {
    if (options.engine.origins.empty()) options.engine.origins = {"https://good.example"};
    sockets_ = std::make_unique<Server>(options, std::move(namespaces));
    auto server =
        http::Server::Start({}, sockets_->engine().Routes(), sockets_->engine().WebSocketRoutes());
    ASSERT_TRUE(server.ok()) << server.status();
    http_ = *std::move(server);
  }
  void TearDown() override {
    if (sockets_ != nullptr) sockets_->Stop();
    if (http_ != nullptr) http_->Stop();
  }

  http::ClientResponse Send(std::string method, const std::string& query, std::string body = "",
                            http::Headers headers = {}) {
    const auto response = client_.Send(
        Call::Background(kPatience),
        {.method = std::move(method),
         .url = absl::StrCat("http://127.0.0.1:", http_->port(), "/socket.io/?", query),
         .headers = std::move(headers),
         .body = std::move(body)});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::ClientResponse());
  }
  // The body of a poll.
  std::string Poll(const std::string& sid) {
    return Send("GET", "EIO=4&transport=polling&sid=" + sid).body;
  }
  std::string Post(const std::string& sid, const std::string& body) {
    return Send("POST", "EIO=4&transport=polling&sid=" + sid, body).body;
  }
  std::string OpenByPolling() {
    const std::string body = Send("GET", "EIO=4&transport=polling").body;
    return Json::parse(body.substr(1))["sid"];
  }

  http::Client client_{{}};
  std::unique_ptr<Server> sockets_;
  std::unique_ptr<http::Server> http_;
};

Namespace Echo(std::string name = "/") {
  return {.name = std::move(name),
          .event = [](const SocketPtr& socket, const std::string& event, const Json& arguments,
                      const Acknowledge& acknowledge) {
            if (acknowledge != nullptr) {
              acknowledge(arguments);
              acknowledge(Json::array({"again"}));
            } else {
              socket->Emit(event + "-back", arguments);
            }
          }};
}

TEST_F(SocketServerTest, EventsAndAcknowledgementsGoBothWays) {
  absl::Notification answered, unanswered;
  Start({{.name = "/",
          .connected =
              [&](const SocketPtr& socket, const Json& auth) {
                socket->Emit("hello", Json::array({auth}));
                socket->Emit("question", Json::array({1}), kPatience,
                             [&](const absl::StatusOr<Json>& answer) {
                               ASSERT_TRUE(answer.ok()) << answer.status();
                               EXPECT_EQ(*answer, Json::array({"yes"}));
                               answered.Notify();
                             });
                socket->Emit("ignored", Json::array(), absl::Milliseconds(1),
                             [&](const absl::StatusOr<Json>& answer) {
                               EXPECT_TRUE(absl::IsDeadlineExceeded(answer.status()));
                               unanswered.Notify();
                             });
              },
          .event = Echo().event}});
  TestDevice device(http_->port(), Json{{"a", 1}});
  EXPECT_THAT(device.Next(), StartsWith("40{\"sid\":"));
  EXPECT_EQ(device.Next(), R"(42["hello",{"a":1}])");
  EXPECT_EQ(device.Next(), R"(420["question",1])");
  device.Write(R"(430["yes"])");
  EXPECT_TRUE(answered.WaitForNotificationWithTimeout(kPatience));
  EXPECT_TRUE(unanswered.WaitForNotificationWithTimeout(kPatience));
  EXPECT_EQ(device.Next(), R"(421["ignored"])");
  device.Write(R"(42["x",1])");
  EXPECT_EQ(device.Next(), R"(42["x-back",1])");
  EXPECT_EQ(device.Ask("x", 5), 5);
  device.Write(R"(42["y"])");
  EXPECT_EQ(device.Next(), R"(42["y-back"])");  // Nothing is acknowledged twice.
}

TEST_F(SocketServerTest, RefusesWithTheReasonThatTheRoomGives) {
  std::atomic<bool> entered = false;
  Start({{.connect = [](const SocketPtr&, const Json&) { return absl::NotFoundError("not you"); },
          .connected = [&](const SocketPtr&, const Json&) { entered = true; }}});
  TestDevice device(http_->port(), Json::object());
  EXPECT_EQ(device.Next(), R"(44{"message":"not you"})");
  device.Write(R"(42["x"])");
  EXPECT_EQ(device.Next(), "closed");
  EXPECT_FALSE(entered);
}

TEST_F(SocketServerTest, RoomsReachTheirMembersInTheirNamespace) {
  absl::Mutex mutex;
  std::vector<std::string> left;
  Start({{.name = "/",
          .connected = [](const SocketPtr& socket,
                          const Json& auth) { socket->Join(auth["room"].get<std::string>()); },
          .event =
              [](const SocketPtr& socket, const std::string&, const Json&,
                 const Acknowledge& acknowledge) {
                socket->Leave("b");
                acknowledge(Json::array({0}));
              },
          .disconnected =
              [&](const SocketPtr&, std::string_view reason) {
                absl::MutexLock lock(&mutex);
                left.emplace_back(reason);
              }},
         {.name = "/other",
          .connected = [](const SocketPtr& socket, const Json&) { socket->Join("a"); }}});
  TestDevice one(http_->port(), Json{{"room", "a"}}), two(http_->port(), Json{{"room", "a"}}),
      three(http_->port(), Json{{"room", "b"}});
  for (TestDevice* device : {&one, &two, &three}) EXPECT_THAT(device->Next(), StartsWith("40"));
  EXPECT_EQ(three.Ask("leave", 0), 0);
  EXPECT_EQ(sockets_->To("/", "b").size(), 0u);
  EXPECT_EQ(sockets_->To("/", "a").size(), 2u);
  sockets_->To("/", "a").Emit("news", Json::array({1, "two"}));
  sockets_->To("/other", "a").Emit("news", Json::array({"for nobody"}));
  EXPECT_EQ(one.Next(), R"(42["news",1,"two"])");
  EXPECT_EQ(two.Next(), R"(42["news",1,"two"])");
  one.Write("41");
  two.Drop();
  const auto both = [&] {
    mutex.AssertReaderHeld();
    return left.size() == 2;
  };
  {
    absl::MutexLock lock(&mutex);
    EXPECT_TRUE(mutex.AwaitWithTimeout(absl::Condition(&both), kPatience));
    EXPECT_THAT(left,
                ::testing::UnorderedElementsAre("client namespace disconnect", "transport close"));
  }
  EXPECT_EQ(sockets_->To("/", "a").size(), 0u);
  sockets_->Stop();  // While there still is what it tells of the third one.
}

TEST_F(SocketServerTest, TheServerMayDisconnect) {
  Start({{.event = [](const SocketPtr& socket, const std::string& event, const Json&,
                      const Acknowledge&) { socket->Disconnect(event == "all"); }},
         Echo("/other")});
  TestDevice device(http_->port(), Json::object());
  EXPECT_THAT(device.Next(), StartsWith("40"));
  device.Write("40/other,");
  EXPECT_THAT(device.Next(), StartsWith("40/other,"));
  device.Write(R"(42["here"])");
  EXPECT_EQ(device.Next(), "41");
  device.Write(R"(42/other,["x"])");
  EXPECT_EQ(device.Next(), R"(42/other,["x-back"])");
  device.Write("40");
  EXPECT_THAT(device.Next(), StartsWith("40"));
  device.Write(R"(42["all"])");
  EXPECT_EQ(device.Next(), "41");
  EXPECT_EQ(device.Next(), "closed");
}

TEST_F(SocketServerTest, PollingIsAsGoodAsAWebSocket) {
  Start({Echo()});
  const std::string sid = OpenByPolling();
  EXPECT_EQ(Post(sid, "40"), "ok");
  EXPECT_THAT(Poll(sid), StartsWith("40{"));
  EXPECT_EQ(Post(sid, "42[\"x\",1]"), "ok");
  EXPECT_EQ(Poll(sid), R"(42["x-back",1])");
  EXPECT_EQ(Post(sid,
                 "451-[\"x\",{\"_placeholder\":true,\"num\":0}]\x1e"
                 "bAQID"),
            "ok");
  std::string back = Poll(sid);
  EXPECT_EQ(back,
            "451-[\"x-back\",{\"_placeholder\":true,\"num\":0}]\x1e"
            "bAQID");
  EXPECT_EQ(Post(sid, "1"), "ok");
  EXPECT_THAT(Poll(sid), HasSubstr("Session ID unknown"));
}

TEST_F(SocketServerTest, ClientsOfSocketIo2AreServed) {
  Start({{.name = "/",
          .connected = [](const SocketPtr& socket,
                          const Json& auth) { socket->Emit("auth", Json::array({auth["token"]})); },
          .event = Echo().event},
         Echo("/other")});
  const auto poll = [&](const std::string& more) {
    return Send("GET", "EIO=3&transport=polling&b64=1" + more).body;
  };
  const std::string opened = poll("&token=secret");
  const std::string sid = Json::parse(opened.substr(opened.find('{')))["sid"];
  std::string all;
  while (!absl::StrContains(all, "auth")) all += poll("&sid=" + sid);
  EXPECT_EQ(all, "2:4019:42[\"auth\",\"secret\"]");
  Send("POST", "EIO=3&transport=polling&sid=" + sid, "11:40/unknown,");
  EXPECT_EQ(poll("&sid=" + sid), "30:44/unknown,\"Invalid namespace\"");
}

TEST_F(SocketServerTest, OnlyListedOriginsMayCome) {
  Start({Echo()});
  const std::string query = "EIO=4&transport=polling";
  auto response = Send("GET", query, "", {{"Origin", "https://good.example"}});
  EXPECT_EQ(response.status, 200);
  EXPECT_EQ(response.headers.Get("Access-Control-Allow-Origin"), "https://good.example");
  EXPECT_EQ(response.headers.Get("Access-Control-Allow-Credentials"), "true");
  EXPECT_EQ(response.headers.Get("Vary"), "Origin");
  response = Send("GET", query, "", {{"Origin", "https://evil.example"}});
  EXPECT_EQ(response.status, 403);
  EXPECT_EQ(response.headers.Get("Access-Control-Allow-Origin"), std::nullopt);
  response = Send("OPTIONS", query, "", {{"Origin", "https://good.example"}});
  EXPECT_EQ(response.status, 204);
  EXPECT_EQ(response.headers.Get("Access-Control-Allow-Methods"), "GET, POST");
  // An error is to be read, too.
  response = Send("GET", "EIO=9&transport=polling", "", {{"Origin", "https://good.example"}});
  EXPECT_EQ(response.status, 400);
  EXPECT_THAT(response.body, HasSubstr("Unsupported protocol version"));
  EXPECT_TRUE(response.headers.Get("Access-Control-Allow-Origin").has_value());
}

TEST_F(SocketServerTest, AnyOriginIsWithoutCredentials) {
  Start({Echo()}, {.engine = {.origins = {"*"}}});
  const auto response =
      Send("GET", "EIO=4&transport=polling", "", {{"Origin", "https://any.example"}});
  EXPECT_EQ(response.headers.Get("Access-Control-Allow-Origin"), "*");
  EXPECT_EQ(response.headers.Get("Access-Control-Allow-Credentials"), std::nullopt);
}

TEST_F(SocketServerTest, WhoNeverEntersIsClosed) {
  Start({Echo()}, {.connect_timeout = absl::Milliseconds(50)});
  TestDevice device(http_->port());
  EXPECT_EQ(device.Next(), "closed");
}

TEST_F(SocketServerTest, ASlowClientIsDroppedAndTheOthersDoNotNotice) {
  absl::Notification dropped;
  std::string why;
  Start({{.name = "/",
          .connected = [](const SocketPtr& socket,
                          const Json& auth) { socket->Join(auth["room"].get<std::string>()); },
          .event = Echo().event,
          .disconnected =
              [&](const SocketPtr&, std::string_view reason) {
                if (dropped.HasBeenNotified()) return;
                why = std::string(reason);
                dropped.Notify();
              }}});
  TestDevice quick(http_->port(), Json{{"room", "quick"}});
  EXPECT_THAT(quick.Next(), StartsWith("40"));
  TestDevice slow(http_->port(), Json{{"room", "slow"}});
  EXPECT_THAT(slow.Next(), StartsWith("40"));
  const Json large = Json::array({std::string(100'000, 'x')});
  while (!dropped.HasBeenNotified()) sockets_->To("/", "slow").Emit("large", large);
  EXPECT_EQ(why, "client too slow");
  EXPECT_EQ(quick.Ask("x", 1), 1);
  EXPECT_EQ(sockets_->engine().sessions(), 1u);
  sockets_->Stop();  // While there still is what it tells of the quick one.
}

TEST_F(SocketServerTest, StopTellsAll) {
  Start({Echo()});
  TestDevice device(http_->port(), Json::object());
  EXPECT_THAT(device.Next(), StartsWith("40"));
  sockets_->Stop();
  EXPECT_EQ(device.Next(), "closed");
  EXPECT_EQ(Send("GET", "EIO=4&transport=polling").status, 400);
}

}  // namespace
}  // namespace selfology::realtime::socket_io
