// Failures of all kinds at one person's updates: nothing is lost, said twice, or said wrongly.
#include <atomic>
#include <memory>
#include <string>

#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/synchronization/notification.h"
#include "services/edge/telegram_gateway/receiving/held_fixture_test.h"
#include "services/edge/telegram_gateway/routing/attempt_budget.h"
#include "services/edge/telegram_gateway/routing/failure_policy.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

constexpr char kWrong[] = "Something went wrong";
constexpr char kLonger[] = "takes longer than usual";
constexpr absl::Duration kLongestHold = absl::Seconds(30);

class UpdateFailuresTest : public HeldTest {
 protected:
  int64_t Newcomer() {
    return *telegram().AddUser({.first_name = "Newcomer", .language_code = "en"});
  }
  // Another round for all that are held, and no more; the clock stands.
  void RunRound(int rounds_before) {
    MoveClock(kLongestHold);
    StartClock();
    StopClock();
    MeshTest::Await("another round", [&] {
      return Rows(absl::StrCat("SELECT count(*) FROM held_updates WHERE rounds <= ",
                               rounds_before)) == 0;
    });
  }
};

TEST_F(UpdateFailuresTest, WhatAGuardRefusesForGoodIsParkedAndTheNextWordsAreReadAgain) {
  FakeDialog& lighthouse = AddGuard("lighthouse");
  Answer(lighthouse, [](const v1::ReactRequest& request) -> absl::StatusOr<v1::ReactResponse> {
    if (absl::StrContains(request.update().words(), "Fog")) {
      return absl::InvalidArgumentError("cannot see");
    }
    return v1::ReactResponse();
  });
  Start();
  Meet();
  Say("Fog.");
  Await("One moment, I am reading.");
  AwaitParked(1);
  Await("garden heard: Sunshine.", Say("Sunshine."));
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("Sunshine."));
  EXPECT_EQ(Count("One moment"), 1);
  const std::vector<v1::HeldUpdate> parked = List(v1::HELD_UPDATE_STATE_PARKED);
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].dialog(), "lighthouse");
  EXPECT_EQ(parked[0].code(), "INVALID_ARGUMENT");
  EXPECT_EQ(parked[0].reason(), "cannot see");
}

TEST_F(UpdateFailuresTest, AFailureThatIsNotClearIsTriedAgainForAWhile) {
  Start();
  Meet();
  Answer(garden(), [](const v1::ReactRequest& request) -> absl::StatusOr<v1::ReactResponse> {
    if (request.update().words() == "Salt.") return absl::UnknownError("raised");
    return Answering({Saying(absl::StrCat("garden heard: ", request.update().words()))});
  });
  Say("Salt.");
  AwaitHeld(1);
  Say("Water.");
  AwaitHeld(2);
  for (int round = 1; round < kUnclearRounds; ++round) {
    MeshTest::Await("another round", [&] {
      return Rows(absl::StrCat("SELECT count(*) FROM held_updates WHERE rounds >= ", round)) == 1;
    });
    MoveClock(kLongestHold);
  }
  AwaitParked(1);
  Await("garden heard: Water.");
  const std::vector<v1::HeldUpdate> parked = List(v1::HELD_UPDATE_STATE_PARKED);
  ASSERT_THAT(parked, SizeIs(1));
  EXPECT_EQ(parked[0].code(), "UNKNOWN");
  EXPECT_EQ(parked[0].rounds(), kUnclearRounds);
  EXPECT_THAT(Await(kWrong).text, Not(HasSubstr("could not take down")))
      << "who knows whether the dialog has";
}

TEST_F(UpdateFailuresTest, WhatADialogCannotTakeWhileItServesOthersIsParked) {
  Start([](GatewaySettings& s) {
    s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                .all = {.per_second = 1000, .burst = 1000}};
  });
  Meet();
  AwaitQuiet();
  Answer(garden(), [](const v1::ReactRequest& request) -> absl::StatusOr<v1::ReactResponse> {
    const std::string& words = request.update().words();
    if (words == "Salt.") return absl::DeadlineExceededError("still thinking");
    if (words == "Acid.") return absl::PermissionDeniedError("not that");
    return Answering({Saying(absl::StrCat("garden heard: ", words))});
  });
  StopClock();
  const int64_t boris = Newcomer();
  const int64_t clara = Newcomer();
  Say("Salt.");
  Send(clara, "Acid.");
  AwaitHeld(2);
  int rounds = 1;
  // It may be that it is away, or wrongly set up.
  while (rounds <= kUnclearRounds) RunRound(rounds++);
  AwaitHeld(2);
  for (int served = 1; served < kUnclearRounds; ++served) {
    const std::string words = absl::StrCat("Water ", served, ".");
    Send(boris, words);
    ASSERT_TRUE(Hears(boris, absl::StrCat("garden heard: ", words)));
    RunRound(rounds++);
  }
  AwaitParked(2);
  Await(kWrong);
  Await("garden heard: And now?", Say("And now?"));
}

TEST_F(UpdateFailuresTest, WhatWasPutAsideForAMomentIsSpokenOfOnceItsDialogIsAway) {
  Start([](GatewaySettings& s) { s.patience.calls = 1; });
  Meet();
  AwaitQuiet();
  const auto hangs = std::make_shared<absl::Notification>();
  garden().Do([&](FakeDialog& d) { d.held = hangs; });
  Send(Newcomer(), "Hello?");
  MeshTest::Await("the words to be heard", [&] { return garden().Heard().size() == 1; });
  Say("One.");
  AwaitHeld(1);
  EXPECT_EQ(Count(kLonger), 0) << "it was only a busy moment";
  garden().Fail("React", absl::UnavailableError("down"));
  hangs->Notify();
  Await(kLonger);
  garden().Fail("React", absl::OkStatus());
  Await("garden heard: One.");
  EXPECT_EQ(Count(kLonger), 1);
}

TEST_F(UpdateFailuresTest, WhatWaitedForAChoiceIsSpokenOfOnceItsDialogIsAway) {
  FakeDialog& orchard = AddDialog("orchard");
  const auto down = std::make_shared<std::atomic<bool>>(true);
  Answer(orchard, [down](const v1::ReactRequest& request) -> absl::StatusOr<v1::ReactResponse> {
    if (request.update().has_words() && *down) return absl::UnavailableError("down");
    return Answering({Saying(absl::StrCat("orchard: ", request.update().words()))});
  });
  Start();
  const Message menu = Await("What would you like to talk about?", Say("I paint."));
  Press(menu, "The orchard");
  Await(kLonger);
  *down = false;
  Await("orchard: I paint.");
  EXPECT_EQ(Count(kLonger), 1);
}

TEST_F(UpdateFailuresTest, WhatStumbledForAMomentIsAnsweredAfterAll) {
  Start();
  Meet();
  garden().Fail("React", absl::UnimplementedError("another version"));
  Say("Salt.");
  AwaitHeld(1);
  garden().Fail("React", absl::OkStatus());
  MoveClock(kLongestHold);
  Await("garden heard: Salt.");
  EXPECT_EQ(Count(kWrong), 0);
}

TEST_F(UpdateFailuresTest, TheNoticeOfAPressThatWasHeldIsSaid) {
  Start();
  Answer(garden(), [](const v1::ReactRequest& request) {
    v1::ReactResponse response;
    if (!request.update().has_button()) return Answering({Asking("Water it?", "Yes", "garden:1")});
    response.mutable_reaction()->set_notice("Splash!");
    return response;
  });
  const Message prompt = Await("Water it?", Say("/start"));
  garden().Fail("React", absl::UnavailableError("down"));
  EXPECT_EQ(Press(prompt, "Yes").answer_text, "");
  AwaitHeld(1);
  garden().Fail("React", absl::OkStatus());
  Await("Splash!");
  AwaitQuiet();
  EXPECT_EQ(Count("Splash!"), 1);
}

TEST_F(UpdateFailuresTest, NothingIsSaidToWhoWasErasedMeanwhile) {
  Start();
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("one");
  AwaitHeld(1);
  const auto waits = std::make_shared<absl::Notification>();
  size_t before = 0;
  garden().Do([&](FakeDialog& d) {
    d.failures.clear();
    d.held = waits;
    before = d.reacted.size();
  });
  MoveClock(kLongestHold);
  MeshTest::Await("the attempt", [&] { return garden().Reacted().size() > before; });
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  ASSERT_TRUE(gateway().DeleteUserData(Deadline(), request).ok());
  waits->Notify();
  // In her turn, so after the attempt.
  Await("garden heard: two", Say("two"));
  AwaitQuiet();
  EXPECT_EQ(Count("garden heard: one"), 0) << Transcript();
  EXPECT_EQ(Rows(absl::StrCat("SELECT count(*) FROM outgoing_messages WHERE user_id = ", ann())),
            1);
}

TEST_F(UpdateFailuresTest, WhoErasesEverythingIsToldSoThoughThePressWasHeld) {
  garden().Do([](FakeDialog& d) {
    d.react = [](const v1::ReactRequest& request) {
      if (!request.update().has_button()) {
        return Answering({Asking("Erase everything?", "Yes", "garden:erase")});
      }
      v1::ReactResponse response;
      response.mutable_reaction()->set_replacement("All is erased.");
      return response;
    };
  });
  Start();
  const Message question = Await("Erase everything?", Say("/start"));
  garden().Fail("React", absl::UnavailableError("down"));
  Press(question, "Yes");
  AwaitHeld(1);
  const auto waits = std::make_shared<absl::Notification>();
  size_t before = 0;
  garden().Do([&](FakeDialog& d) {
    d.failures.clear();
    d.held = waits;
    before = d.reacted.size();
  });
  MoveClock(kLongestHold);
  MeshTest::Await("the attempt", [&] { return garden().Reacted().size() > before; });
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  ASSERT_TRUE(gateway().DeleteUserData(Deadline(), request).ok());
  waits->Notify();
  MeshTest::Await("the question to be answered", [&] { return Count("All is erased.") == 1; });
}

TEST_F(UpdateFailuresTest, AClaimOutlastsARoundOfAttempts) {
  Start();
  Meet();
  garden().Fail("React", absl::UnavailableError("down"));
  Say("one");
  AwaitHeld(1);
  const auto waits = std::make_shared<absl::Notification>();
  size_t before = 0;
  garden().Do([&](FakeDialog& d) {
    d.failures.clear();
    d.held = waits;
    before = d.reacted.size();
  });
  MoveClock(kLongestHold);
  MeshTest::Await("the attempt", [&] { return garden().Reacted().size() > before; });
  const int64_t ahead = absl::ToInt64Seconds(kLongestHold) + budget::kRoundSeconds;
  EXPECT_EQ(Rows(absl::StrCat("SELECT count(*) FROM held_updates WHERE due_at > now() + interval '",
                              ahead, " s'")),
            1);
  waits->Notify();
  Await("garden heard: one");
}

}  // namespace
}  // namespace selfology::telegram_gateway
