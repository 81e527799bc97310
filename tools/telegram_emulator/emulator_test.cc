#include "tools/telegram_emulator/emulator.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <string>
#include <thread>

#include "absl/strings/match.h"
#include "common/status/status.h"
#include "tools/telegram_emulator/test_bot.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr absl::Duration kSoon = absl::Seconds(20);
constexpr std::string_view kConflict =
    "Conflict: terminated by other getUpdates request; make sure that only one bot instance is "
    "running";

class EmulatorTest : public testing::Test {
 protected:
  explicit EmulatorTest(const Emulator::Options& options = {})
      : telegram_(*Emulator::Start(options)), bot_(telegram_->base_url()) {
    ann_ = *telegram_->AddUser({.first_name = "Ann", .language_code = "en"});
  }

  // A person the bot may write to, with no update left.
  void Start() {
    ASSERT_TRUE(telegram_->SendText(ann_, "/start").ok());
    bot_.Call("getUpdates", {{"offset", -1}});
    telegram_->exchange().Do([](World& world, absl::Time) {
      world.updates.DropAll();
      return true;
    });
  }
  // Returns once a getUpdates waits.
  void AwaitPoll(int64_t after_seq = 0) {
    ASSERT_TRUE(
        telegram_
            ->AwaitCall(
                [](const ApiCall& call) { return call.method == "getUpdates" && call.code == 0; },
                kSoon, after_seq)
            .ok());
  }
  Json Hello() const { return {{"chat_id", ann_}, {"text", "Hello"}}; }

  std::unique_ptr<Emulator> telegram_;
  TestBot bot_;
  int64_t ann_ = 0;
};

TEST_F(EmulatorTest, APersonAndABotTalk) {
  const Message start = *telegram_->SendText(ann_, "/start");
  const Json updates = bot_.Call("getUpdates").json["result"];
  ASSERT_THAT(updates, SizeIs(1));
  EXPECT_EQ(updates[0]["message"]["chat"]["id"], ann_);
  const Json markup = {
      {"inline_keyboard", {{{{"text", "I agree"}, {"callback_data", "consent:yes"}}}}}};
  const TestBot::Reply sent = bot_.Call("sendMessage", {{"chat_id", ann_},
                                                        {"text", "Hello, <b>Ann</b>"},
                                                        {"parse_mode", "HTML"},
                                                        {"reply_markup", markup}});
  EXPECT_EQ(sent.status, 200);
  EXPECT_EQ(sent.json["result"]["entities"][0]["type"], "bold");

  const Message hello = *telegram_->AwaitMessage(ann_, start.id, kSoon);
  EXPECT_EQ(hello.text, "Hello, Ann");
  const std::string press = *telegram_->PressButton(ann_, hello.id, "I agree");
  const Json pressed =
      bot_.Call("getUpdates", {{"offset", updates[0]["update_id"].get<int64_t>() + 1}})
          .json["result"];
  ASSERT_THAT(pressed, SizeIs(1));
  EXPECT_EQ(pressed[0]["callback_query"]["data"], "consent:yes");
  EXPECT_EQ(bot_.Call("answerCallbackQuery", {{"callback_query_id", press}, {"text", "Thanks"}})
                .json["result"],
            true);
  EXPECT_EQ(telegram_->AwaitAnswer(press, kSoon)->answer_text, "Thanks");

  EXPECT_EQ(bot_.Call("editMessageText",
                      {{"chat_id", ann_}, {"message_id", hello.id}, {"text", "Agreed"}})
                .status,
            200);
  EXPECT_EQ(
      telegram_->AwaitMessage(
                   ann_, [](const Message& m) { return m.text == "Agreed"; }, kSoon)
          ->id,
      hello.id);
  EXPECT_EQ(
      bot_.Call("deleteMessage", {{"chat_id", ann_}, {"message_id", hello.id}}).json["result"],
      true);
  EXPECT_THAT(telegram_->Messages(ann_), SizeIs(1));
}

TEST_F(EmulatorTest, ParametersMayBeSentInAnyWay) {
  Start();
  const std::string path = "/bot42:secret/SendMessage";
  const std::string id = absl::StrCat(ann_);
  EXPECT_EQ(bot_.Send("GET", absl::StrCat(path, "?chat_id=", id, "&text=a%26b+c"), "", "")->status,
            200);
  EXPECT_EQ(bot_.Send("POST", path, absl::StrCat("chat_id=", id, "&text=a%26b+c"),
                      "application/x-www-form-urlencoded")
                ->status,
            200);
  EXPECT_EQ(bot_.Send("POST", path, Dump({{"chat_id", id}, {"text", "a&b c"}}),
                      "application/json; charset=utf-8")
                ->status,
            200);
  const std::string multipart = absl::StrCat(
      "--xyz\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n", id,
      "\r\n--xyz\r\nContent-Disposition: form-data; name=\"text\"\r\n\r\na&b c\r\n--xyz--\r\n");
  EXPECT_EQ(bot_.Send("POST", path, multipart, "multipart/form-data; boundary=xyz")->status, 200);
  const auto messages = telegram_->Messages(ann_);
  ASSERT_THAT(messages, SizeIs(5));
  for (size_t i = 1; i < 5; ++i) EXPECT_EQ(messages[i].text, "a&b c");
  EXPECT_EQ(bot_.Send("POST", path, "{", "application/json")->status, 400);
}

TEST_F(EmulatorTest, ErrorsHaveTelegramsShape) {
  const TestBot::Reply reply = bot_.Call("sendMessage", Hello());
  EXPECT_EQ(reply.status, 400);
  EXPECT_EQ(
      reply.json,
      Json({{"ok", false}, {"error_code", 400}, {"description", "Bad Request: chat not found"}}));
  EXPECT_EQ(bot_.Call("sendMessage", {{"text", "Hi"}}).description(),
            "Bad Request: chat_id is empty");
  EXPECT_EQ(bot_.Call("sendMessage", {{"chat_id", ann_}}).description(),
            "Bad Request: message text is empty");
  EXPECT_EQ(
      bot_.Call("sendMessage", {{"chat_id", ann_}, {"text", std::string(4097, 'x')}}).description(),
      "Bad Request: message is too long");
  EXPECT_EQ(bot_.Call("editMessageText", {{"text", "x"}}).description(),
            "Bad Request: message identifier is not specified");
  EXPECT_EQ(bot_.Call("answerCallbackQuery", {{"callback_query_id", "1"}}).description(),
            "Bad Request: query is too old and response timeout expired or query ID is invalid");
  EXPECT_EQ(bot_.Call("sendChatAction", {{"chat_id", ann_}, {"action", "dance"}}).description(),
            "Bad Request: wrong parameter action in request");
  EXPECT_EQ(bot_.Call("getNothing").status, 404);
  Start();
  ASSERT_TRUE(telegram_->Block(ann_).ok());
  const TestBot::Reply blocked = bot_.Call("sendMessage", Hello());
  EXPECT_EQ(blocked.status, 403);
  EXPECT_EQ(blocked.description(), "Forbidden: bot was blocked by the user");
}

TEST_F(EmulatorTest, TokensMustBeWellFormed) {
  for (const char* token : {"", "42", "42:", ":secret", "042:secret", "x:secret", "42:se/cret"}) {
    EXPECT_EQ(TestBot(telegram_->base_url(), token).Call("getMe").status, 401) << token;
  }
  EXPECT_EQ(TestBot(telegram_->base_url(), "43:Other_one-1").Call("getMe").json["result"]["id"],
            43);
}

TEST_F(EmulatorTest, AWaitingPollGetsTheNextUpdateAtOnce) {
  TestBot::Reply reply;
  std::thread poll([&] { reply = bot_.Call("getUpdates", {{"timeout", 50}}); });
  AwaitPoll();
  const absl::Time sent = absl::Now();
  ASSERT_TRUE(telegram_->SendText(ann_, "/start").ok());
  poll.join();
  EXPECT_LT(absl::Now() - sent, absl::Seconds(10));
  ASSERT_THAT(reply.json["result"], SizeIs(1));
  EXPECT_EQ(reply.json["result"][0]["message"]["text"], "/start");
}

TEST_F(EmulatorTest, APollWithoutNewsEndsEmpty) {
  EXPECT_THAT(bot_.Call("getUpdates", {{"timeout", 0}}).json["result"], IsEmpty());
  EXPECT_THAT(bot_.Call("getUpdates", {{"timeout", 1}}).json["result"], IsEmpty());
}

TEST_F(EmulatorTest, OfTwoPollersTheEarlierIsTurnedAway) {
  TestBot::Reply first;
  std::thread poll([&] { first = bot_.Call("getUpdates", {{"timeout", 50}}); });
  AwaitPoll();
  const TestBot::Reply second = TestBot(telegram_->base_url()).Call("getUpdates");
  poll.join();
  EXPECT_EQ(first.status, 409);
  EXPECT_EQ(first.description(), kConflict);
  EXPECT_EQ(second.status, 200);
}

TEST_F(EmulatorTest, StoppingLetsWaitingPollsGo) {
  absl::StatusOr<TestBot::Reply> reply;
  std::thread poll([&] { reply = bot_.TryCall("getUpdates", {{"timeout", 50}}); });
  AwaitPoll();
  telegram_.reset();
  poll.join();
  EXPECT_TRUE(!reply.ok() || reply->status == 200);
}

TEST_F(EmulatorTest, FaultsFailCallsAsAskedFor) {
  Start();
  telegram_->AddFault({.method = "sendMessage", .error_code = 500});
  telegram_->AddFault({.method = "sendMessage", .error_code = 429, .retry_after_s = 7});
  telegram_->AddFault(
      {.method = "sendMessage", .error_code = 502, .body = "<html>Bad Gateway</html>"});
  telegram_->AddFault({.method = "sendMessage",
                       .error_code = 403,
                       .description = "Forbidden: user is deactivated"});
  EXPECT_EQ(bot_.Call("sendMessage", Hello()).description(), "Internal Server Error");
  const TestBot::Reply limited = bot_.Call("sendMessage", Hello());
  EXPECT_EQ(limited.status, 429);
  EXPECT_EQ(limited.json["parameters"]["retry_after"], 7);
  EXPECT_EQ(limited.description(), "Too Many Requests: retry after 7");
  EXPECT_EQ(bot_.Call("sendMessage", Hello()).body, "<html>Bad Gateway</html>");
  EXPECT_EQ(bot_.Call("sendMessage", Hello()).description(), "Forbidden: user is deactivated");
  EXPECT_EQ(bot_.Call("getMe").status, 200);
  EXPECT_THAT(telegram_->Messages(ann_), SizeIs(1));
  EXPECT_EQ(bot_.Call("sendMessage", Hello()).status, 200);
}

TEST_F(EmulatorTest, ALostAnswerIsNotALostMessage) {
  Start();
  telegram_->AddFault({.method = "sendMessage", .drop = true});
  const auto before = bot_.TryCall("sendMessage", Hello());
  EXPECT_EQ(status::Reason(before.status()), "CONNECTION_LOST");
  EXPECT_THAT(telegram_->Messages(ann_), SizeIs(1));
  telegram_->AddFault({.method = "sendMessage", .drop = true, .after = true});
  EXPECT_FALSE(bot_.TryCall("sendMessage", Hello()).ok());
  EXPECT_THAT(telegram_->Messages(ann_), SizeIs(2));
}

TEST_F(EmulatorTest, ADelayedCallIsGivenUpByItsClient) {
  Start();
  telegram_->AddFault({.method = "getMe", .delay = absl::Minutes(5)});
  EXPECT_TRUE(absl::IsDeadlineExceeded(
      bot_.TryCall("getMe", Json::object(), absl::Milliseconds(200)).status()));
  // The one that was given up ends before its time, and is on record.
  EXPECT_TRUE(
      telegram_
          ->AwaitCall([](const ApiCall& call) { return call.method == "getMe" && call.code != 0; },
                      kSoon)
          .ok());
}

TEST_F(EmulatorTest, EveryCallIsOnRecord) {
  Start();
  bot_.Call("sendMessage", Hello());
  const ApiCall call =
      *telegram_->AwaitCall([](const ApiCall& c) { return c.method == "sendMessage"; }, kSoon);
  EXPECT_EQ(call.parameters["text"], "Hello");
  EXPECT_EQ(call.parameters["chat_id"], absl::StrCat(ann_));
  EXPECT_EQ(call.code, 200);
  EXPECT_EQ(call.answer["ok"], true);
  EXPECT_FALSE(call.injected);
}

class OneTokenTest : public EmulatorTest {
 protected:
  OneTokenTest()
      : EmulatorTest({.token = "42:secret",
                      .bot = {.first_name = "Self"},
                      .rate = {.per_second = 1, .burst = 2}}) {}
};

TEST_F(OneTokenTest, OtherTokensAreUnauthorized) {
  EXPECT_EQ(bot_.Call("getMe").json["result"]["first_name"], "Self");
  const TestBot::Reply other = TestBot(telegram_->base_url(), "42:other").Call("getMe");
  EXPECT_EQ(other.status, 401);
  EXPECT_EQ(other.description(), "Unauthorized");
}

TEST_F(OneTokenTest, WritingTooFastToOneChatIsRefused) {
  Start();
  EXPECT_EQ(bot_.Call("sendMessage", Hello()).status, 200);
  EXPECT_EQ(bot_.Call("sendMessage", Hello()).status, 200);
  const TestBot::Reply third = bot_.Call("sendMessage", Hello());
  EXPECT_EQ(third.status, 429);
  EXPECT_EQ(third.json["parameters"]["retry_after"], 1);
}

TEST(EmulatorStartTest, RefusesWhatCannotWork) {
  EXPECT_TRUE(absl::IsInvalidArgument(Emulator::Start({.token = "nonsense"}).status()));
  const auto first = Emulator::Start({});
  EXPECT_TRUE(absl::IsUnavailable(Emulator::Start({.port = (*first)->port()}).status()));
}

TEST(EmulatorDataTest, ARestartKeepsTheChats) {
  const std::string data = testing::TempDir() + "/chats.jsonl";
  std::remove(data.c_str());
  int64_t ann = 0;
  int64_t hello = 0;
  {
    const auto telegram = *Emulator::Start({.data = data});
    TestBot bot(telegram->base_url());
    ann = *telegram->AddUser({.first_name = "Ann"});
    ASSERT_TRUE(telegram->SendText(ann, "/start").ok());
    hello =
        bot.Call("sendMessage", {{"chat_id", ann}, {"text", "Hello"}}).json["result"]["message_id"];
    bot.Call("setMyCommands", {{"commands", {{{"command", "start"}, {"description", "x"}}}}});
  }
  // A crash in the middle of a line.
  std::ofstream(data, std::ios::app) << "{\"kind\": \"mess";
  for (int run = 0; run < 2; ++run) {
    const auto telegram = *Emulator::Start({.data = data});
    TestBot bot(telegram->base_url());
    const auto messages = telegram->Messages(ann);
    ASSERT_THAT(messages, SizeIs(2));
    EXPECT_EQ(messages[1].id, hello);
    EXPECT_THAT(bot.Call("getMyCommands").json["result"], SizeIs(1));
    EXPECT_THAT(bot.Call("getUpdates").json["result"], SizeIs(1));
  }
  std::ofstream(data, std::ios::trunc) << "garbage\n";
  EXPECT_TRUE(absl::IsDataLoss(Emulator::Start({.data = data}).status()));
}

}  // namespace
}  // namespace selfology::telegram_emulator
