#include "services/edge/telegram_gateway/delivery/delivery.h"

#include <algorithm>
#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class DeliveryTest : public GatewayTest {
 protected:
  // As if a process had died after it took a message to be sent, a while ago.
  void LeaveBehind(std::string text, bool expendable) {
    const v1::DialogMessage body = Saying(text);
    const auto left =
        DatabaseAs("selfology_telegram_gateway").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.Execute(
              "INSERT INTO outgoing_messages (user_id, key, kind, body, expendable, traceparent,"
              " status, place_at, due_at, created_at)"
              " VALUES ($1, $2, 'reply', $3, $4, '', 'sending', now(), now(), now())",
              ann(), text, postgres::Bytes{body.SerializeAsString()}, expendable);
        });
    ASSERT_TRUE(left.ok()) << left.status();
  }

  // The garden renders its events so from now on.
  void Render(std::function<v1::DialogMessage(std::string payload)> say) {
    garden().Do([&](FakeDialog& d) {
      d.render = [say](const v1::RenderEventRequest& request) {
        return Answering<v1::RenderEventResponse>({say(request.payload())});
      };
    });
  }

  void AwaitDropped(int64_t messages) {
    MeshTest::Await("messages to be dropped", [&] {
      return Rows(
                 "SELECT count(*) FROM outgoing_messages"
                 " WHERE status = 'dropped' AND body IS NULL") == messages;
    });
  }
};

TEST_F(DeliveryTest, AMessageThatIsJustBeingWrittenIsClaimedBeforeThoseThatWaitForIt) {
  Start();
  postgres::Database& database = DatabaseAs("selfology_telegram_gateway");
  // So that the gateway, whose clock shows the present, leaves them alone.
  const absl::Time now = absl::Now() + absl::Hours(24);
  Outgoing question{.user_id = ann(), .key = "q", .body = Saying("?"), .after_key = "garden:f"};
  question.body.mutable_wait()->set_seconds(1);
  ASSERT_TRUE(database
                  .Write(Deadline(),
                         [&](postgres::Transaction& tx) {
                           store::Enqueue(tx, kBot, question, now);
                           return absl::OkStatus();
                         })
                  .ok());
  Outgoing feedback{.user_id = ann(), .key = "garden:f", .dialog = "garden", .body = Saying("!")};
  feedback.body.set_key("f");
  postgres::Transaction writing = database.Begin(Deadline());
  store::Enqueue(writing, kBot, feedback, now);
  // So that it has been sent to the server.
  ASSERT_TRUE(writing.Execute("SELECT 1").ok());

  absl::StatusOr<store::Next> next = absl::UnknownError("");
  std::thread claim([&] {
    next = database.Write(Deadline(), [&](postgres::Transaction& tx) {
      return store::ClaimNext(tx, kBot, ann(), now, now + absl::Minutes(1));
    });
  });
  MeshTest::Await("the claim to wait",
                  [&] { return Rows("SELECT count(*) FROM pg_locks WHERE NOT granted") == 1; });
  EXPECT_TRUE(writing.Commit().ok());
  claim.join();
  ASSERT_TRUE(next.ok()) << next.status();
  ASSERT_TRUE(next->claimed.has_value());
  EXPECT_EQ(next->claimed->message.key, "garden:f");
}

TEST_F(DeliveryTest, AMessageWaitsForAnotherButNotForEver) {
  Start([](GatewaySettings& s) { s.pacing.chat = {.per_second = 1000, .burst = 1000}; });
  Meet();
  AwaitQuiet();
  Render([](std::string payload) {
    v1::DialogMessage message = Saying(payload);
    if (payload == "Feedback.") {
      message.set_key("f1");
    } else if (payload != "A reply.") {
      message.set_after_key(payload == "Next question." ? "f1" : "f2");
      message.mutable_wait()->set_seconds(payload == "Next question." ? 10 : 1);
    }
    return message;
  });
  StopClock();
  Tell("garden.changed", "Next question.");
  Tell("garden.changed", "A reply.");
  Await("A reply.");
  EXPECT_EQ(Count("Next question."), 0) << Transcript();
  Tell("garden.changed", "Feedback.");
  EXPECT_LT(Await("Feedback.").id, Await("Next question.").id) << Transcript();
  // What it waits for has been enqueued already: it does not wait.
  Tell("garden.changed", "Next question.");
  Await("Next question.", Await("Next question.").id);
  StartClock();
  // What it waits for never comes.
  Tell("garden.changed", "The last question.");
  Await("The last question.");
}

TEST_F(DeliveryTest, WhatStandsBehindAMessageThatWaitsWaitsWithIt) {
  Start([](GatewaySettings& s) { s.pacing.chat = {.per_second = 1000, .burst = 1000}; });
  Meet();
  AwaitQuiet();
  garden().Do([](FakeDialog& d) {
    d.render = [](const v1::RenderEventRequest& request) {
      if (request.payload() == "f") {
        v1::DialogMessage feedback = Saying("Feedback.");
        feedback.set_key("f");
        return Answering<v1::RenderEventResponse>({feedback});
      }
      v1::DialogMessage held = Saying("First.");
      held.set_after_key("f");
      held.mutable_wait()->set_seconds(10);
      return Answering<v1::RenderEventResponse>({held, Saying("Second.")});
    };
  });
  StopClock();
  Tell("garden.changed", "q");
  AwaitHandled("telegram_gateway", 1);
  Tell("garden.changed", "f");
  const int64_t second = Await("Second.").id;
  EXPECT_LT(Await("Feedback.").id, Await("First.").id);
  EXPECT_LT(Await("First.").id, second);
}

TEST_F(DeliveryTest, AnErasureTakesAlongAMessageThatIsJustBeingWritten) {
  Start();
  postgres::Database& database = DatabaseAs("selfology_telegram_gateway");
  const absl::Time now = absl::Now() + absl::Hours(24);
  postgres::Transaction writing = database.Begin(Deadline());
  store::Enqueue(writing, kBot, {.user_id = ann(), .key = "k", .body = Saying("k")}, now);
  ASSERT_TRUE(writing.Execute("SELECT 1").ok());
  absl::StatusOr<int64_t> deleted = absl::UnknownError("");
  std::thread erasure([&] {
    deleted = database.Write(
        Deadline(), [&](postgres::Transaction& tx) { return store::DeleteUser(tx, ann()); });
  });
  MeshTest::Await("the erasure to wait", [&] {
    return deleted.ok() || Rows("SELECT count(*) FROM pg_locks WHERE NOT granted") == 1;
  });
  EXPECT_TRUE(writing.Commit().ok());
  erasure.join();
  EXPECT_EQ(deleted, absl::StatusOr<int64_t>(1));
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages"), 0);
}

TEST_F(DeliveryTest, KeepsTheOrder) {
  Start([](GatewaySettings& s) {
    s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                .all = {.per_second = 1000, .burst = 1000}};
  });
  Meet();
  constexpr int kMessages = 50;
  for (int i = 0; i < kMessages; ++i) Request(absl::StrCat("message ", i, "."));
  Await(absl::StrCat("message ", kMessages - 1, "."));
  int next = 0;
  for (const Message& m : telegram().Messages(ann())) {
    if (!absl::StartsWith(m.text, "message ")) continue;
    EXPECT_EQ(m.text, absl::StrCat("message ", next++, ".")) << Transcript();
  }
  EXPECT_EQ(next, kMessages);
}

TEST_F(DeliveryTest, TheSameKeyIsSentOnce) {
  Start();
  Meet();
  Request("Good morning!", "greeting");
  Request("Good morning again!", "greeting");
  Request("The end.");
  Await("The end.");
  EXPECT_EQ(Count("Good morning"), 1);
}

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

TEST_F(DeliveryTest, ABurstOfFailuresHoldsNobodyUpForLong) {
  Start();
  Meet();
  const int64_t boris = *telegram().AddUser({.first_name = "Boris", .language_code = "en"});
  ASSERT_TRUE(telegram().SendText(boris, "/start").ok());
  AwaitQuiet();
  telegram().AddFault({.method = "sendMessage", .times = 5, .error_code = 500});
  telegram().AddFault({.method = "sendMessage", .times = 2, .drop = true});
  Request("For Ann.");
  Request("For Boris.", "", boris);
  Await("For Ann.");
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
  EXPECT_THAT(log, HasSubstr(R"("message":"message dropped","kind":"question")"));
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

TEST_F(DeliveryTest, WhatIsNoLongerWorthItIsNotSent) {
  Start();
  Meet();
  AwaitQuiet();
  telegram().AddFault(
      {.method = "sendMessage", .times = 1000, .error_code = 429, .retry_after_s = 1});
  Render([](std::string payload) {
    v1::DialogMessage message = Saying(payload);
    message.mutable_worth()->set_seconds(600);
    return message;
  });
  Tell("garden.changed", "How interesting.");
  MeshTest::Await("a failure", [&] {
    return Rows("SELECT count(*) FROM outgoing_messages WHERE failures > 0") == 1;
  });
  MoveClock(absl::Minutes(11));
  telegram().ClearFaults();
  AwaitQuiet();
  EXPECT_EQ(Count("How interesting."), 0);
}

TEST_F(DeliveryTest, LongTextsComeInPiecesWithTheButtonsAtTheEnd) {
  Start();
  Meet();
  std::string text;
  for (int i = 0; i < 1000; ++i) absl::StrAppend(&text, "Sentence ", i, ". ");
  events::v1::MessageSendRequested event;
  event.set_user_id(ann());
  event.set_message_text(text);
  v1::Button& button = *event.add_button_rows()->add_buttons();
  button.set_text("More");
  button.set_callback_data("more:");
  Publish(event);
  const Message last = Await("Sentence 999.");
  EXPECT_FALSE(last.markup.is_null());
  std::string together;
  for (const Message& m : telegram().Messages(ann())) {
    if (!absl::StartsWith(m.text, "Sentence ")) continue;
    absl::StrAppend(&together, m.text, " ");
    EXPECT_EQ(m.markup.is_null(), m.id != last.id);
  }
  EXPECT_EQ(together, text);
}

TEST_F(DeliveryTest, KeepsThePace) {
  Start([](GatewaySettings& s) { s.pacing.chat = {.per_second = 4, .burst = 2}; });
  Meet();
  for (int i = 0; i < 6; ++i) Request(absl::StrCat("Number ", i, "."));
  Await("Number 5.");
  std::vector<absl::Time> times;
  for (const ApiCall& call : telegram().Log()) {
    if (call.method == "sendMessage") times.push_back(call.time);
  }
  ASSERT_THAT(times, SizeIs(7));
  for (size_t first = 0; first < times.size(); ++first) {
    for (size_t last = first + 2; last < times.size(); ++last) {
      const double allowed = 2 + absl::ToDoubleSeconds(times[last] - times[first]) * 4;
      // A request may take longer to arrive than the next.
      EXPECT_LE(static_cast<double>(last - first + 1), allowed + 1) << first << " to " << last;
    }
  }
}

TEST_F(DeliveryTest, NothingPersonalIsLeftInTheTableOrTheLog) {
  ::testing::internal::CaptureStderr();
  Start();
  Meet();
  Await("garden heard: A secret garden.", Say("A secret garden."));
  telegram().AddFault({.method = "sendMessage",
                       .times = 1,
                       .error_code = 400,
                       .description = "Bad Request: \"A secret garden\""});
  Request("A secret garden, you said.");
  Request("The end.");
  Await("The end.");
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages WHERE body IS NOT NULL"), 0);
  StopMesh();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("\"message\""));
  EXPECT_THAT(log, Not(HasSubstr("a-token-nobody-may-see")));
  EXPECT_THAT(log, Not(HasSubstr("secret garden")));
  EXPECT_THAT(log, Not(HasSubstr(absl::StrCat(ann()))));
}

}  // namespace
}  // namespace selfology::telegram_gateway
