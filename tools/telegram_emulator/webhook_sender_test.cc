#include "tools/telegram_emulator/webhook_sender.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <deque>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/synchronization/mutex.h"
#include "tools/telegram_emulator/emulator.h"
#include "tools/telegram_emulator/test_bot.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kSoon = absl::Seconds(20);

// A bot that takes updates by webhook and answers as it is told to.
class WebhookTest : public testing::Test {
 protected:
  WebhookTest() {
    ann_ = *telegram_->AddUser({.first_name = "Ann"});
    server_ = *http::Server::Start(
        {}, {{.method = "POST", .path = "/hook", .handler = [this](const http::Request& request) {
                return Take(request);
              }}});
  }

  absl::StatusOr<http::Response> Take(const http::Request& request) {
    absl::MutexLock lock(&mutex_);
    secrets_.emplace_back(request.headers.Get("X-Telegram-Bot-Api-Secret-Token").value_or("none"));
    texts_.push_back(ParseJson(request.body)->at("message").at("text"));
    if (answers_.empty()) return http::Response::Text("");
    http::Response answer = answers_.front();
    answers_.pop_front();
    return answer;
  }
  void AnswerNext(std::vector<http::Response> answers) {
    absl::MutexLock lock(&mutex_);
    answers_.assign(answers.begin(), answers.end());
  }
  std::vector<std::string> AwaitTexts(size_t count) {
    absl::MutexLock lock(&mutex_);
    const auto there = [this, count]()
                           ABSL_NO_THREAD_SAFETY_ANALYSIS { return texts_.size() >= count; };
    mutex_.AwaitWithTimeout(absl::Condition(&there), kSoon);
    return texts_;
  }
  TestBot::Reply SetWebhook(const Json& more = Json::object()) {
    Json parameters = {{"url", absl::StrCat("http://127.0.0.1:", server_->port(), "/hook")}};
    parameters.update(more);
    return bot_.Call("setWebhook", parameters);
  }
  void Send(std::string_view text) { ASSERT_TRUE(telegram_->SendText(ann_, text).ok()); }

  absl::Mutex mutex_;
  std::vector<std::string> texts_, secrets_;
  std::deque<http::Response> answers_;
  const std::unique_ptr<Emulator> telegram_ = *Emulator::Start(
      {.webhook = {.first_pause = absl::Milliseconds(5), .max_pause = absl::Milliseconds(20)}});
  TestBot bot_{telegram_->base_url()};
  std::unique_ptr<http::Server> server_;
  int64_t ann_ = 0;
};

TEST_F(WebhookTest, UpdatesComeInOrderWithTheSecret) {
  Send("before");
  EXPECT_EQ(SetWebhook({{"secret_token", "s3cret_-"}}).description(), "Webhook was set");
  Send("after");
  EXPECT_THAT(AwaitTexts(2), ElementsAre("before", "after"));
  EXPECT_TRUE(telegram_->AwaitQuiet(kSoon).ok());
  EXPECT_THAT(secrets_, ElementsAre("s3cret_-", "s3cret_-"));
}

TEST_F(WebhookTest, AFailedDeliveryIsTriedAgainBeforeAnyOther) {
  AnswerNext({http::Response::Text("", 500), http::Response::Text("", 404),
              http::Response::Text("", 502)});
  SetWebhook();
  Send("first");
  Send("second");
  EXPECT_THAT(AwaitTexts(5), ElementsAre("first", "first", "first", "first", "second"));
  EXPECT_TRUE(telegram_->AwaitQuiet(kSoon).ok());
  const Json info = bot_.Call("getWebhookInfo").json["result"];
  EXPECT_EQ(info["last_error_message"], "Wrong response from the webhook: 502");
  EXPECT_EQ(info["pending_update_count"], 0);
}

TEST_F(WebhookTest, NobodyThereIsAnErrorToo) {
  Send("first");
  bot_.Call("setWebhook", {{"url", "http://127.0.0.1:1/hook"}});
  ASSERT_TRUE(telegram_->exchange().Await(
      [](const World& world) { return world.webhook.last_error_date != 0; }, absl::Now() + kSoon));
  EXPECT_EQ(bot_.Call("getWebhookInfo").json["result"]["last_error_message"], "Connection refused");
  SetWebhook();
  EXPECT_THAT(AwaitTexts(1), ElementsAre("first"));
}

TEST_F(WebhookTest, TheAnswerMayBeACall) {
  AnswerNext({http::Response::Json(
      Dump({{"method", "sendMessage"}, {"chat_id", ann_}, {"text", "Hello"}}))});
  SetWebhook();
  Send("/start");
  EXPECT_EQ(telegram_->AwaitMessage(ann_, 0, kSoon)->text, "Hello");
}

TEST_F(WebhookTest, PollingIsRefusedWhileItIsSet) {
  SetWebhook();
  const TestBot::Reply refused = bot_.Call("getUpdates");
  EXPECT_EQ(refused.status, 409);
  EXPECT_EQ(refused.description(),
            "Conflict: can't use getUpdates method while webhook is active; use deleteWebhook to "
            "delete the webhook first");
  EXPECT_EQ(SetWebhook().description(), "Webhook is already set");
  EXPECT_EQ(bot_.Call("deleteWebhook").description(), "Webhook was deleted");
  EXPECT_EQ(bot_.Call("deleteWebhook").description(), "Webhook is already deleted");
  Send("now polled");
  EXPECT_THAT(bot_.Call("getUpdates").json["result"], SizeIs(1));
  bot_.Call("deleteWebhook", {{"drop_pending_updates", true}});
  EXPECT_THAT(bot_.Call("getUpdates").json["result"], IsEmpty());
}

TEST_F(WebhookTest, SettingItEndsAWaitingPoll) {
  TestBot::Reply poll;
  std::thread poller([&] { poll = bot_.Call("getUpdates", {{"timeout", 50}}); });
  ASSERT_TRUE(
      telegram_->AwaitCall([](const ApiCall& call) { return call.method == "getUpdates"; }, kSoon)
          .ok());
  SetWebhook();
  poller.join();
  EXPECT_EQ(poll.status, 409);
}

TEST_F(WebhookTest, BadOnesAreRefused) {
  EXPECT_EQ(bot_.Call("setWebhook", {{"url", "ftp://x"}}).description(),
            "Bad Request: invalid webhook URL specified");
  EXPECT_EQ(SetWebhook({{"secret_token", "not allowed!"}}).description(),
            "Bad Request: secret token contains unallowed characters");
  EXPECT_EQ(SetWebhook({{"secret_token", std::string(257, 'a')}}).description(),
            "Bad Request: secret token is too long");
}

}  // namespace
}  // namespace selfology::telegram_emulator
