#include "services/edge/telegram_gateway/receiving/webhook.h"

#include <string>

#include "common/http/client.h"
#include "services/edge/telegram_gateway/gateway_fixture_test.h"

namespace selfology::telegram_gateway {
namespace {

TEST(WebhookSecretTest, FitsTelegramAndTellsNothing) {
  const std::string secret = WebhookSecret(kToken);
  EXPECT_EQ(secret.size(), 64u);
  EXPECT_EQ(secret.find_first_not_of("0123456789abcdef"), std::string::npos);
  EXPECT_EQ(secret, WebhookSecret(kToken));
  EXPECT_NE(secret, WebhookSecret("42:another"));
}

TEST(SameSecretTest, Compares) {
  EXPECT_TRUE(SameSecret("abc", "abc"));
  EXPECT_FALSE(SameSecret("abc", "abd"));
  EXPECT_FALSE(SameSecret("abc", "abcd"));
  EXPECT_FALSE(SameSecret("", "abc"));
}

class WebhookTest : public GatewayTest {
 protected:
  void StartWithWebhook() {
    // A port that was free a moment ago.
    auto probe = http::Server::Start({}, {});
    ASSERT_TRUE(probe.ok()) << probe.status();
    const std::string listen = absl::StrCat("127.0.0.1:", (*probe)->port());
    probe->reset();
    url_ = absl::StrCat("http://", listen, "/hooks/telegram");
    Start([&](GatewaySettings& settings) {
      settings.webhook_url = url_;
      settings.webhook_listen = listen;
    });
  }

  int Post(const std::string& secret, std::string body) {
    http::Client client({});
    http::ClientRequest request{.method = "POST", .url = url_, .body = std::move(body)};
    if (!secret.empty()) request.headers.Add("X-Telegram-Bot-Api-Secret-Token", secret);
    const auto response = client.Send(Deadline(), request);
    EXPECT_TRUE(response.ok()) << response.status();
    return response.ok() ? response->status : 0;
  }

 private:
  std::string url_;
};

TEST_F(WebhookTest, AnswersWhatTelegramPushes) {
  StartWithWebhook();
  garden().Do([](FakeDialog& d) {
    d.react = [](const v1::ReactRequest& request) {
      return Answering({request.update().has_button()
                            ? Saying("Thank you.")
                            : Asking("Welcome to the garden.", "Come in", "garden:in")});
    };
  });
  const Message prompt = Await("Welcome to the garden", Say("/start"));
  Press(prompt, "Come in");
  Await("Thank you.");
  const auto info = gateway().GetBotInfo(Deadline(), {});
  EXPECT_TRUE(info->webhook());
}

// Telegram brings a chat's next update once the one before was taken.
TEST_F(WebhookTest, WordsAreGatheredAlthoughTheyComeOneByOne) {
  garden().description.mutable_gather()->set_seconds(1);
  StartWithWebhook();
  Meet();
  Say("One.");
  Say("Two.");
  Await("garden heard: One.\nTwo.");
  AwaitQuiet();
  EXPECT_THAT(garden().Heard(), ::testing::ElementsAre("One.\nTwo."));
}

TEST_F(WebhookTest, AsksForWhatDialogsWishFor) {
  StartWithWebhook();
  Meet();
  garden().Do(
      [](FakeDialog& d) { d.description.add_channel_updates(v1::CHANNEL_UPDATE_KIND_POST); });
  EXPECT_TRUE(telegram()
                  .AwaitCall(
                      [](const ApiCall& call) {
                        return call.method == "setWebhook" &&
                               absl::StrContains(call.parameters.dump(), "channel_post");
                      },
                      testing::kPatience)
                  .ok());
}

TEST_F(WebhookTest, RefusesWhoIsNotTelegram) {
  StartWithWebhook();
  Meet();
  const std::string update = R"({"update_id": 1, "message": {"text": "/help", "message_id": 1,
      "from": {"id": )" + absl::StrCat(ann()) +
                             R"(}, "chat": {"id": 1, "type": "private"}}})";
  EXPECT_EQ(Post("", update), 401);
  EXPECT_EQ(Post("wrong", update), 401);
  EXPECT_EQ(Post(WebhookSecret(kToken), std::string(2 << 20, ' ')), 413);
  EXPECT_EQ(Post(WebhookSecret(kToken), "no json"), 200);
  EXPECT_EQ(Count("How the garden works"), 0);
  EXPECT_EQ(Post(WebhookSecret(kToken), update), 200);
  EXPECT_EQ(Post(WebhookSecret(kToken), update), 200);
  Await("How the garden works");
  AwaitQuiet();
  EXPECT_EQ(Count("How the garden works"), 1);
}

}  // namespace
}  // namespace selfology::telegram_gateway
