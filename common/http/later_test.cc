// Answers that come after the handler has returned.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <atomic>
#include <memory>
#include <set>
#include <stdexcept>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "absl/synchronization/notification.h"
#include "common/http/server.h"
#include "common/http/test_socket.h"

namespace selfology::http {
namespace {

using ::testing::EndsWith;
using ::testing::HasSubstr;
using ::testing::SizeIs;
using ::testing::StartsWith;

constexpr std::string_view kGet = "GET /later HTTP/1.1\r\nHost: x\r\n\r\n";

class LaterTest : public testing::Test {
 protected:
  void SetUp() override {
    auto server = Server::Start(
        {.worker_threads = 2},
        {{.path = "/later",
          .handler =
              [this](const Request&) {
                return Response::Later([this](std::shared_ptr<Responder> responder) {
                  absl::MutexLock lock(&mutex_);
                  waiting_.push_back(std::move(responder));
                });
              }},
         {.path = "/throws",
          .handler =
              [](const Request&) {
                return Response::Later(
                    [](const std::shared_ptr<Responder>&) { throw std::runtime_error("oh"); });
              }},
         {.path = "/now", .handler = [](const Request&) { return Response::Text("now"); }}});
    ASSERT_TRUE(server.ok()) << server.status();
    server_ = *std::move(server);
  }

  std::vector<std::shared_ptr<Responder>> Await(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto enough = [&] {
      mutex_.AssertReaderHeld();
      return waiting_.size() >= count;
    };
    EXPECT_TRUE(mutex_.AwaitWithTimeout(absl::Condition(&enough), absl::Seconds(20)));
    return std::exchange(waiting_, {});
  }

  absl::Mutex mutex_;
  std::vector<std::shared_ptr<Responder>> waiting_ ABSL_GUARDED_BY(mutex_);
  std::unique_ptr<Server> server_;
};

TEST_F(LaterTest, ManyWaitWithoutAThreadEach) {
  std::vector<std::unique_ptr<TestSocket>> clients;
  for (int i = 0; i < 100; ++i) {
    clients.push_back(std::make_unique<TestSocket>(server_->port()));
    clients.back()->Send(kGet);
  }
  const auto responders = Await(100);
  TestSocket other(server_->port());
  other.Send("GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(other.ReadResponse(), EndsWith("now"));
  for (const auto& responder : responders) {
    responder->Answer(Response::Text("late"));
    responder->Answer(Response::Text("again"));
  }
  for (const auto& client : clients) EXPECT_THAT(client->ReadResponse(), EndsWith("late"));
  // The connection goes on.
  clients[0]->Send("GET /now HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(clients[0]->ReadResponse(), EndsWith("now"));
}

TEST(InlineTest, HandlersMayRunOnTheIoThread) {
  absl::Mutex mutex;
  std::set<std::thread::id> threads;
  const auto note = [&] {
    absl::MutexLock lock(&mutex);
    threads.insert(std::this_thread::get_id());
  };
  const auto server = Server::Start(
      {}, {{.path = "/inline",
            .handler =
                [&](const Request&) {
                  note();
                  return Response::Later([](const std::shared_ptr<Responder>& responder) {
                    responder->Answer(Response::Text("done"));
                  });
                },
            .runs_inline = true}});
  ASSERT_TRUE(server.ok()) << server.status();
  for (int i = 0; i < 10; ++i) {
    TestSocket client((*server)->port());
    client.Send("GET /inline HTTP/1.1\r\nHost: x\r\n\r\n");
    EXPECT_THAT(client.ReadResponse(), EndsWith("done"));
  }
  EXPECT_THAT(threads, SizeIs(1));
}

TEST_F(LaterTest, AnAnswerMayBeAStream) {
  TestSocket client(server_->port());
  client.Send(kGet);
  Await(1)[0]->Answer(Response::Streaming("text/plain", [](const std::shared_ptr<Stream>& stream) {
    EXPECT_TRUE(stream->Write("piece").ok());
  }));
  EXPECT_THAT(client.ReadUntil("0\r\n\r\n"), HasSubstr("piece"));
}

TEST_F(LaterTest, WithoutAnAnswerThereIsAnError) {
  TestSocket client(server_->port());
  client.Send(kGet);
  Await(1).clear();
  EXPECT_THAT(client.ReadResponse(), StartsWith("HTTP/1.1 500"));
  TestSocket other(server_->port());
  other.Send("GET /throws HTTP/1.1\r\nHost: x\r\n\r\n");
  EXPECT_THAT(other.ReadResponse(), StartsWith("HTTP/1.1 500"));
}

TEST_F(LaterTest, RequestsThatFollowWaitForTheAnswer) {
  TestSocket client(server_->port());
  client.Send(absl::StrCat(kGet, "GET /now HTTP/1.1\r\nHost: x\r\n\r\n"));
  Await(1)[0]->Answer(Response::Text("late"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("late"));
  EXPECT_THAT(client.ReadResponse(), EndsWith("now"));
}

TEST_F(LaterTest, TellsOnceThatTheClientHasGone) {
  TestSocket client(server_->port());
  client.Send(kGet);
  const auto responder = Await(1)[0];
  absl::Notification gone;
  responder->OnHurry([&] { gone.Notify(); });
  client.Close();
  EXPECT_TRUE(gone.WaitForNotificationWithTimeout(absl::Seconds(20)));
  // Too late to be told of, so at once.
  absl::Notification again;
  responder->OnHurry([&] { again.Notify(); });
  EXPECT_TRUE(again.WaitForNotificationWithTimeout(absl::Seconds(20)));
  responder->Answer(Response::Text("to nobody"));
}

TEST_F(LaterTest, StopHurriesThoseWhoWait) {
  TestSocket client(server_->port());
  client.Send(kGet);
  const auto responder = Await(1)[0];
  responder->OnHurry([responder] { responder->Answer(Response::Text("last")); });
  server_->Stop(absl::Seconds(20));
  EXPECT_THAT(client.ReadResponse(), EndsWith("last"));
}

TEST_F(LaterTest, AResponderMayOutliveTheServer) {
  TestSocket client(server_->port());
  client.Send(kGet);
  const auto responder = Await(1)[0];
  server_->Stop(absl::ZeroDuration());
  server_ = nullptr;
  responder->OnHurry([] {});
  responder->Answer(Response::Text("late"));
  EXPECT_EQ(client.ReadAll(), "");
  EXPECT_TRUE(client.closed());
}

}  // namespace
}  // namespace selfology::http
