#include "services/edge/telegram_gateway/receiving/intake.h"

#include <memory>
#include <string>
#include <thread>
#include <utility>
#include <vector>

#include "absl/synchronization/notification.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/receiving/other_gateway_test.h"

namespace selfology::telegram_gateway {
namespace {

using telegram_emulator::World;
using ::testing::ElementsAre;
using ::testing::SizeIs;

class IntakeTest : public GatewayTest {
 protected:
  // Telegram has an update for the bot that no person of the emulator can make; its number.
  int64_t Add(std::string kind, Json value) {
    return telegram().exchange().Do([&](World& world, absl::Time now) {
      return world.updates.Add(kind, std::move(value), now);
    });
  }

  Json FromAnn(Json message) {
    message["from"] = {{"id", ann()}, {"is_bot", false}, {"language_code", "en"}};
    message["chat"] = {{"id", ann()}, {"type", "private"}};
    message["message_id"] = 1;
    return message;
  }

  std::string OldestUpdate() {
    return telegram().exchange().Look(
        [](const World& world) { return Dump(world.updates.front().ToJson()); });
  }

  absl::StatusOr<v1::HandleUpdateResponse> Handle(std::string json) {
    v1::HandleUpdateRequest request;
    request.set_update_json(std::move(json));
    return gateway().HandleUpdate(Deadline(), request);
  }

  // Telegram gives no updates from now on, but such answers.
  void BreakUpdates(telegram_emulator::Fault fault) {
    fault.method = "getUpdates";
    fault.times = 1'000'000;
    telegram().AddFault(std::move(fault));
    const auto felt = telegram().AwaitCall(
        [](const ApiCall& call) { return call.method == "getUpdates" && call.injected; },
        testing::kPatience);
    EXPECT_TRUE(felt.ok()) << felt.status();
  }

  std::shared_ptr<absl::Notification> HoldGarden() {
    auto held = std::make_shared<absl::Notification>();
    garden().Do([&](FakeDialog& d) { d.held = held; });
    return held;
  }
};

TEST_F(IntakeTest, AnUpdateThatComesAgainDoesNothing) {
  Start();
  Meet();
  AwaitQuiet();
  // The poller gets nothing for a while, and the same update comes by another way.
  BreakUpdates({.error_code = 502});
  Say("The roses bloom.");
  const std::string update = OldestUpdate();
  const auto first = Handle(update);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(first->user_id(), ann());
  EXPECT_EQ(Handle(update)->outcome(), v1::UPDATE_OUTCOME_DUPLICATE);
  telegram().ClearFaults();
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ElementsAre("The roses bloom."));
}

// It is tried without its caller, who is gone by then, and too late; so it had no effect.
TEST_F(IntakeTest, AnUpdateWhoseCallerGaveUpWhileItWasQueuedMayComeAgain) {
  Start();
  Meet();
  AwaitQuiet();
  BreakUpdates({.error_code = 502});
  const auto held = HoldGarden();
  const int64_t id = Rows("SELECT max(update_id) + 1 FROM handled_updates");
  const auto update = [&](int64_t number, std::string text) {
    return Dump(Json{{"update_id", number}, {"message", FromAnn({{"text", std::move(text)}})}});
  };
  absl::StatusOr<v1::HandleUpdateResponse> first = absl::UnknownError("");
  std::thread caller([&] { first = Handle(update(id, "The roses bloom.")); });
  MeshTest::Await("the words to be heard", [&] { return garden().Heard().size() == 1; });
  v1::HandleUpdateRequest second;
  second.set_update_json(update(id + 1, "/help"));
  const absl::Status gave_up =
      gateway().HandleUpdate(Call::Background(absl::Milliseconds(500)), second).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(gave_up)) << gave_up;
  held->Notify();
  caller.join();
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  // In its turn, so after the first attempt at it.
  const auto again = Handle(second.update_json());
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_EQ(again->outcome(), v1::UPDATE_OUTCOME_HANDLED);
}

TEST_F(IntakeTest, NothingSaidWhileTheGatewayIsDownIsLost) {
  Start();
  Meet();
  AwaitQuiet();
  StopMesh();
  Say("I wrote this in the meantime.");
  Start();
  Await("garden heard: I wrote this in the meantime.");
}

TEST_F(IntakeTest, KindsItDoesNotKnowPassBy) {
  Start();
  Meet();
  AwaitQuiet();
  Add("poll_answer", {{"poll_id", "1"}, {"option_ids", {0}}});
  Add("message_from_the_future", {{"anything", {1, 2, 3}}});
  Add("message", Json::array());
  Add("message", FromAnn({{"pinned_message", Json::object()}}));
  Json group = FromAnn({{"text", "/start"}});
  group["chat"] = {{"id", -100}, {"type", "supergroup"}};
  Add("message", group);
  Add("channel_post", {{"text", "News"}, {"chat", {{"id", -200}, {"type", "channel"}}}});
  Await("garden: /garden", Say("/garden"));
  AwaitQuiet();
  EXPECT_EQ(Count("Welcome"), 1);
}

TEST_F(IntakeTest, WhatIsNoTextGoesToTheDialog) {
  Start();
  Meet();
  Add("message", FromAnn({{"voice", {{"file_id", "x"}}}}));
  Await("garden got: CONTENT_KIND_VOICE");
  Add("message", FromAnn({{"photo", Json::array()}, {"caption", "me"}}));
  Await("garden got: CONTENT_KIND_PHOTO");
  EXPECT_EQ(garden().Reacted().back().update().content().caption(), "me");
  Add("message", FromAnn({{"sticker", Json::object()}}));
  Await("garden got: CONTENT_KIND_STICKER");
  Add("message", FromAnn({{"document", Json::object()}}));
  Await("garden got: CONTENT_KIND_DOCUMENT");
  Add("message", FromAnn({{"location", Json::object()}}));
  Await("garden got: CONTENT_KIND_UNSPECIFIED");
  const int64_t said = Say("It rains.");
  Await("garden heard: It rains.", said);
  ASSERT_TRUE(telegram().EditText(ann(), said, "It pours.").ok());
  Await("garden read again: It pours.");
}

TEST_F(IntakeTest, AnAnswerThatIsNoJsonBlocksNobody) {
  Start();
  Meet();
  AwaitQuiet();
  BreakUpdates({.body = "<html>502 Bad Gateway</html>"});
  const int64_t id = Add("message", FromAnn({{"text", "This is never read."}}));
  // First among others, then alone.
  telegram().exchange().Do([id](World& world, absl::Time) {
    world.faults.Clear();
    return world.faults.Add(
        {.method = "getUpdates",
         .times = 2,
         .body = absl::StrCat(R"({"ok":true,"result":[{"update_id":)", id, R"(,"message":{"te)")});
  });
  Await("garden: /garden", Say("/garden"));
  AwaitQuiet();
  EXPECT_EQ(Count("never read"), 0) << Transcript();
}

TEST_F(IntakeTest, PollingOutlastsHangsErrorsAndOtherPollers) {
  Start();
  Meet();
  telegram().AddFault({.method = "getUpdates", .delay = absl::Seconds(20)});
  telegram().AddFault({.method = "getUpdates", .drop = true});
  telegram().AddFault({.method = "getUpdates", .times = 2, .error_code = 409});
  telegram().AddFault({.method = "getUpdates", .error_code = 429, .retry_after_s = 1});
  EXPECT_TRUE(
      telegram()
          .AwaitCall(
              [](const ApiCall& call) { return call.method == "getUpdates" && call.code == 429; },
              testing::kPatience)
          .ok());
  Await("How the garden works", Say("/help"));
}

TEST_F(IntakeTest, PollingTakesAWebhookAway) {
  telegram().exchange().Do([](World& world, absl::Time) {
    world.SetWebhook({.url = "http://127.0.0.1:1/old"});
    return true;
  });
  Start();
  Meet();
}

TEST_F(IntakeTest, ThirtyAMinuteAndOneWordAboutIt) {
  Start([](GatewaySettings& s) {
    s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                .all = {.per_second = 1000, .burst = 1000}};
  });
  for (int i = 0; i < 40; ++i) Say("/help");
  Await("faster than I can read");
  AwaitQuiet();
  EXPECT_EQ(Count("How the garden works"), 30);
  EXPECT_EQ(Count("faster than I can read"), 1);
  EXPECT_EQ(Count("RATE_LIMITED"), 0) << "people never see a code";
  EXPECT_EQ(Rows("SELECT count(*) FROM handled_updates WHERE outcome = 'rate_limited'"), 10);
}

TEST_F(IntakeTest, TheRpcSaysWhatBecameOfAnUpdate) {
  Start();
  Meet();
  EXPECT_EQ(Handle("no json")->outcome(), v1::UPDATE_OUTCOME_MALFORMED);
  EXPECT_EQ(Handle(R"({"update_id": 7, "chat_boost": {}})")->outcome(), v1::UPDATE_OUTCOME_IGNORED);
  EXPECT_TRUE(absl::IsInvalidArgument(Handle("").status()));
}

TEST_F(IntakeTest, PeopleDoNotWaitForEachOther) {
  Start();
  Meet();
  const auto held = HoldGarden();
  const int64_t boris = *telegram().AddUser({.first_name = "Boris", .language_code = "en"});
  Say("The roses bloom.");
  Say("And the lilies.");
  MeshTest::Await("the first words to be heard", [&] { return garden().Heard().size() == 1; });
  ASSERT_TRUE(telegram().SendText(boris, "/help").ok());
  EXPECT_TRUE(
      telegram()
          .AwaitMessage(
              boris,
              [](const Message& m) { return absl::StrContains(m.text, "How the garden works"); },
              testing::kPatience)
          .ok());
  EXPECT_THAT(garden().Heard(), SizeIs(1));
  held->Notify();
  // Her own come one after the other.
  EXPECT_LT(Await("garden heard: The roses bloom.").id, Await("garden heard: And the lilies.").id);
  EXPECT_THAT(garden().Heard(), ElementsAre("The roses bloom.", "And the lilies."));
}

TEST_F(IntakeTest, AnUpdateThatComesWhileStoppingIsNotDone) {
  Start();
  OtherGateway other({.database = OfGateway(),
                      .redis = redis(),
                      .garden = Peer("garden"),
                      .api_base = telegram().base_url(),
                      .clock = Clock()});
  other.intake.Stop();
  std::vector<bool> taken;
  const Update update = {.update_id = 7,
                         .kind = UpdateKind::kMessage,
                         .user_id = ann(),
                         .chat_id = ann(),
                         .private_chat = true,
                         .content = Content::kText,
                         .text = "Hello?"};
  other.intake.HandleSurely(update, [&](bool was_taken) { taken.push_back(was_taken); });
  EXPECT_THAT(taken, ElementsAre(false));
}

}  // namespace
}  // namespace selfology::telegram_gateway
