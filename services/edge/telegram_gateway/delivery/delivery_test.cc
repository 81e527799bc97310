// In which order messages are sent, in which pieces and at which pace.
#include "services/edge/telegram_gateway/delivery/delivery.h"

#include <string>
#include <thread>
#include <vector>

#include "services/edge/telegram_gateway/delivery/delivery_fixture_test.h"
#include "services/edge/telegram_gateway/person_store.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

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
