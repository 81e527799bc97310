// Two bots of one gateway: what befalls one is nothing to the other.
#include <algorithm>
#include <string>
#include <string_view>
#include <vector>

#include "services/edge/telegram_gateway/focus_store.h"
#include "services/edge/telegram_gateway/gateway_store.h"
#include "services/edge/telegram_gateway/receiving/bots_fixture_test.h"
#include "tools/telegram_emulator/test_files.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::SizeIs;

TEST_F(BotsTest, AnotherBotsOpenCircuitDelaysNobody) {
  StartBoth();
  MeetBoth();
  AwaitQuiet();
  const auto sendings = [&] {
    const std::vector<ApiCall> log = other().Log();
    return std::count_if(log.begin(), log.end(),
                         [](const ApiCall& call) { return call.method == "sendMessage"; });
  };
  const auto before = sendings();
  other().AddFault({.method = "sendMessage", .times = 1000, .error_code = 502});
  constexpr int kOpens = 5;
  for (int i = 0; i < kOpens; ++i) {
    const auto stranger = telegram().AddUser({.first_name = "Ben", .language_code = "en"});
    ASSERT_TRUE(stranger.ok()) << stranger.status();
    ASSERT_TRUE(other().SendText(*stranger, "/start").ok());
  }
  MeshTest::Await("failures in a row", [&] { return sendings() >= before + kOpens; });
  Tell("orchard.changed", "Apples fall.");
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  EXPECT_TRUE(Info(kBot).ok());
  EXPECT_EQ(CountOther("Apples fall."), 0);
  other().ClearFaults();
  AwaitOther("Apples fall.");
}

TEST_F(BotsTest, TelegramSlowsDownOneBotAlone) {
  StartBoth();
  MeetBoth();
  AwaitQuiet();
  other().AddFault({.method = "sendMessage", .times = 1, .error_code = 429, .retry_after_s = 60});
  Tell("orchard.changed", "Apples fall.");
  MeshTest::Await("the refusal", [&] {
    return Rows(
               "SELECT count(*) FROM outgoing_messages WHERE status = 'waiting'"
               " AND failures > 0 AND bot_id = 43") == 1;
  });
  // The same person's message of the other bot does not stand behind it.
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  EXPECT_EQ(CountOther("Apples fall."), 0);
  MoveClock(absl::Seconds(61));
  AwaitOther("Apples fall.");
}

TEST_F(BotsTest, WhoBlocksOneBotHearsTheOther) {
  StartBoth();
  MeetBoth();
  ASSERT_TRUE(other().Block(ann()).ok());
  MeshTest::Await("the parting to be known", [&] {
    return Rows("SELECT count(*) FROM bot_focus WHERE bot_id = 43 AND heard_at IS NULL") == 1;
  });
  Tell("orchard.changed", "Apples fall.");
  Tell("garden.changed", "It rains.");
  Await("It rains.");
  // Nor is it the one to say what nobody addresses, although they were there last.
  ASSERT_TRUE(Send("Hello.", "k1").ok());
  Await("Hello.");
  EXPECT_THAT(garden().Reacted(), SizeIs(1));
}

TEST_F(BotsTest, HeldUpdatesOfOneHoldNoneOfTheOther) {
  StartBoth();
  MeetBoth();
  orchard().Fail("React", absl::UnavailableError("down"));
  SayToOther("Apples.");
  AwaitHeld(1);
  Await("garden heard: Flowers.", Say("Flowers."));
  EXPECT_EQ(Rows("SELECT count(*) FROM held_updates WHERE bot_id = 42"), 0);
  orchard().Fail("React", absl::OkStatus());
  AwaitOther("orchard heard: Apples.");
}

TEST_F(BotsTest, WhoWritesTooFastToOneMayWriteToTheOther) {
  StartBoth("", [](GatewaySettings& settings) {
    settings.pacing = {.chat = {.per_second = 1000, .burst = 1000},
                       .all = {.per_second = 1000, .burst = 1000}};
  });
  MeetBoth();
  v1::UpdateOutcome outcome = v1::UPDATE_OUTCOME_HANDLED;
  for (int64_t i = 100; i < 140 && outcome == v1::UPDATE_OUTCOME_HANDLED; ++i) {
    outcome = Handle(kBot, i, "Flowers.")->outcome();
  }
  EXPECT_EQ(outcome, v1::UPDATE_OUTCOME_RATE_LIMITED);
  EXPECT_EQ(Handle(kOtherBot, 100, "Apples.")->outcome(), v1::UPDATE_OUTCOME_HANDLED);
}

TEST_F(BotsTest, APersonIsErasedOfAllBots) {
  StartBoth();
  MeetBoth();
  AwaitQuiet();
  for (const std::string_view table : {"outgoing_messages", "bot_focus", "chat_messages"}) {
    EXPECT_GT(RowsOf(table, kBot), 0) << table;
    EXPECT_GT(RowsOf(table, kOtherBot), 0) << table;
  }
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  EXPECT_GT(gateway().DeleteUserData(Deadline(), request)->deleted_rows(), 0);
  for (const std::string_view table : {"outgoing_messages", "bot_focus", "chat_messages"}) {
    EXPECT_EQ(RowsOf(table, kBot) + RowsOf(table, kOtherBot), 0) << table;
  }
}

TEST_F(BotsTest, FilesAreFetchedByTheBotThatGotThem) {
  StartBoth();
  MeetBoth();
  const std::string bytes = telegram_emulator::Png(3, 2);
  ASSERT_TRUE(other().SendFile(ann(), {.kind = "photo", .bytes = bytes}).ok());
  AwaitOther("orchard got:");
  v1::ReadMediaRequest request;
  request.set_media_id(orchard().Reacted().back().update().content().media(0).media_id());
  const auto read = gateway().ReadMedia(Deadline(), request);
  ASSERT_TRUE(read.ok()) << read.status();
  EXPECT_TRUE(read->data() == bytes);
}

TEST_F(BotsTest, TheFirstAdoptsWhatWasThereBeforeThereWereSeveral) {
  AddDialog("meadow");
  StartBoth();
  Await("Welcome to the meadow", Say("/start meadow"));
  AwaitQuiet();
  StopMesh();
  // As a gateway of before leaves it.
  Execute("UPDATE outgoing_messages SET bot_id = 0");
  Execute("UPDATE bot_focus SET bot_id = 0");
  const auto written =
      OfGateway().Write(Deadline(), [&](postgres::Transaction& tx) -> absl::Status {
        store::Enqueue(tx, /*bot_id=*/0,
                       {.user_id = ann(), .key = "meadow:hay", .body = Saying("Hay dries.")},
                       Clock()());
        return absl::OkStatus();
      });
  ASSERT_TRUE(written.ok()) << written;
  StartBoth();
  Await("Hay dries.");
  Await("meadow heard: Hello.", Say("Hello."));
  AwaitQuiet();
  EXPECT_EQ(RowsOf("outgoing_messages", 0) + RowsOf("bot_focus", 0), 0);
  EXPECT_EQ(Count("Welcome to the meadow"), 1);
  EXPECT_EQ(CountOther("Hay"), 0);
}

TEST_F(BotsTest, NoTokenIsInALine) {
  ::testing::internal::CaptureStderr();
  StartBoth();
  MeetBoth();
  other().AddFault({.method = "sendMessage", .times = 1, .error_code = 400});
  Tell("orchard.changed", "Apples fall.");
  AwaitQuiet();
  StopMesh();
  EXPECT_THAT(::testing::internal::GetCapturedStderr(), Not(HasSubstr("nobody-may-see")));
}

}  // namespace
}  // namespace selfology::telegram_gateway
