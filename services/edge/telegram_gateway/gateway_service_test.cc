#include "services/edge/telegram_gateway/gateway_service.h"

#include <string>

#include "common/status/status.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

class GatewayServiceTest : public GatewayTest {
 protected:
  v1::SendMessageRequest To(int64_t user_id, std::string text, std::string key) {
    v1::SendMessageRequest request;
    request.set_user_id(user_id);
    request.set_message_text(std::move(text));
    request.set_idempotency_key(std::move(key));
    return request;
  }
};

TEST_F(GatewayServiceTest, SendsNowAndOnce) {
  Start();
  Meet();
  const auto sent = gateway().SendMessage(Deadline(), To(ann(), "Hello from support.", "k1"));
  ASSERT_TRUE(sent.ok()) << sent.status();
  const Message message = Await("Hello from support.");
  EXPECT_THAT(sent->telegram_message_ids(), ElementsAre(message.id));
  const auto again = gateway().SendMessage(Deadline(), To(ann(), "Hello from support.", "k1"));
  ASSERT_TRUE(again.ok()) << again.status();
  EXPECT_THAT(again->telegram_message_ids(), ElementsAre(message.id));
  EXPECT_EQ(Count("Hello from support."), 1);
}

TEST_F(GatewayServiceTest, SendsLongTextsInPieces) {
  Start();
  Meet();
  const auto sent = gateway().SendMessage(Deadline(), To(ann(), std::string(5000, 'x'), "k1"));
  ASSERT_TRUE(sent.ok()) << sent.status();
  EXPECT_THAT(sent->telegram_message_ids(), SizeIs(2));
}

TEST_F(GatewayServiceTest, SaysWhyItCouldNotSend) {
  Start();
  Meet();
  AwaitQuiet();
  telegram().AddFault(
      {.method = "sendMessage", .times = 1, .error_code = 429, .retry_after_s = 30});
  const auto limited = gateway().SendMessage(Deadline(), To(ann(), "Too much.", "k1"));
  EXPECT_EQ(status::Reason(limited.status()), "RATE_LIMITED");
  EXPECT_GT(status::RetryAfter(limited.status()), absl::Seconds(10));
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages WHERE key = 'rpc:k1'"), 0);
  // The key is free again.
  EXPECT_TRUE(gateway().SendMessage(Deadline(), To(ann(), "Just right.", "k1")).ok());

  const auto nobody = gateway().SendMessage(Deadline(), To(999'999'999, "Hello?", "k2"));
  EXPECT_EQ(status::Reason(nobody.status()), "USER_UNREACHABLE");
}

TEST_F(GatewayServiceTest, RefusesWhatTelegramWouldRefuse) {
  Start();
  v1::SendMessageRequest bad = To(0, " ", "");
  bad.add_button_rows()->add_buttons()->set_callback_data(std::string(65, 'x'));
  const auto refused = gateway().SendMessage(Deadline(), bad);
  EXPECT_TRUE(absl::IsInvalidArgument(refused.status()));
  EXPECT_THAT(status::Violations(refused.status()), SizeIs(5));
}

TEST_F(GatewayServiceTest, CountsButtonRowsBeforeItLooksAtThem) {
  Start();
  v1::SendMessageRequest bad = To(ann(), "Choose:", "many-rows");
  for (int i = 0; i < 101; ++i) bad.add_button_rows();
  EXPECT_THAT(
      status::Violations(gateway().SendMessage(Deadline(), bad).status()),
      ElementsAre(status::FieldViolation{.field = "button_rows", .rule = "must be at most 100"}));
}

TEST_F(GatewayServiceTest, MovesTheDialogThatThePersonTalksWith) {
  FakeDialog& orchard = AddDialog("orchard");
  Start();
  v1::GetConversationStateRequest get;
  get.set_user_id(ann());
  v1::SetConversationStateRequest set;
  set.set_user_id(ann());
  set.set_state(v1::CONVERSATION_STATE_CHAT_PAUSED);
  // She has yet to choose.
  const auto nobody = gateway().GetConversationState(Deadline(), get);
  ASSERT_TRUE(nobody.ok()) << nobody.status();
  EXPECT_EQ(nobody->conversation().user_id(), ann());
  EXPECT_EQ(nobody->conversation().state(), v1::CONVERSATION_STATE_UNSPECIFIED);
  EXPECT_TRUE(absl::IsInvalidArgument(gateway().SetConversationState(Deadline(), set).status()));

  Await("Welcome to the orchard", Say("/start orchard"));
  AwaitQuiet();
  EXPECT_EQ(gateway().SetConversationState(Deadline(), set)->conversation().state(),
            v1::CONVERSATION_STATE_CHAT_PAUSED);
  EXPECT_EQ(gateway().GetConversationState(Deadline(), get)->conversation().state(),
            v1::CONVERSATION_STATE_CHAT_PAUSED);
  EXPECT_THAT(garden().Do([](FakeDialog& d) { return d.moved; }), SizeIs(0));
  orchard.Fail("GetDialogState", absl::UnavailableError("down"));
  EXPECT_TRUE(absl::IsUnavailable(gateway().GetConversationState(Deadline(), get).status()));
}

TEST_F(GatewayServiceTest, KnowsItsBot) {
  Start();
  const auto info = gateway().GetBotInfo(Deadline(), {});
  ASSERT_TRUE(info.ok()) << info.status();
  EXPECT_EQ(info->bot_id(), 42);
  EXPECT_EQ(info->username(), "selfology_bot");
  EXPECT_FALSE(info->webhook());
}

TEST_F(GatewayServiceTest, ForgetsPeople) {
  AddDialog("orchard");
  Start();
  Await("Welcome to the garden", Say("/start garden"));
  AwaitQuiet();
  EXPECT_EQ(Rows("SELECT count(*) FROM bot_focus"), 1);
  v1::DeleteUserDataRequest request;
  request.set_user_id(ann());
  EXPECT_GT(gateway().DeleteUserData(Deadline(), request)->deleted_rows(), 0);
  EXPECT_EQ(gateway().DeleteUserData(Deadline(), request)->deleted_rows(), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM outgoing_messages"), 0);
  EXPECT_EQ(Rows("SELECT count(*) FROM bot_focus"), 0);
}

TEST_F(GatewayServiceTest, RunsWithoutAToken) {
  Start([](GatewaySettings& settings) { settings.token.clear(); });
  EXPECT_TRUE(absl::IsUnauthenticated(gateway().GetBotInfo(Deadline(), {}).status()));
  v1::GetConversationStateRequest request;
  request.set_user_id(ann());
  EXPECT_EQ(gateway().GetConversationState(Deadline(), request)->conversation().state(),
            v1::CONVERSATION_STATE_NEW_USER);
}

}  // namespace
}  // namespace selfology::telegram_gateway
