#include "services/edge/telegram_gateway/intake.h"

#include <memory>
#include <string>
#include <thread>

#include "services/edge/telegram_gateway/gateway_fixture_test.h"
#include "services/edge/telegram_gateway/lenient_json.h"

namespace selfology::telegram_gateway {
namespace {

using telegram_emulator::World;
using ::testing::HasSubstr;
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

  void AskAnn() {
    Meet();
    PutQuestion("q1", "What is home to you?");
    Await("Question 1 of 10");
    AwaitState(v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  }
  size_t Answers() {
    return owners().Do([](Owners& o) { return o.answers.size(); });
  }
};

TEST_F(IntakeTest, AnUpdateThatComesAgainDoesNothing) {
  Start();
  AskAnn();
  AwaitQuiet();
  // The poller gets nothing for a while, and the same update comes by another way.
  BreakUpdates({.error_code = 502});
  Say("Where my books are.");
  const std::string update = OldestUpdate();
  const auto first = Handle(update);
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(first->user_id(), ann());
  EXPECT_EQ(Handle(update)->outcome(), v1::UPDATE_OUTCOME_DUPLICATE);
  telegram().ClearFaults();
  AwaitQuiet();
  EXPECT_EQ(Answers(), 1u);
}

TEST_F(IntakeTest, AnUpdateThatTookEffectButWasNotMarkedIsAnsweredOnce) {
  Start();
  AskAnn();
  Say("Where my books are.");
  AwaitState(v1::CONVERSATION_STATE_PROCESSING_ANSWER);
  AwaitQuiet();
  // As if the process had died right after the owner's answer.
  Execute(
      "DELETE FROM handled_updates WHERE update_id = (SELECT max(update_id) FROM handled_updates)");
  const int64_t id = Rows("SELECT max(update_id) + 1 FROM handled_updates");
  const Json update = {{"update_id", id}, {"message", FromAnn({{"text", "Where my books are."}})}};
  EXPECT_EQ(Handle(Dump(update))->outcome(), v1::UPDATE_OUTCOME_HANDLED);
  EXPECT_EQ(Answers(), 1u);
  AwaitQuiet();
  EXPECT_EQ(Count("Code:"), 0) << Transcript();
}

// It is tried without its caller, who is gone by then, and too late; so it had no effect.
TEST_F(IntakeTest, AnUpdateWhoseCallerGaveUpWhileItWasQueuedMayComeAgain) {
  owners().answers_held = std::make_unique<absl::Notification>();
  Start();
  AskAnn();
  AwaitQuiet();
  BreakUpdates({.error_code = 502});
  const int64_t id = Rows("SELECT max(update_id) + 1 FROM handled_updates");
  const auto update = [&](int64_t number, std::string text) {
    return Dump(Json{{"update_id", number}, {"message", FromAnn({{"text", std::move(text)}})}});
  };
  absl::StatusOr<v1::HandleUpdateResponse> first = absl::UnknownError("");
  std::thread caller([&] { first = Handle(update(id, "Where my books are.")); });
  MeshTest::Await("the answer to be under way", [&] { return owners().answers_waiting > 0; });
  v1::HandleUpdateRequest second;
  second.set_update_json(update(id + 1, "/help"));
  const absl::Status gave_up =
      gateway().HandleUpdate(Call::Background(absl::Milliseconds(500)), second).status();
  EXPECT_TRUE(absl::IsDeadlineExceeded(gave_up)) << gave_up;
  owners().answers_held->Notify();
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
  AskAnn();
  AwaitQuiet();
  StopMesh();
  Say("I wrote this in the meantime.");
  Start();
  MeshTest::Await("the answer", [&] { return Answers() == 1; });
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
  Await("do not know enough", Say("/profile"));
  AwaitQuiet();
  EXPECT_EQ(Count("Is that all right"), 1);
}

TEST_F(IntakeTest, WhatCannotBeReadGetsAClearAnswer) {
  Start();
  Meet();
  Add("message", FromAnn({{"voice", {{"file_id", "x"}}}}));
  Await("cannot listen");
  Add("message", FromAnn({{"photo", Json::array()}, {"caption", "me"}}));
  Await("cannot look at pictures");
  Add("message", FromAnn({{"sticker", Json::object()}}));
  Await("Words tell me more");
  Add("message", FromAnn({{"location", Json::object()}}));
  Await("only read text");
  const int64_t said = Say("/help");
  Await("How this works", said);
  ASSERT_TRUE(telegram().EditText(ann(), said, "/helper").ok());
  Await("do not see edits");
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
  Await("do not know enough", Say("/profile"));
  AwaitQuiet();
  EXPECT_EQ(Count("Is that all right"), 1) << Transcript();
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
  Await("How this works", Say("/help"));
}

TEST_F(IntakeTest, PollingTakesAWebhookAway) {
  telegram().exchange().Do([](World& world, absl::Time) {
    world.SetWebhook({.url = "http://127.0.0.1:1/old"});
    return true;
  });
  Start();
  Await("Welcome to Selfology", Say("/start"));
}

TEST_F(IntakeTest, ThirtyAMinuteAndOneWordAboutIt) {
  Start([](GatewaySettings& s) {
    s.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                .all = {.per_second = 1000, .burst = 1000}};
  });
  for (int i = 0; i < 40; ++i) Say("/help");
  Await("faster than I can read");
  AwaitQuiet();
  EXPECT_EQ(Count("How this works"), 30);
  EXPECT_EQ(Count("faster than I can read"), 1);
  EXPECT_EQ(Rows("SELECT count(*) FROM handled_updates WHERE outcome = 'rate_limited'"), 10);
}

TEST_F(IntakeTest, TheStateMayBeLostAtAnyTime) {
  Start();
  AskAnn();
  AwaitQuiet();
  const auto journey =
      redis().Command(Deadline(), {"HGET", absl::StrCat("fsm:data:", ann()), "trace"});
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  EXPECT_EQ(State(), v1::CONVERSATION_STATE_WAITING_FOR_ANSWER);
  // Redis has it again, with the trace it had.
  const auto word = redis().Command(Deadline(), {"GET", absl::StrCat("fsm:state:", ann())});
  EXPECT_EQ(*word->String(), "waiting_for_answer");
  const auto ttl = redis().Command(Deadline(), {"TTL", absl::StrCat("fsm:state:", ann())});
  EXPECT_GT(*ttl->Integer(), 3500);
  EXPECT_EQ(*redis().Command(Deadline(), {"HGET", absl::StrCat("fsm:data:", ann()), "trace"}),
            *journey);
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  Say("Where my books are.");
  MeshTest::Await("the answer", [&] { return Answers() == 1; });
  owners().Do([](Owners& o) { EXPECT_EQ(o.answers[0].question_id(), "q1"); });
}

TEST_F(IntakeTest, WithoutItsOwnersItSaysSo) {
  owners().failures["GetOnboarding"] = absl::UnavailableError("down");
  Start();
  EXPECT_THAT(Await("saved nothing", Say("Hello?")).text, HasSubstr("SERVICE_UNAVAILABLE"));
  // Some things need nobody.
  Await("How this works", Say("/help"));
}

TEST_F(IntakeTest, AnOutageWhileWordsWaitForAQuestionIsNoPromise) {
  owners().failures["GetAnswer"] = absl::UnavailableError("down");
  Start();
  Meet();
  // Consent is given, and the first question is still to come.
  owners().Do([&](Owners& o) { o.Of(ann()).set_stage(session::v1::ONBOARDING_STAGE_STARTING); });
  ASSERT_TRUE(redis().Command(Deadline(), {"FLUSHALL"}).ok());
  EXPECT_THAT(Await("saved nothing", Say("Where my books are.")).text,
              HasSubstr("SERVICE_UNAVAILABLE"));
  EXPECT_EQ(Count("next question"), 0) << Transcript();
}

TEST_F(IntakeTest, TheRpcSaysWhatBecameOfAnUpdate) {
  Start();
  Meet();
  EXPECT_EQ(Handle("no json")->outcome(), v1::UPDATE_OUTCOME_MALFORMED);
  EXPECT_EQ(Handle(R"({"update_id": 7, "chat_boost": {}})")->outcome(), v1::UPDATE_OUTCOME_IGNORED);
  EXPECT_TRUE(absl::IsInvalidArgument(Handle("").status()));
}

TEST_F(IntakeTest, PeopleDoNotWaitForEachOther) {
  owners().answers_held = std::make_unique<absl::Notification>();
  Start();
  AskAnn();
  const int64_t boris = *telegram().AddUser({.first_name = "Boris", .language_code = "en"});
  Say("Where my books are.");
  Say("And my cat.");
  AwaitState(v1::CONVERSATION_STATE_PROCESSING_ANSWER);
  ASSERT_TRUE(telegram().SendText(boris, "/help").ok());
  EXPECT_TRUE(telegram()
                  .AwaitMessage(
                      boris,
                      [](const Message& m) { return absl::StrContains(m.text, "How this works"); },
                      testing::kPatience)
                  .ok());
  EXPECT_EQ(Answers(), 0u);
  owners().answers_held->Notify();
  // Her own come one after the other.
  Await("have your answer");
  owners().Do([](Owners& o) {
    ASSERT_THAT(o.answers, SizeIs(1));
    EXPECT_EQ(o.answers[0].answer_text(), "Where my books are.");
  });
}

// What an Intake refers to, in a process of the mesh.
struct IntakeParts {
  explicit IntakeParts(service::Mesh& mesh)
      : peers(mesh),
        telegram({.token = kToken}, &mesh.http(), &mesh.metrics()),
        cache(&mesh.redis(), mesh.clock(),
              [](const Call&, int64_t) { return absl::InfinitePast(); }),
        conversations(cache, peers, mesh.database()),
        delivery(mesh.database(), telegram, mesh.clock(), mesh.metrics(), {}),
        typing(telegram, mesh.database(), mesh.clock()),
        handler({.database = mesh.database(),
                 .redis = mesh.redis(),
                 .metrics = mesh.metrics(),
                 .peers = peers,
                 .conversations = conversations,
                 .telegram = telegram,
                 .delivery = delivery,
                 .typing = typing,
                 .clock = mesh.clock(),
                 .erase = [](const Call&, int64_t) { return absl::OkStatus(); }}),
        intake(handler, telegram, mesh.metrics()) {}

  const Peers peers;
  BotApi telegram;
  ConversationCache cache;
  Conversations conversations;
  Delivery delivery;
  Typing typing;
  UpdateHandler handler;
  Intake intake;
};

class IntakeModule final : public service::Module {
 public:
  explicit IntakeModule(std::unique_ptr<IntakeParts>& parts) : parts_(parts) {}
  service::ModuleInfo info() const override { return {.name = "intake", .group = "intake"}; }
  absl::Status Start(service::Mesh& mesh) override {
    parts_ = std::make_unique<IntakeParts>(mesh);
    return absl::OkStatus();
  }

 private:
  std::unique_ptr<IntakeParts>& parts_;
};

TEST_F(IntakeTest, AnUpdateThatComesWhileStoppingIsNotDone) {
  std::unique_ptr<IntakeParts> parts;
  StartMesh(testing::Modules(std::make_unique<IntakeModule>(parts)));
  parts->intake.Stop();
  service::StopSignal stop;
  std::vector<bool> done;
  const Json update = {{"update_id", 7}, {"message", FromAnn({{"text", "Hello?"}})}};
  parts->intake.HandleSurely(Dump(update), stop,
                             [&](bool took_effect) { done.push_back(took_effect); });
  EXPECT_THAT(done, ::testing::ElementsAre(false));
  parts.reset();
}

}  // namespace
}  // namespace selfology::telegram_gateway
