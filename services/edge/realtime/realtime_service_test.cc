#include "services/edge/realtime/realtime_service.h"

#include <string>
#include <thread>
#include <utility>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "common/http/client.h"
#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/edge/realtime/realtime_fixture_test.h"
#include "services/edge/realtime/realtime_store.h"

namespace selfology::realtime {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class RealtimeServiceTest : public RealtimeTest {};

TEST_F(RealtimeServiceTest, ListsEventsPageByPage) {
  Start();
  for (int i = 1; i <= 5; ++i) Say(absl::StrCat(i));
  AwaitHandled("realtime", 5);
  int64_t after = 0;
  std::string texts;
  for (const size_t size : {2, 2, 1, 0}) {
    const auto page = List(after, 0, 2);
    ASSERT_TRUE(page.ok()) << page.status();
    EXPECT_THAT(page->events(), SizeIs(size));
    EXPECT_FALSE(page->has_gap());
    for (const v1::RealtimeEvent& event : page->events()) {
      EXPECT_EQ(event.type(), "user.message.received");
      EXPECT_TRUE(event.has_occurred_at());
      texts += event.data().fields().at("message_text").string_value();
    }
    after = page->position();
  }
  EXPECT_EQ(texts, "12345");
}

TEST_F(RealtimeServiceTest, WaitsForAnEvent) {
  Start();
  absl::StatusOr<v1::ListEventsResponse> response;
  std::thread waiting([&] { response = List(0, 25); });
  Say("come");
  waiting.join();
  ASSERT_TRUE(response.ok()) << response.status();
  EXPECT_THAT(response->events(), SizeIs(1));
  const auto nothing = List(response->position(), 1);
  ASSERT_TRUE(nothing.ok()) << nothing.status();
  EXPECT_THAT(nothing->events(), IsEmpty());
  EXPECT_EQ(nothing->position(), response->position());
}

TEST_F(RealtimeServiceTest, TellsGapsOneByOne) {
  Start();
  for (int i = 1; i <= 6; ++i) Say(absl::StrCat(i));
  AwaitHandled("realtime", 6);
  const auto all = List(0);
  ASSERT_TRUE(all.ok());
  const int64_t first = all->events(0).position();
  const absl::Status deleted =
      DatabaseAs("selfology_realtime").Write(Deadline(), [&](postgres::Transaction& tx) {
        return tx
            .Execute("DELETE FROM realtime_log WHERE position IN ($1, $2, $3)", first + 1,
                     first + 3, first + 5)
            .status();
      });
  ASSERT_TRUE(deleted.ok()) << deleted;
  std::string told;
  int64_t after = first;
  for (int i = 0; i < 10 && after < first + 5; ++i) {
    const auto page = List(after);
    ASSERT_TRUE(page.ok()) << page.status();
    if (page->has_gap()) {
      absl::StrAppend(&told, "gap ", page->gap().from_position() - first, "-",
                      page->gap().to_position() - first, " ");
    }
    for (const auto& event : page->events()) {
      absl::StrAppend(&told, event.position() - first, " ");
    }
    after = page->position();
  }
  EXPECT_EQ(told, "gap 1-1 2 gap 3-3 4 gap 5-5 ");
}

TEST_F(RealtimeServiceTest, KnowsWhoIsConnectedAnywhere) {
  Start();
  const uint16_t other = StartOther();
  EXPECT_EQ(Connections(), 0);
  Device here = Connect(), there = ConnectTo(other, std::nullopt);
  here.Await("ready");
  there.Await("ready");
  Await("both devices to be known", [this] { return Connections() == 2; });
  EXPECT_EQ(Connections(kUser + 1), 0);
  here.Drop();
  Await("one device to be gone", [this] { return Connections() == 1; });
  other_.reset();
  Await("the other replica's device to be gone", [this] { return Connections() == 0; });
}

TEST_F(RealtimeServiceTest, SaysWhereDevicesConnect) {
  Start();
  Await("the address to be known", [this] {
    const auto response = client_->GetDevicesAddress(Deadline(), v1::GetDevicesAddressRequest());
    return response.ok() && response->address() == absl::StrCat("127.0.0.1:", port_.load());
  });
}

TEST_F(RealtimeServiceTest, SaysNothingOfAnAddressThatOthersDoNotKnow) {
  Start({.listen = "0.0.0.0:0"});
  EXPECT_EQ(status::Reason(
                client_->GetDevicesAddress(Deadline(), v1::GetDevicesAddressRequest()).status()),
            "SERVICE_DEGRADED");
}

TEST_F(RealtimeServiceTest, ADeviceMayPollAtAnyReplica) {
  Start();
  const uint16_t other = StartOther();
  http::Client client({});
  int requests = 0;
  std::string path = "/socket.io";
  // Each request goes to the other one.
  const auto send = [&](std::string method, const std::string& query, std::string body = "") {
    const uint16_t port = ++requests % 2 == 1 ? port_.load() : other;
    const auto response = client.Send(
        Deadline(),
        {.method = std::move(method),
         .url = absl::StrCat("http://127.0.0.1:", port, path, "/?EIO=4&transport=polling", query),
         .headers = {{"Content-Type", "text/plain;charset=UTF-8"}},
         .body = std::move(body)});
    EXPECT_TRUE(response.ok()) << response.status();
    return response.value_or(http::ClientResponse());
  };
  const std::string opened = send("GET", "").body;
  const std::string sid = "&sid=" + Json::parse(opened.substr(1))["sid"].get<std::string>();
  EXPECT_EQ(send("POST", sid, R"(40{"user_id":123456})").body, "ok");
  std::string told;
  while (!absl::StrContains(told, "ready")) told += send("GET", sid).body;
  Say("anywhere");
  while (!absl::StrContains(told, "anywhere")) told += send("GET", sid).body;
  path = "/api/notifications/websocket";
  EXPECT_EQ(send("POST", sid, "1").body, "ok") << "it is the same under its other name";
  const auto unknown = send("GET", sid);
  EXPECT_EQ(unknown.status, 400);
  EXPECT_THAT(unknown.body, HasSubstr("Session ID unknown"));
  EXPECT_EQ(send("GET", "&sid=nobody.x").status, 400);
}

TEST_F(RealtimeServiceTest, NamesAllThatIsWrongWithARequest) {
  Start();
  v1::ListEventsRequest request;
  request.set_after(-1);
  request.set_page_size(501);
  request.set_wait_seconds(26);
  const absl::Status list = client_->ListEvents(Deadline(), request).status();
  EXPECT_EQ(list.code(), absl::StatusCode::kInvalidArgument);
  EXPECT_THAT(status::Violations(list), SizeIs(4)) << list;
  const absl::Status nobody = client_->GetPresence(Deadline(), v1::GetPresenceRequest()).status();
  EXPECT_THAT(status::Violations(nobody), SizeIs(1)) << nobody;
  v1::GetPresenceRequest bad;
  bad.add_user_ids(0);
  EXPECT_THAT(status::Violations(client_->GetPresence(Deadline(), bad).status()), SizeIs(1));
}

}  // namespace
}  // namespace selfology::realtime
