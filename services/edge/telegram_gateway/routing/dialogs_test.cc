#include "services/edge/telegram_gateway/routing/dialogs.h"

#include <string>
#include <thread>
#include <vector>

#include "common/service/stop_signal.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

class DialogsTest : public GatewayTest {
 protected:
  // Telegram's menu of commands is this, in that language.
  void AwaitMenu(const std::string& language, const std::string& words) {
    const auto set = telegram().AwaitCall(
        [&](const ApiCall& call) {
          return call.method == "setMyCommands" &&
                 call.parameters.value("language_code", "") == language &&
                 absl::StrContains(call.parameters.dump(), words);
        },
        testing::kPatience);
    EXPECT_TRUE(set.ok()) << set.status();
  }

  absl::Status HandleUpdate() {
    v1::HandleUpdateRequest request;
    request.set_update_json(absl::StrCat(
        R"({"update_id": 7, "message": {"message_id": 1, "text": "Hi.", "from": {"id": )", ann(),
        R"(}, "chat": {"id": )", ann(), R"(, "type": "private"}}})"));
    return gateway().HandleUpdate(Deadline(), request).status();
  }
};

TEST_F(DialogsTest, CommandsAreInTelegramsMenuInEachLanguage) {
  Start();
  AwaitMenu("", "Visit the garden");
  AwaitMenu("", "How this works");
  AwaitMenu("ru", "Заглянуть: garden");
  AwaitMenu("ru", "Как это устроено");
}

TEST_F(DialogsTest, WhatADialogLearnsIsUsedWithoutARestart) {
  Start();
  Await("do not know this command", Say("/swing"));
  garden().Do([](FakeDialog& d) {
    v1::DialogCommand& command = *d.description.add_commands();
    command.set_name("swing");
    *command.add_descriptions() = In("en", "Swing a while");
    d.description.add_event_types("wind.rises");
  });
  AwaitMenu("", "Swing a while");
  Await("garden: /swing", Say("/swing"));
  Tell("wind.rises", "Hold on!");
  Await("Hold on!");
}

TEST_F(DialogsTest, ADialogThatIsAwayIsWhatItWas) {
  AddDialog("orchard");
  Start();
  Await("Welcome to the orchard", Say("/start orchard"));
  AwaitQuiet();
  MeshTest::Await("descriptions to be stored",
                  [&] { return Rows("SELECT count(*) FROM dialogs") == 2; });
  StopMesh();
  SendAway("orchard");
  Start([](GatewaySettings& s) { s.patience.react = absl::Seconds(1); });
  Await("garden: /garden", Say("/garden"));
  Await("not working right now", Say("Hello?"));
}

TEST_F(DialogsTest, BeforeAllAreKnownNothingIsTaken) {
  AddDialog("orchard");
  SendAway("orchard");
  Start();
  const int64_t start = Say("/start garden");
  v1::GetConversationStateRequest request;
  request.set_user_id(ann());
  const auto asked =
      gateway().GetConversationState(Call::Background(absl::Seconds(1)), request).status();
  EXPECT_TRUE(absl::IsUnavailable(asked) || absl::IsDeadlineExceeded(asked)) << asked;
  EXPECT_EQ(garden().Reacted().size(), 0u);
  StopMesh();
  SendBack("orchard");
  Start();
  Await("Welcome to the garden", start);
}

TEST_F(DialogsTest, ADialogThatWasNeverHeardOfIsNamed) {
  Start();
  MeshTest::Await("the description to be stored",
                  [&] { return Rows("SELECT count(*) FROM dialogs") == 1; });
  Execute("DELETE FROM dialogs");
  garden().Fail("DescribeDialog", absl::UnavailableError("down"));
  Dialogs dialogs({{"garden", v1::DialogServiceClient(Peer("garden"))}}, OfGateway(), Clock(),
                  absl::Milliseconds(50));
  service::StopSignal stop;
  std::thread runs([&] { dialogs.Run(stop); });
  EXPECT_TRUE(dialogs.blocked().ok()) << "in the first moments it may yet come";
  MoveClock(absl::Minutes(1));
  MeshTest::Await("it to be named",
                  [&] { return absl::StrContains(dialogs.blocked().message(), "garden"); });
  EXPECT_TRUE(absl::IsUnavailable(dialogs.blocked())) << dialogs.blocked();
  garden().Fail("DescribeDialog", absl::OkStatus());
  MeshTest::Await("it to be known", [&] { return dialogs.blocked().ok(); });
  stop.Request();
  runs.join();
}

TEST_F(DialogsTest, TwoThatClaimTheSameCommandStopTheGatewayUntilTheyAgree) {
  ::testing::internal::CaptureStderr();
  FakeDialog& orchard = AddDialog("orchard");
  orchard.description.add_commands()->set_name("garden");
  Start();
  const int64_t start = Say("/start garden");
  EXPECT_THAT(std::string(HandleUpdate().message()),
              AllOf(HasSubstr("\"garden\" and \"orchard\""), HasSubstr("the command \"garden\"")));
  MeshTest::Await("the service to be unhealthy", [&] { return !host().ready(); });
  EXPECT_EQ(garden().Reacted().size(), 0u);
  EXPECT_EQ(Rows("SELECT count(*) FROM dialogs"), 0);
  orchard.Do([](FakeDialog& d) { d.description.mutable_commands()->RemoveLast(); });
  Await("Welcome to the garden", start);
  MeshTest::Await("the service to be healthy", [&] { return host().ready(); });
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr(R"("severity":"ERROR")"));
  EXPECT_THAT(log, HasSubstr(R"("message":"dialogs conflict; bot stopped")"));
}

TEST_F(DialogsTest, WhatIsKnownStaysWhenTwoComeToClaimTheSame) {
  FakeDialog& orchard = AddDialog("orchard");
  Start();
  Await("Welcome to the orchard", Say("/start orchard"));
  ::testing::internal::CaptureStderr();
  orchard.Do([](FakeDialog& d) {
    d.description.add_button_actions("garden");
    d.described = 0;
  });
  // The second time it has been thought about.
  MeshTest::Await("it to be asked",
                  [&] { return orchard.Do([](FakeDialog& d) { return d.described >= 2; }); });
  Await("orchard heard: Crunch.", Say("Crunch."));
  EXPECT_TRUE(host().ready());
  EXPECT_THAT(::testing::internal::GetCapturedStderr(),
              HasSubstr(R"(both claim the button action \"garden\")"));
}

TEST_F(DialogsTest, ADescriptionThatBreaksARuleIsNamed) {
  ::testing::internal::CaptureStderr();
  garden().description.mutable_commands(0)->set_name("Garden!");
  Start();
  MeshTest::Await("the service to be unhealthy", [&] { return !host().ready(); });
  garden().Do([](FakeDialog& d) { d.description.mutable_commands(0)->set_name("garden"); });
  Meet();
  const std::string log = ::testing::internal::GetCapturedStderr();
  EXPECT_THAT(log, HasSubstr("commands[0].name must be 1 to 32 of a to z, 0 to 9 and _"));
}

TEST_F(DialogsTest, TheSameDialogTwiceIsAMistakeOfTheSettings) {
  service::Settings settings;
  settings.database_url = url();
  settings.redis_url = servers::TestRedis().url();
  const auto start = [&](std::vector<std::string> dialogs) {
    return service::Host::Start(settings,
                                testing::Modules(MakeModule(GatewaySettings{.dialogs = dialogs})))
        .status();
  };
  EXPECT_THAT(std::string(start({"garden", "garden"}).message()),
              HasSubstr("telegram_dialogs: \"garden\" is there twice"));
  EXPECT_THAT(std::string(start({"Garden"}).message()), HasSubstr("telegram_dialogs: \"Garden\""));
  EXPECT_TRUE(absl::IsInvalidArgument(start({"event"})));
  EXPECT_TRUE(absl::IsInvalidArgument(start({})));
}

}  // namespace
}  // namespace selfology::telegram_gateway
