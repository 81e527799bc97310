// What becomes of messages when Telegram, a process or the network fails.
#include <algorithm>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/time/clock.h"
#include "absl/time/time.h"
#include "services/edge/telegram_gateway/delivery/delivery.h"
#include "services/edge/telegram_gateway/delivery/delivery_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::HasSubstr;

TEST_F(DeliveryTest, WaitsAsLongAsTelegramSays) {
  Start();
  Meet();
  telegram().AddFault({.method = "sendMessage", .times = 2, .error_code = 429, .retry_after_s = 1});
  Request("Patience.");
  Request("Afterwards.");
  EXPECT_LT(Await("Patience.").id, Await("Afterwards.").id);
  EXPECT_EQ(Count("Patience."), 1);
}

TEST_F(DeliveryTest, OutlastsAnOutage) {
  Start();
  Meet();
  telegram().AddFault({.method = "sendMessage", .times = 3, .error_code = 502});
  Tell("garden.changed", "Still there?");
  Await("Still there?");
  EXPECT_EQ(Count("Still there?"), 1);
  EXPECT_EQ(DeadLetters(), 0);
}

// When Telegram was asked for what a text says to somebody, of all times the last.
std::optional<absl::Time> LastSent(const Emulator& telegram, std::string_view text) {
  std::optional<absl::Time> last;
  for (const ApiCall& call : telegram.Log()) {
    if (call.method == "sendMessage" && call.parameters.value("text", "") == text) last = call.time;
  }
  return last;
}

TEST_F(DeliveryTest, ABurstOfFailuresHoldsNobodyUpForLong) {
  Start();
  Meet();
  constexpr int kSlowedDown = 7, kFailed = 13;
  std::vector<int64_t> people;
  for (int i = 0; i < kSlowedDown + kFailed; ++i) {
    people.push_back(
        *telegram().AddUser({.first_name = absl::StrCat("Boris ", i), .language_code = "en"}));
    ASSERT_TRUE(telegram().SendText(people.back(), "/start").ok());
  }
  AwaitQuiet();
  for (int i = 0; i < kSlowedDown; ++i) {
    telegram().AddFault({.method = "sendMessage",
                         .user_id = people[i],
                         .times = 1,
                         .error_code = 429,
                         .retry_after_s = 1});
  }
  telegram().AddFault({.method = "sendMessage", .times = 7, .error_code = 500});
  telegram().AddFault({.method = "sendMessage", .times = 6, .drop = true});
  for (size_t i = 0; i < people.size(); ++i) {
    Request(absl::StrCat("For Boris ", i, "."), "", people[i]);
  }
  for (size_t i = 0; i < people.size(); ++i) {
    const std::string text = absl::StrCat("For Boris ", i, ".");
    ASSERT_TRUE(
        telegram()
            .AwaitMessage(
                people[i], [&](const Message& m) { return m.text == text; }, testing::kPatience)
            .ok())
        << text;
  }
  int failures = 0;
  absl::Time ended = absl::InfinitePast(), all_sent = absl::InfinitePast();
  for (const ApiCall& call : telegram().Log()) {
    if (call.method != "sendMessage") continue;
    all_sent = std::max(all_sent, call.time);
    if (!call.injected) continue;
    ++failures;
    ended = std::max(ended, call.time);
  }
  EXPECT_EQ(failures, kSlowedDown + kFailed);
  EXPECT_LE(all_sent - ended, absl::Seconds(5));
}

TEST_F(DeliveryTest, AChatThatHasToWaitAMinuteDelaysNobody) {
  Start();
  Meet();
  const int64_t boris = *telegram().AddUser({.first_name = "Boris", .language_code = "en"});
  ASSERT_TRUE(telegram().SendText(boris, "/start").ok());
  AwaitQuiet();
  telegram().AddFault({.method = "sendMessage",
                       .user_id = boris,
                       .times = 1,
                       .error_code = 429,
                       .retry_after_s = 60});
  Request("For Boris.", "", boris);
  MeshTest::Await("a refusal", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE failures > 0") == 1;
  });
  const absl::Time asked = absl::Now();
  Request("For Ann.");
  Await("For Ann.");
  const std::optional<absl::Time> sent = LastSent(telegram(), "For Ann.");
  ASSERT_TRUE(sent.has_value());
  EXPECT_LE(*sent - asked, absl::Seconds(1));
  EXPECT_EQ(Count("For Boris.", boris), 0);
  MoveClock(absl::Seconds(60));
  EXPECT_TRUE(
      telegram()
          .AwaitMessage(
              boris, [](const Message& m) { return m.text == "For Boris."; }, testing::kPatience)
          .ok());
}

TEST_F(DeliveryTest, WhatOneChatIsRefusedForDoesNotOpenTheCircuit) {
  Start();
  Meet();
  const int64_t boris = *telegram().AddUser({.first_name = "Boris", .language_code = "en"});
  ASSERT_TRUE(telegram().SendText(boris, "/start").ok());
  AwaitQuiet();
  telegram().AddFault({.method = "sendMessage",
                       .user_id = boris,
                       .times = 1000,
                       .error_code = 429,
                       .retry_after_s = 1});
  Request("For Boris.", "", boris);
  MeshTest::Await("more refusals than failures open a circuit", [&] {
    const std::vector<ApiCall> log = telegram().Log();
    return std::count_if(log.begin(), log.end(),
                         [](const ApiCall& call) { return call.code == 429; }) >= 6;
  });
  Request("For Ann.");
  Await("For Ann.");
}

TEST_F(DeliveryTest, ATelegramThatCannotShowTypingGetsMessagesAllTheSame) {
  telegram().AddFault({.method = "sendChatAction", .times = 1000, .error_code = 500});
  telegram().AddFault({.method = "setMyCommands", .times = 1000, .error_code = 500});
  Start();
  Meet();
  const auto failures = [&] {
    const std::vector<ApiCall> log = telegram().Log();
    return std::count_if(log.begin(), log.end(),
                         [](const ApiCall& call) { return call.code == 500; });
  };
  // The menu is tried again and again, and each word makes the bot show that it types.
  MeshTest::Await("more failures than open a circuit", [&] {
    Say("Hello?");
    AwaitQuiet();
    return failures() >= 6;
  });
  EXPECT_EQ(metrics().Gauge("circuit_breaker_state", "", {{"target", "telegram:42"}}).Value(), 0);
}

TEST_F(DeliveryTest, ABodyThatDoesNotParseIsDroppedAndReported) {
  Start();
  Meet();
  AwaitQuiet();
  ::testing::internal::CaptureStderr();
  Execute(absl::StrCat(
      "INSERT INTO outgoing_messages (user_id, key, kind, body, traceparent, status, place_at,"
      " due_at, created_at) VALUES (",
      ann(), ", 'bad', 'question', '\\xffffff', '', 'waiting', now(), now(), now())"));
  AwaitDropped(1);
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(R"("message":"outgoing message dropped","kind":"question")"));
  EXPECT_THAT(log, HasSubstr(R"("reason":"malformed")"));
}

TEST_F(DeliveryTest, AMessageInDoubtIsSentAgainUnlessItIsExpendable) {
  Start();
  Meet();
  AwaitQuiet();
  Render([](std::string payload) {
    v1::DialogMessage message = Saying(payload);
    message.set_expendable(payload == "I did.");
    return message;
  });
  telegram().AddFault({.method = "sendMessage", .times = 1, .drop = true, .after = true});
  Tell("garden.changed", "Did you get this?");
  const Message first = Await("Did you get this?");
  Await("Did you get this?", first.id);

  AwaitQuiet();
  telegram().AddFault({.method = "sendMessage", .times = 1, .drop = true, .after = true});
  Tell("garden.changed", "I did.");
  Await("I did.");
  Request("The end.");
  Await("The end.");
  EXPECT_EQ(Count("I did."), 1);
}

TEST_F(DeliveryTest, AProcessThatDiedBetweenSendingAndNoting) {
  Start();
  Meet();
  AwaitQuiet();
  StopMesh();
  LeaveBehind("Was I asked?", /*expendable=*/false);
  LeaveBehind("Was I praised?", /*expendable=*/true);
  Start();
  Await("Was I asked?");
  AwaitQuiet();
  EXPECT_EQ(Count("Was I praised?"), 0);
}

TEST_F(DeliveryTest, WhatWaitsSurvivesARestart) {
  Start();
  Meet();
  AwaitQuiet();
  telegram().AddFault(
      {.method = "sendMessage", .times = 1000, .error_code = 429, .retry_after_s = 1});
  Request("Before the restart.");
  MeshTest::Await("a failure", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE failures > 0") == 1;
  });
  StopMesh();
  telegram().ClearFaults();
  Start();
  Await("Before the restart.");
  AwaitQuiet();
  EXPECT_EQ(Count("Before the restart."), 1);
}

TEST_F(DeliveryTest, WhoBlockedTheBotStopsNobody) {
  Start();
  Meet();
  const int64_t boris = *telegram().AddUser({.first_name = "Boris", .language_code = "en"});
  ASSERT_TRUE(telegram().SendText(boris, "/start").ok());
  AwaitQuiet();
  ASSERT_TRUE(telegram().Block(ann()).ok());
  Request("Into the void.");
  Request("Further into the void.");
  Request("For Boris.", "", boris);
  EXPECT_TRUE(
      telegram()
          .AwaitMessage(
              boris, [](const Message& m) { return m.text == "For Boris."; }, testing::kPatience)
          .ok());
  AwaitDropped(2);
  EXPECT_EQ(DeadLetters(), 0);

  ASSERT_TRUE(telegram().Block(ann(), false).ok());
  Request("Back again.");
  Await("Back again.");
  EXPECT_EQ(Count("void"), 0);
}

TEST_F(DeliveryTest, AnUnknownChatStopsNobody) {
  Start();
  Meet();
  Request("Nobody is there.", "", 999'999'999);
  Request("Ann is.");
  Await("Ann is.");
  AwaitDropped(1);
  EXPECT_EQ(DeadLetters(), 0);
}

TEST_F(DeliveryTest, WhatTelegramDoesNotTakeIsDropped) {
  Start();
  Meet();
  events::v1::MessageSendRequested broken;
  broken.set_user_id(ann());
  broken.set_message_text("<blink>Hey</blink>");
  broken.set_text_format(v1::TEXT_FORMAT_HTML);
  Publish(broken);
  Request("   ");
  Request("After that.");
  Await("After that.");
  AwaitQuiet();
  EXPECT_EQ(DeadLetters(), 0);
}

}  // namespace
}  // namespace selfology::telegram_gateway
