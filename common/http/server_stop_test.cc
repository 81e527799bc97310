// How a server ends.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <string>
#include <thread>

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

constexpr char kGet[] = "GET / HTTP/1.1\r\nHost: x\r\n\r\n";

std::unique_ptr<Server> Serve(Handler handler) {
  auto server = Server::Start({}, {{.path = "/", .handler = std::move(handler)}});
  EXPECT_TRUE(server.ok()) << server.status();
  return *std::move(server);
}

TEST(ServerStopTest, RequestsInFlightAreAnswered) {
  absl::Notification inside;
  auto server = Serve([&](const Request& request) {
    inside.Notify();
    while (!request.draining()) std::this_thread::yield();
    EXPECT_FALSE(request.call.Cancelled());
    return Response::Text("done");
  });
  TestSocket idle(server->port());
  TestSocket busy(server->port());
  busy.Send(kGet);
  inside.WaitForNotification();
  server->Stop(absl::Seconds(20));
  const std::string answer = busy.ReadAll();
  EXPECT_THAT(answer, HasSubstr("Connection: close"));
  EXPECT_THAT(answer, EndsWith("\r\n\r\ndone"));
  EXPECT_THAT(idle.ReadAll(), IsEmpty());
  EXPECT_FALSE(TestSocket(server->port()).connected());
}

TEST(ServerStopTest, PatienceEnds) {
  absl::Notification inside;
  auto server = Serve([&](const Request& request) {
    inside.Notify();
    while (!request.call.Cancelled()) std::this_thread::yield();
    return Response::Text("too late");
  });
  TestSocket socket(server->port());
  socket.Send(kGet);
  inside.WaitForNotification();
  server->Stop(absl::Milliseconds(50));
  EXPECT_THAT(socket.ReadAll(), IsEmpty());
  server->Stop();  // Again: nothing.
}

TEST(ServerStopTest, StreamsEndAndTheirHandlesMayStay) {
  std::shared_ptr<Stream> kept;
  absl::Notification open;
  auto server = Serve([&](const Request&) {
    return Response::Streaming("text/plain", [&](std::shared_ptr<Stream> stream) {
      kept = std::move(stream);
      open.Notify();
    });
  });
  TestSocket socket(server->port());
  socket.Send(kGet);
  open.WaitForNotification();
  socket.ReadUntil("\r\n\r\n");
  server.reset();
  EXPECT_TRUE(kept->closed());
  EXPECT_TRUE(absl::IsUnavailable(kept->Write("late")));
  EXPECT_THAT(socket.ReadAll(), IsEmpty());
}

TEST(ServerStopTest, AStreamInFlightMayFinish) {
  absl::Notification open;
  auto server = Serve([&](const Request& request) {
    return Response::Streaming("text/plain", [&](std::shared_ptr<Stream> stream) {
      open.Notify();
      while (!request.draining()) std::this_thread::yield();
      EXPECT_TRUE(stream->Write("the end").ok());
    });
  });
  TestSocket socket(server->port());
  socket.Send(kGet);
  open.WaitForNotification();
  server->Stop(absl::Seconds(20));
  EXPECT_THAT(socket.ReadAll(), EndsWith("\r\n\r\n7\r\nthe end\r\n0\r\n\r\n"));
}

TEST(ServerStopTest, UnderLoadNothingIsLostHalfway) {
  for (int round = 0; round < 20; ++round) {
    auto server = Serve([](const Request&) { return Response::Text("whole"); });
    std::atomic<bool> stopped = false;
    std::vector<std::thread> clients;
    std::atomic<int> answered = 0;
    for (int i = 0; i < 4; ++i) {
      clients.emplace_back([&] {
        while (!stopped) {
          TestSocket socket(server->port());
          if (!socket.connected()) return;
          while (socket.Send(kGet)) {
            const std::string answer = socket.ReadResponse();
            if (answer.empty()) break;
            EXPECT_THAT(answer, EndsWith("\r\n\r\nwhole"));
            ++answered;
          }
        }
      });
    }
    while (answered < 100) std::this_thread::yield();
    server->Stop(absl::Seconds(20));
    stopped = true;
    for (std::thread& client : clients) client.join();
  }
}

}  // namespace
}  // namespace selfology::http
