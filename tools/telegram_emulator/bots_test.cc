#include "tools/telegram_emulator/bots.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <string>

#include "absl/strings/str_cat.h"
#include "tools/telegram_emulator/emulator.h"
#include "tools/telegram_emulator/test_bot.h"
#include "tools/telegram_emulator/test_files.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(BotsTest, PeopleAreTheSameAndChatsAreApart) {
  const auto telegram = *Emulator::Start({.token = "42:secret"});
  Conversations other = *telegram->AddBot("43:secret", {.first_name = "Other"});
  TestBot first(telegram->base_url());
  TestBot second(telegram->base_url(), "43:secret");
  EXPECT_EQ(second.Call("getMe").json["result"]["first_name"], "Other");
  const int64_t ann = *telegram->AddUser({.first_name = "Ann"});
  ASSERT_TRUE(telegram->SendText(ann, "for the first").ok());
  EXPECT_EQ(second.Call("sendMessage", {{"chat_id", ann}, {"text", "Hi"}}).description(),
            "Bad Request: chat not found");
  EXPECT_THAT(second.Call("getUpdates").json["result"], IsEmpty());
  ASSERT_TRUE(other.SendText(ann, "for the second").ok());
  EXPECT_EQ(first.Call("getUpdates").json["result"][0]["message"]["text"], "for the first");
  EXPECT_EQ(second.Call("getUpdates").json["result"][0]["message"]["text"], "for the second");
  second.Call("sendMessage", {{"chat_id", ann}, {"text", "Hello"}});
  EXPECT_THAT(telegram->Messages(ann), SizeIs(1));
  EXPECT_THAT(other.Messages(ann), SizeIs(2));
  // One bot's misfortune, webhook and blocking are not the other's.
  ASSERT_TRUE(other.Block(ann).ok());
  EXPECT_EQ(first.Call("sendMessage", {{"chat_id", ann}, {"text", "Hi"}}).status, 200);
  other.AddFault({.method = "getMe", .error_code = 500});
  EXPECT_EQ(first.Call("getMe").status, 200);
  EXPECT_EQ(second.Call("getMe").status, 500);
  second.Call("setWebhook", {{"url", "http://127.0.0.1:1/hook"}});
  EXPECT_EQ(first.Call("getUpdates").status, 200);
}

TEST(BotsTest, TokensSayWhoCalls) {
  const auto telegram = *Emulator::Start({.token = "42:secret"});
  EXPECT_TRUE(absl::IsAlreadyExists(telegram->AddBot("42:other").status()));
  EXPECT_TRUE(absl::IsInvalidArgument(telegram->AddBot("nonsense").status()));
  ASSERT_TRUE(telegram->AddBot("43:secret").ok());
  EXPECT_EQ(TestBot(telegram->base_url(), "43:guessed").Call("getMe").status, 401);
  EXPECT_EQ(TestBot(telegram->base_url(), "44:secret").Call("getMe").status, 401);

  // Without a token of its own the emulator takes bots as they come.
  const auto open = *Emulator::Start({});
  const int64_t ann = *open->AddUser({.first_name = "Ann"});
  EXPECT_EQ(TestBot(open->base_url(), "5:secret").Call("getMe").json["result"]["id"], 5);
  TestBot late(open->base_url(), "6:secret");
  EXPECT_EQ(late.Call("getMe").json["result"]["id"], 6);
  const auto write = [&](const char* bot) {
    return late
        .Send("POST", absl::StrCat("/api/users/", ann, "/messages?bot=", bot),
              Dump({{"text", "/start"}}), "application/json")
        ->status;
  };
  EXPECT_EQ(write("6"), 201);
  EXPECT_EQ(write("7"), 404);
  EXPECT_THAT(late.Call("getUpdates").json["result"], SizeIs(1));
  EXPECT_THAT(late.Send("GET", "/api/bots", "", "")->json["bots"], SizeIs(2));
}

TEST(BotsTest, ARestartKeepsThemApart) {
  const std::string data = testing::TempDir() + "/bots.jsonl";
  std::remove(data.c_str());
  std::remove((data + ".6").c_str());
  const std::string photo = Png(6, 6);
  int64_t ann = 0;
  std::string file_id;
  {
    const auto telegram = *Emulator::Start({.data = data});
    ann = *telegram->AddUser({.first_name = "Ann"});
    ASSERT_EQ(TestBot(telegram->base_url(), "5:secret").Call("getMe").status, 200);
    Conversations other = *telegram->AddBot("6:secret");
    ASSERT_TRUE(telegram->SendText(ann, "for five").ok());
    file_id = other.SendFile(ann, {.bytes = photo})->media.file_id;
  }
  // Whoever comes first this time.
  const auto telegram = *Emulator::Start({.data = data});
  TestBot six(telegram->base_url(), "6:secret");
  EXPECT_EQ(six.Call("getUpdates").json["result"][0]["message"]["photo"][1]["file_id"], file_id);
  EXPECT_TRUE(six.Download(file_id) == photo);
  EXPECT_EQ(TestBot(telegram->base_url(), "5:secret")
                .Call("getUpdates")
                .json["result"][0]["message"]["text"],
            "for five");
}

}  // namespace
}  // namespace selfology::telegram_emulator
