#include "services/edge/telegram_gateway/receiving/held_updates.h"

#include <memory>
#include <string>
#include <vector>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/edge/telegram_gateway/receiving/held_fixture_test.h"
#include "services/edge/telegram_gateway/receiving/other_gateway_test.h"
#include "services/edge/telegram_gateway/routing/attempt_budget.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kLonger[] = "takes longer than usual";
// What is held is due by then, and a claim is not over.
constexpr absl::Duration kLongestHold = absl::Seconds(30);

class HeldUpdatesTest : public HeldTest {};

TEST_F(HeldUpdatesTest, WhileADialogIsAwayNobodyElseWaitsAndNothingIsLost) {
  FakeDialog& pond = AddDialog("pond");
  Start();
  const int64_t boris = *telegram().AddUser({.first_name = "Борис", .language_code = "ru"});
  const int64_t clara = *telegram().AddUser({.first_name = "Clara", .language_code = "en"});
  Await("Welcome to the garden", Say("/start garden"));
  Send(boris, "/start garden");
  Send(clara, "/start pond");
  ASSERT_TRUE(Hears(boris, "Welcome to the garden"));
  ASSERT_TRUE(Hears(clara, "Welcome to the pond"));

  garden().Fail("React", absl::UnavailableError("down"));
  const std::vector<std::string> words = {"one", "two", "three", "four", "five"};
  for (const std::string& word : words) {
    Say(word);
    Send(boris, word);
    Send(clara, word);
  }
  EXPECT_TRUE(Hears(clara, "pond heard: five"));
  // Telegram has been told that it need not keep them, so there is room for others'.
  AwaitHeld(10);
  AwaitQuiet();
  EXPECT_THAT(pond.Heard(), ElementsAre("one", "two", "three", "four", "five"));
  EXPECT_THAT(Answered(ann()), IsEmpty());
  EXPECT_EQ(Count(kLonger), 1) << Transcript();
  EXPECT_EQ(Count("больше времени, чем обычно", boris), 1);
  EXPECT_EQ(Count(kLonger, clara), 0);

  StopMesh();
  Say("six");
  Start();
  AwaitHeld(11);
  MoveClock(kLongestHold);
  garden().Fail("React", absl::OkStatus());
  EXPECT_TRUE(Hears(ann(), "garden heard: six"));
  EXPECT_TRUE(Hears(boris, "garden heard: five"));
  AwaitHeld(0);
  AwaitQuiet();
  EXPECT_THAT(Answered(ann()), ElementsAre("one", "two", "three", "four", "five", "six"));
  EXPECT_THAT(Answered(boris), ElementsAre("one", "two", "three", "four", "five"));
  EXPECT_EQ(Count(kLonger), 1) << Transcript();
  // Nothing stays behind them any more.
  Await("How this works", Say("/help"));
}

TEST_F(HeldUpdatesTest, APressedButtonDoesNotLookDead) {
  Start();
  Answer(garden(), [](const v1::ReactRequest& request) {
    return Answering({request.update().has_button() ? Saying("Watered.")
                                                    : Asking("Water it?", "Yes", "garden:yes")});
  });
  const Message prompt = Await("Water it?", Say("/start"));
  garden().Fail("React", absl::UnavailableError("down"));
  Press(prompt, "Yes");
  AwaitHeld(1);
  garden().Fail("React", absl::OkStatus());
  Await("Watered.");
  EXPECT_EQ(Count("Watered."), 1);
}

TEST_F(HeldUpdatesTest, WordsThatWaitForAGuardWaitInOrderAndItsCardIsShownOnce) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Answer(lighthouse, [](const v1::ReactRequest&) { return v1::ReactResponse(); });
  Start([](GatewaySettings& s) { s.patience.guard = absl::Milliseconds(300); });
  Meet();
  const auto hangs = std::make_shared<absl::Notification>();
  lighthouse.Do([&](FakeDialog& d) { d.held = hangs; });
  for (const char* words : {"one", "two", "three"}) Say(words);
  Await("One moment, I am reading.");
  AwaitHeld(3);
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), IsEmpty());
  hangs->Notify();
  MoveClock(kLongestHold);
  Await("garden heard: three");
  AwaitQuiet();
  EXPECT_THAT(Answered(ann()), ElementsAre("one", "two", "three"));
  EXPECT_EQ(Count("One moment"), 1) << Transcript();
  EXPECT_EQ(Count(kLonger), 0) << "the card has said it";
}

TEST_F(HeldUpdatesTest, AGuardHearsAtOnceWhatStaysBehindOthers) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Answer(lighthouse, [](const v1::ReactRequest& request) {
    v1::ReactResponse response;
    if (absl::StrContains(request.update().words(), "storm")) {
      *response.mutable_reaction()->add_messages() = Saying("This way!");
      response.set_taken(true);
    }
    return response;
  });
  Start();
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("Fair weather.");
  AwaitHeld(1);
  Await("This way!", Say("A storm comes."));
  Say("It is over.");
  AwaitHeld(2);
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: It is over.");
  AwaitQuiet();
  EXPECT_THAT(Answered(ann()), ElementsAre("Fair weather.", "It is over."));
  EXPECT_EQ(Count("This way!"), 1);
}

TEST_F(HeldUpdatesTest, TheRpcTriesOnceAndStaysBehindWhatIsHeld) {
  Start();
  Meet();
  AwaitQuiet();
  const int64_t id = Rows("SELECT max(update_id) + 1000 FROM handled_updates");
  garden().Fail("React", absl::UnavailableError("down"));
  EXPECT_TRUE(absl::IsUnavailable(Handle(FromAnn(id, "one")).status()));
  garden().Fail("React", absl::InvalidArgumentError("bad soil"));
  EXPECT_TRUE(absl::IsInternal(Handle(FromAnn(id, "one")).status()));
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0);

  garden().Fail("React", absl::UnavailableError("down"));
  Say("zero");
  AwaitHeld(1);
  EXPECT_EQ(Handle(FromAnn(id, "one"))->outcome(), v1::UPDATE_OUTCOME_HELD);
  EXPECT_EQ(Handle(FromAnn(id, "one"))->outcome(), v1::UPDATE_OUTCOME_HELD);
  EXPECT_EQ(Handle(FromAnn(id + 2, "three"))->outcome(), v1::UPDATE_OUTCOME_HELD);
  EXPECT_EQ(Handle(FromAnn(id + 1, "two"))->outcome(), v1::UPDATE_OUTCOME_HELD);
  AwaitHeld(4);
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: three");
  AwaitQuiet();
  EXPECT_THAT(Answered(ann()), ElementsAre("zero", "one", "two", "three"));
}

TEST_F(HeldUpdatesTest, WhatWasLetThroughOnceIsNotTooMuchLater) {
  Start([](GatewaySettings& s) {
    s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                .all = {.per_second = 1000, .burst = 1000}};
  });
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  for (int i = 0; i < 20; ++i) Say(absl::StrCat("word ", i));
  AwaitHeld(20);
  MoveClock(kLongestHold);
  garden().Fail("React", absl::OkStatus());
  AwaitHeld(0);
  AwaitQuiet();
  EXPECT_THAT(Answered(ann()), SizeIs(20));
  EXPECT_EQ(Count("faster than I can read"), 0);
}

TEST_F(HeldUpdatesTest, GoWithTheirPerson) {
  Start();
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("one");
  Say("two");
  AwaitHeld(2);
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  EXPECT_GE(gateway().DeleteUserData(Deadline(), request)->deleted_rows(), 2);
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates"), 0);
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: three", Say("three"));
  EXPECT_THAT(Answered(ann()), ElementsAre("three"));
}

TEST_F(HeldUpdatesTest, OfTwoGatewaysOneWorksOnAHeldUpdate) {
  Start();
  Meet();
  AwaitQuiet();
  // Nothing is tried again for now.
  StopClock();
  garden().Fail("React", absl::UnavailableError("down"));
  for (const char* words : {"one", "two", "three"}) Say(words);
  AwaitHeld(3);
  OtherGateway other({.database = OfGateway(),
                      .redis = redis(),
                      .garden = Peer("garden"),
                      .api_base = telegram().base_url(),
                      .clock = Clock()});
  // From here on each attempt waits.
  const auto waits = std::make_shared<absl::Notification>();
  size_t before = 0;
  garden().Do([&](FakeDialog& d) {
    d.failures.clear();
    d.held = waits;
    before = d.reacted.size();
  });
  StartClock();
  MoveClock(kLongestHold);
  MeshTest::Await("one of them to try", [&] { return garden().Reacted().size() > before; });
  const auto claimed = other.held.Claim(ann());
  ASSERT_TRUE(claimed.ok()) << claimed.status();
  EXPECT_FALSE(claimed->has_value()) << "it is another's";
  waits->Notify();
  AwaitHeld(0);
  AwaitQuiet();
  EXPECT_THAT(Answered(ann()), ElementsAre("one", "two", "three"));
  // Each was asked about by one of them.
  EXPECT_THAT(garden().Reacted(), SizeIs(before + 3));
}

// A gateway died while it tried one.
TEST_F(HeldUpdatesTest, AClaimRunsOut) {
  Start();
  Meet();
  AwaitQuiet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("one");
  AwaitHeld(1);
  StopMesh();
  Execute(absl::StrCat("UPDATE held_updates SET due_at = due_at + interval '",
                       budget::kClaimSeconds, " s'"));
  garden().Fail("React", absl::OkStatus());
  Start();
  Say("two");
  AwaitHeld(2);
  EXPECT_THAT(Answered(ann()), IsEmpty());
  MoveClock(absl::Minutes(2));
  Await("garden heard: two");
  EXPECT_THAT(Answered(ann()), ElementsAre("one", "two"));
}

}  // namespace
}  // namespace selfology::telegram_gateway
