#include "services/edge/telegram_gateway/delivery.h"

#include <string>
#include <thread>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/gateway_store.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

class DeliveryTest : public GatewayTest {
 protected:
  // Another service has something to say.
  void Request(std::string text, std::string dedup_key = "", int64_t user_id = 0) {
    events::v1::MessageSendRequested event;
    event.set_user_id(user_id == 0 ? ann() : user_id);
    event.set_message_text(std::move(text));
    event.set_dedup_key(std::move(dedup_key));
    Publish(event);
  }

  // As if a process had died after it took a message to be sent, a while ago.
  void LeaveBehind(std::string kind, std::string text) {
    v1::SendMessageRequest body;
    body.set_message_text(std::move(text));
    const auto left =
        DatabaseAs("selfology_telegram_gateway").Write(Deadline(), [&](postgres::Transaction& tx) {
          return tx.Execute(
              "INSERT INTO outgoing_messages (user_id, key, kind, body, traceparent, status, "
              "place_at, due_at,"
              " created_at) VALUES ($1, $2, $2, $3, '', 'sending', now(), now(), now())",
              ann(), kind, postgres::Bytes{body.SerializeAsString()});
        });
    ASSERT_TRUE(left.ok()) << left.status();
  }

  void AwaitDropped(int64_t messages) {
    MeshTest::Await("messages to be dropped", [&] {
      return Rows(
                 "SELECT count(*) FROM outgoing_messages"
                 " WHERE status = 'dropped' AND body IS NULL") == messages;
    });
  }

  int64_t DeadLetters() {
    const auto row = DatabaseAs("selfology_mesh").Read(Deadline(), [&](postgres::Transaction& tx) {
      return tx.QueryOne<int64_t>("SELECT count(*) FROM dead_letters");
    });
    return row.ok() ? std::get<0>(**row) : -1;
  }
};

TEST_F(DeliveryTest, FeedbackThatIsJustBeingWrittenIsClaimedBeforeWhatItReleases) {
  Start();
  postgres::Database& database = DatabaseAs("selfology_telegram_gateway");
  // So that the gateway, whose clock shows the present, leaves them alone.
  const absl::Time now = absl::Now() + absl::Hours(24);
  const auto enqueue = [&](postgres::Transaction& tx, Kind kind, absl::Time place_at) {
    const Outgoing message{
        .user_id = ann(), .key = kind == Kind::kFeedback ? "f" : "q", .kind = kind};
    return store::Enqueue(tx, message, place_at, now).status();
  };
  ASSERT_TRUE(database
                  .Write(Deadline(),
                         [&](postgres::Transaction& tx) {
                           return enqueue(tx, Kind::kQuestion, now + absl::Seconds(1));
                         })
                  .ok());
  postgres::Transaction feedback = database.Begin(Deadline());
  store::ReleaseHeld(feedback, ann(), now);
  ASSERT_TRUE(enqueue(feedback, Kind::kFeedback, now - absl::Microseconds(1)).ok());

  absl::StatusOr<store::Next> next = absl::UnknownError("");
  std::thread claim([&] {
    next = database.Write(Deadline(), [&](postgres::Transaction& tx) {
      return store::ClaimNext(tx, ann(), now, now + absl::Minutes(1));
    });
  });
  MeshTest::Await("the claim to wait",
                  [&] { return Rows("SELECT count(*) FROM pg_locks WHERE NOT granted") == 1; });
  EXPECT_TRUE(feedback.Commit().ok());
  claim.join();
  ASSERT_TRUE(next.ok()) << next.status();
  ASSERT_TRUE(next->claimed.has_value());
  EXPECT_EQ(next->claimed->message.kind, Kind::kFeedback);
}

TEST_F(DeliveryTest, AnErasureTakesAlongAMessageThatIsJustBeingWritten) {
  Start();
  postgres::Database& database = DatabaseAs("selfology_telegram_gateway");
  const absl::Time now = absl::Now() + absl::Hours(24);
  postgres::Transaction writing = database.Begin(Deadline());
  ASSERT_TRUE(store::Enqueue(writing, {.user_id = ann(), .key = "k"}, now, now).ok());
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
  PutQuestion("q1", "Still there?");
  Await("Still there?");
  EXPECT_EQ(Count("Still there?"), 1);
  EXPECT_EQ(DeadLetters(), 0);
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

TEST_F(DeliveryTest, AQuestionInDoubtIsSentAgainButNoFeedback) {
  Start();
  Meet();
  telegram().AddFault({.method = "sendMessage", .times = 1, .drop = true, .after = true});
  PutQuestion("q1", "Did you get this?");
  const Message first = Await("Did you get this?");
  Await("Did you get this?", first.id);

  telegram().AddFault({.method = "sendMessage", .times = 1, .drop = true, .after = true});
  PublishFeedback("q1", "I did.");
  Request("The end.");
  Await("The end.");
  EXPECT_EQ(Count("I did."), 1);
}

TEST_F(DeliveryTest, AProcessThatDiedBetweenSendingAndNoting) {
  Start();
  Meet();
  AwaitQuiet();
  StopMesh();
  LeaveBehind("question", "Was I asked?");
  LeaveBehind("feedback", "Was I praised?");
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

TEST_F(DeliveryTest, StaleFeedbackIsNotSent) {
  Start();
  Meet();
  AwaitQuiet();
  telegram().AddFault(
      {.method = "sendMessage", .times = 1000, .error_code = 429, .retry_after_s = 1});
  PublishFeedback("q1", "How interesting.");
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
  PutQuestion("q1", "What is home to you?");
  Await("Question 1 of 10");
  Say("A secret garden.");
  AwaitState(v1::CONVERSATION_STATE_PROCESSING_ANSWER);
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
