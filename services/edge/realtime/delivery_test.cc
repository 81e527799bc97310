// Events reach devices: once, in order, whatever happens in between.
#include "services/edge/realtime/delivery.h"

#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "selfology/events/v1/onboarding.pb.h"
#include "selfology/events/v1/profile.pb.h"
#include "services/edge/realtime/realtime_fixture_test.h"
#include "services/edge/realtime/realtime_store.h"

namespace selfology::realtime {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

constexpr int64_t kOther = 654321;

class DeliveryTest : public RealtimeTest {
 protected:
  // "from".."to" as texts.
  static std::vector<std::string> Numbers(int from, int to) {
    std::vector<std::string> numbers;
    for (int i = from; i <= to; ++i) numbers.push_back(absl::StrCat(i));
    return numbers;
  }
  void SayNumbers(int from, int to) {
    for (int i = from; i <= to; ++i) Say(absl::StrCat(i));
  }
};

TEST_F(DeliveryTest, APersonsDevicesGetWhatIsForThem) {
  Start();
  Device one = Connect(), two = Connect(), other = Connect(std::nullopt, kOther);
  const Json ready = one.Await("ready");
  EXPECT_EQ(ready["user_id"], kUser);
  EXPECT_EQ(ready["position"], 0);
  two.Await("ready");
  other.Await("ready");
  events::v1::StatementRated not_for_devices;
  not_for_devices.set_user_id(kUser);
  Publish(not_for_devices);
  Say("hello");
  Say("to the other", kOther);
  for (Device* device : {&one, &two}) {
    const Json event = device->Await("event");
    EXPECT_EQ(event["type"], "user.message.received");
    EXPECT_EQ(event["data"]["message_text"], "hello");
    EXPECT_EQ(event["data"]["user_id"], absl::StrCat(kUser));
    EXPECT_GT(event["position"].get<int64_t>(), 0);
    absl::Time occurred;
    std::string error;
    ASSERT_TRUE(absl::ParseTime(absl::RFC3339_full, event["occurred_at"].get<std::string>(),
                                &occurred, &error))
        << error;
    EXPECT_LT(absl::AbsDuration(absl::Now() - occurred), absl::Minutes(5));
  }
  EXPECT_THAT(Texts(other, 1), ElementsAre("to the other"));
}

TEST_F(DeliveryTest, AReconnectedDeviceGoesOnWhereItWas) {
  Start();
  Device first = Connect();
  first.Await("ready");
  SayNumbers(1, 30);
  int64_t position = 0;
  EXPECT_EQ(Texts(first, 20, &position), Numbers(1, 20));
  first.Drop();
  SayNumbers(31, 40);
  Device again = Connect(position);
  EXPECT_EQ(again.Await("ready")["position"], position);
  SayNumbers(41, 45);
  EXPECT_EQ(Texts(again, 25), Numbers(21, 45));
  Device all = Connect(0);
  EXPECT_EQ(Texts(all, 45), Numbers(1, 45));
}

TEST_F(DeliveryTest, ManyEventsComeInPages) {
  Start();
  SayNumbers(1, 220);
  AwaitHandled("realtime", 220);
  Device device = Connect(0);
  EXPECT_EQ(Texts(device, 220), Numbers(1, 220));
}

TEST_F(DeliveryTest, NothingIsMissedOverARestart) {
  Start();
  Device before = Connect();
  before.Await("ready");
  SayNumbers(1, 5);
  int64_t position = 0;
  EXPECT_EQ(Texts(before, 3, &position), Numbers(1, 3));
  StopMesh();
  SayNumbers(6, 8);
  Start();
  Device after = Connect(position);
  EXPECT_EQ(Texts(after, 5), Numbers(4, 8));
}

TEST_F(DeliveryTest, AnotherReplicaGoesOnToo) {
  Start();
  const uint16_t other = StartOther();
  Device here = Connect();
  here.Await("ready");
  SayNumbers(1, 5);
  int64_t position = 0;
  EXPECT_EQ(Texts(here, 3, &position), Numbers(1, 3));
  here.Drop();
  Device there = ConnectTo(other, position);
  Device also_there = ConnectTo(other, std::nullopt, kOther);
  also_there.Await("ready");
  EXPECT_EQ(Texts(there, 2), Numbers(4, 5));
  // Whichever replica writes them down, both hear of it.
  Device here_again = Connect(position);
  SayNumbers(6, 30);
  for (int i = 1; i <= 10; ++i) Say(absl::StrCat(i), kOther);
  EXPECT_EQ(Texts(there, 25), Numbers(6, 30));
  EXPECT_EQ(Texts(here_again, 27), Numbers(4, 30));
  EXPECT_EQ(Texts(also_there, 10), Numbers(1, 10));
}

TEST_F(DeliveryTest, AnEmptiedRedisLosesAndRepeatsNothing) {
  Start();
  Device device = Connect();
  device.Await("ready");
  SayNumbers(1, 10);
  int64_t position = 0;
  EXPECT_EQ(Texts(device, 10, &position), Numbers(1, 10));
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  SayNumbers(11, 20);
  EXPECT_EQ(Texts(device, 10), Numbers(11, 20));
  Republish();
  Say("last");
  EXPECT_THAT(Texts(device, 1), ElementsAre("last"));
  Device again = Connect(position);
  EXPECT_EQ(Texts(again, 10), Numbers(11, 20));
  EXPECT_THAT(Texts(again, 1), ElementsAre("last"));
}

TEST_F(DeliveryTest, WithoutHintsEventsStillCome) {
  Start({.delivery = {.look = absl::Milliseconds(20)}});
  Device device = Connect();
  device.Await("ready");
  // As a replica would whose hint is lost.
  const absl::Status appended =
      DatabaseAs("selfology_realtime").Write(Deadline(), [](postgres::Transaction& tx) {
        store::Append(tx, kUser, "user.message.received", R"({"message_text": "hidden"})",
                      absl::Now(), absl::Now());
        return absl::OkStatus();
      });
  ASSERT_TRUE(appended.ok()) << appended;
  EXPECT_THAT(Texts(device, 1), ElementsAre("hidden"));
}

TEST_F(DeliveryTest, WhatIsNoLongerKeptIsAGap) {
  Start();
  Device device = Connect(0);
  SayNumbers(1, 4);
  int64_t position = 0;
  EXPECT_EQ(Texts(device, 1, &position), Numbers(1, 1));
  EXPECT_EQ(Texts(device, 3), Numbers(2, 4));
  device.Drop();
  const auto deleted =
      DatabaseAs("selfology_realtime").Write(Deadline(), [](postgres::Transaction& tx) {
        return store::DeleteBefore(tx, absl::InfiniteFuture(), 3);
      });
  ASSERT_TRUE(deleted.ok()) << deleted.status();
  EXPECT_EQ(*deleted, 3);
  Device again = Connect(position);
  EXPECT_EQ(again.Await("ready")["position"], position);
  const auto [name, gap] = again.Event();
  EXPECT_EQ(name, "gap");
  EXPECT_EQ(gap["from_position"], position + 1);
  EXPECT_EQ(gap["to_position"], position + 2);
  EXPECT_THAT(Texts(again, 1), ElementsAre("4"));
  // From the begin of what is kept there is none.
  Device all = Connect(0);
  EXPECT_THAT(Texts(all, 1), ElementsAre("4"));
}

TEST_F(DeliveryTest, ADeviceThatDoesNotReadIsDroppedAndLosesNothing) {
  Start({.delivery = {.enough_unsent = 10'000, .slow_after = absl::Seconds(2)}});
  Device slow = Connect();
  slow.Await("ready");
  Device quick = Connect();
  quick.Await("ready");
  const std::string text(40'000, 'x');
  std::vector<std::string> texts;
  for (int i = 0; i < 300; ++i) texts.push_back(absl::StrCat(i, text));
  std::vector<std::string> seen;
  std::thread reader([&] { seen = Texts(quick, texts.size()); });
  for (const std::string& each : texts) Say(each);
  reader.join();
  EXPECT_TRUE(seen == texts);
  Await("the slow device to be dropped", [this] { return Connections() == 1; });
  // It comes back with what it has read by then.
  int64_t position = 0;
  std::vector<std::string> read = Texts(slow, texts.size(), &position);
  ASSERT_LT(read.size(), texts.size());
  Device again = Connect(position);
  const std::vector<std::string> rest = Texts(again, texts.size() - read.size());
  read.insert(read.end(), rest.begin(), rest.end());
  EXPECT_TRUE(read == texts);
}

TEST_F(DeliveryTest, AnErasedPersonsDevicesAreToldAndDisconnected) {
  Start();
  const uint16_t other = StartOther();
  Device here = Connect(), there = ConnectTo(other, std::nullopt);
  here.Await("ready");
  there.Await("ready");
  Say("hello");
  EXPECT_THAT(Texts(here, 1), ElementsAre("hello"));
  EXPECT_THAT(Texts(there, 1), ElementsAre("hello"));
  const int64_t position = List(0)->position();
  v1::DeleteUserDataRequest request;
  request.set_user_id(kUser);
  const auto erased = client_->DeleteUserData(Deadline(), request);
  ASSERT_TRUE(erased.ok()) << erased.status();
  EXPECT_EQ(erased->deleted_rows(), 2);
  for (Device* device : {&here, &there}) {
    EXPECT_EQ(device->Event().first, "erased");
    EXPECT_EQ(device->Event().first, "closed");
  }
  EXPECT_THAT(List(0)->events(), IsEmpty());
  // Who begins anew does so above all that an old device remembers.
  Device old = Connect(position);
  EXPECT_EQ(old.Event().first, "ready");
  EXPECT_EQ(old.Event().first, "gap");
  Say("anew");
  const Json event = old.Await("event");
  EXPECT_EQ(event["data"]["message_text"], "anew");
  EXPECT_GT(event["position"].get<int64_t>(), position);
}

}  // namespace
}  // namespace selfology::realtime
