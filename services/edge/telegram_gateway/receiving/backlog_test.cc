// What became of many people's updates while a dialog was away, or hung.
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/receiving/held_fixture_test.h"
#include "services/edge/telegram_gateway/receiving/other_gateway_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;

class BacklogTest : public HeldTest {
 protected:
  // So many people's words wait for that dialog, whose turn was so long ago.
  void Hold(const std::string& dialog, int people, int first_id, const std::string& due_ago) {
    Execute(absl::StrCat(
        "INSERT INTO held_updates (bot_id, update_id, user_id, body, dialog, code, reason, rounds,"
        " due_at, held_at, parked) SELECT 42, n, n, format('{\"update_id\":%1$s,\"message\":"
        "{\"message_id\":1,\"from\":{\"id\":%1$s},\"chat\":{\"id\":%1$s,\"type\":\"private\"},"
        "\"text\":\"/",
        dialog, "\"}}', n), '", dialog, "', 'UNAVAILABLE', 'down', 1, now() - interval '", due_ago,
        "', now(), false FROM generate_series(", first_id, "::bigint, ", first_id + people - 1,
        ") AS n"));
  }
  static v1::ReactResponse Nothing(const v1::ReactRequest&) { return {}; }
  int64_t Newcomer() {
    return *telegram().AddUser({.first_name = "Newcomer", .language_code = "en"});
  }
};

TEST_F(BacklogTest, ComesBackAsFastAsItsDialogTakesIt) {
  Answer(garden(), &Nothing);
  Start();
  AwaitQuiet();
  Hold("garden", 900, 1'000'000, "1 minute");
  AwaitHeld(0);
  EXPECT_EQ(garden().Reacted().size(), 900u);
}

TEST_F(BacklogTest, NobodyWaitsForThePeopleOfADialogThatIsAway) {
  FakeDialog& pond = AddDialog("pond");
  pond.Fail("React", absl::UnavailableError("down"));
  Answer(garden(), &Nothing);
  Answer(pond, &Nothing);
  Start();
  AwaitQuiet();
  Hold("pond", 600, 2'000'000, "1 hour");
  Hold("garden", 50, 1'000'000, "1 second");
  MeshTest::Await("the garden's people to be back", [&] {
    return Rows("SELECT count(*) FROM held_updates WHERE dialog = 'garden'") == 0;
  });
  EXPECT_LT(Rows("SELECT count(*) FROM held_updates WHERE rounds > 1"), 100)
      << "one is enough to find out that the pond is away";
  pond.Fail("React", absl::OkStatus());
  AwaitHeld(0);
}

TEST_F(BacklogTest, ADialogThatHangsKeepsNobodyElseWaiting) {
  FakeDialog& pond = AddDialog("pond");
  Answer(pond, &Nothing);
  const auto hangs = std::make_shared<absl::Notification>();
  pond.Do([&](FakeDialog& d) { d.held = hangs; });
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  // Of whom each had a thread for 10 s; Telegram gives 100 updates after one that is under way.
  constexpr int kPeople = 80;
  std::vector<int64_t> people;
  for (int i = 0; i < kPeople; ++i) {
    people.push_back(Newcomer());
    Send(people.back(), "/pond");
  }
  Await("garden heard: Hello?", Say("Hello?"));
  EXPECT_LT(pond.Reacted().size(), 32u);
  hangs->Notify();
  AwaitHeld(0);
  MeshTest::Await("all to be answered",
                  [&] { return static_cast<int>(pond.Reacted().size()) >= kPeople; });
  for (const int64_t id : people) {
    EXPECT_EQ(Count("takes longer", id), 0) << "it was only a busy moment";
  }
}

TEST_F(BacklogTest, GatheredWordsOfADialogThatHangsLeaveRoomForOthers) {
  garden().description.mutable_gather()->set_seconds(1);
  Answer(garden(), &Nothing);
  Start();
  AwaitQuiet();
  const auto hangs = std::make_shared<absl::Notification>();
  garden().Do([&](FakeDialog& d) { d.held = hangs; });
  for (int i = 0; i < 60; ++i) Send(Newcomer(), "Hello?");
  MeshTest::Await("as many to be asked about as may be",
                  [&] { return garden().Reacted().size() >= 10; });
  Await("How the garden works", Say("/help"));
  EXPECT_LT(garden().Reacted().size(), 32u);
  hangs->Notify();
  AwaitHeld(0);
}

// Else one person's backlog would keep Telegram from giving anybody's.
TEST_F(BacklogTest, WhatAPersonDoesGetsBetweenTheirHeldOnes) {
  Start();
  Meet();
  AwaitQuiet();
  garden().Fail("React", absl::UnavailableError("down"));
  for (const char* words : {"one", "two", "three"}) Say(words);
  AwaitHeld(3);
  const auto first = std::make_shared<absl::Notification>();
  const auto others = std::make_shared<absl::Notification>();
  size_t before = 0;
  garden().Do([&](FakeDialog& d) {
    d.failures.clear();
    d.held = first;
    before = d.reacted.size();
  });
  MoveClock(absl::Seconds(30));
  MeshTest::Await("the first to be tried", [&] { return garden().Reacted().size() > before; });
  garden().Do([&](FakeDialog& d) { d.held = others; });
  Say("four");
  // Once a later one is answered, the gateway has it.
  const int64_t boris = Newcomer();
  Send(boris, "/help");
  ASSERT_TRUE(Hears(boris, "How the garden works"));
  first->Notify();
  MeshTest::Await("it to be written down", [&] {
    return Rows("SELECT count(*) FROM held_updates WHERE body LIKE '%four%'") == 1;
  });
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates WHERE code = 'DEADLINE_EXCEEDED'"), 0)
      << "the second is still being tried";
  others->Notify();
  Await("garden heard: four");
  EXPECT_THAT(Answered(ann()), ElementsAre("one", "two", "three", "four"));
}

TEST_F(BacklogTest, OneThatHangsForEverybodyIsNotWaitedFor) {
  FakeDialog& pond = AddDialog("pond");
  const auto hangs = std::make_shared<absl::Notification>();
  pond.Do([&](FakeDialog& d) { d.held = hangs; });
  Start([](GatewaySettings& s) { s.patience.react = absl::Milliseconds(100); });
  AwaitQuiet();
  StopClock();
  for (int held = 1; held <= 2; ++held) {
    Send(Newcomer(), "/pond");
    AwaitHeld(held);
  }
  const size_t asked = pond.Reacted().size();
  Send(Newcomer(), "/pond");
  AwaitHeld(3);
  EXPECT_EQ(pond.Reacted().size(), asked);
  hangs->Notify();
  StartClock();
  MoveClock(absl::Minutes(1));
  AwaitHeld(0);
}

TEST_F(BacklogTest, IsCountedWithoutWhatWaitsForAChoice) {
  Start();
  AwaitQuiet();
  Hold("garden", 3, 1'000'000, "-1 day");
  Hold("garden", 2, 2'000'000, "-1 day");
  Hold("", 4, 3'000'000, "-1 day");
  Execute("UPDATE held_updates SET parked = true WHERE update_id >= 2000000");
  Execute("UPDATE held_updates SET awaits_choice = true WHERE update_id >= 3000000");
  OtherGateway other({.database = OfGateway(),
                      .redis = redis(),
                      .garden = Peer("garden"),
                      .api_base = telegram().base_url(),
                      .clock = Clock()});
  service::StopSignal stop;
  std::thread counts([&] { other.held.RunCounts(stop); });
  MeshTest::Await("the counts", [&] { return other.held.waiting() == 3; });
  MeshTest::Await("the counts", [&] { return other.held.parked() == 2; });
  stop.Request();
  counts.join();
  // Nobody chose.
  MoveClock(absl::Hours(25));
  const auto forgotten = OfGateway().Write(
      Deadline(), [&](postgres::Transaction& tx) { return store::ForgetOld(tx, Clock()()); });
  ASSERT_TRUE(forgotten.ok()) << forgotten.status();
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates WHERE update_id >= 2000000"), 2);
}

}  // namespace
}  // namespace selfology::telegram_gateway
