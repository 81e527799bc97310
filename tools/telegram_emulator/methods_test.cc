// The Bot API over HTTP, method by method: what is more than sending a text.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "tools/telegram_emulator/emulator.h"
#include "tools/telegram_emulator/test_bot.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class MethodsTest : public testing::Test {
 protected:
  MethodsTest() { ann_ = *telegram_->AddUser({.first_name = "Ann", .language_code = "en"}); }

  // A person the bot may write to, with no update left.
  void Start() {
    ASSERT_TRUE(telegram_->SendText(ann_, "/start").ok());
    telegram_->exchange().Do([](World& world, absl::Time) {
      world.updates.DropAll();
      return true;
    });
  }
  Json Hello() const { return {{"chat_id", ann_}, {"text", "Hello"}}; }

  const std::unique_ptr<Emulator> telegram_ = *Emulator::Start({});
  TestBot bot_{telegram_->base_url()};
  int64_t ann_ = 0;
};

TEST_F(MethodsTest, CommandsDependOnScopeAndLanguage) {
  const auto set = [&](const Json& more, const char* word) {
    Json parameters = {{"commands", {{{"command", word}, {"description", "x"}}}}};
    parameters.update(more);
    EXPECT_EQ(bot_.Call("setMyCommands", parameters).json["result"], true);
  };
  set(Json::object(), "start");
  set({{"language_code", "ru"}}, "nachat");
  EXPECT_EQ(bot_.Call("getMyCommands", {{"language_code", "ru"}}).json["result"][0]["command"],
            "nachat");
  const auto for_user = [&](const char* language) {
    return telegram_->exchange().Look([&](const World& world) {
      return StringOr(world.commands.ForUser(ann_, language)[0], "command");
    });
  };
  EXPECT_EQ(for_user("ru"), "nachat");
  EXPECT_EQ(for_user("de"), "start");
  set({{"scope", {{"type", "all_private_chats"}}}}, "private");
  EXPECT_EQ(for_user("ru"), "private");
  EXPECT_EQ(bot_.Call("deleteMyCommands").status, 200);
  EXPECT_THAT(bot_.Call("getMyCommands").json["result"], IsEmpty());
  EXPECT_EQ(
      bot_.Call("setMyCommands", {{"commands", {{{"command", "Bad!"}, {"description", "x"}}}}})
          .description(),
      "Bad Request: BOT_COMMAND_INVALID");
}

TEST_F(MethodsTest, CommandsMayBeOneChats) {
  Start();
  const Json mine = {{"type", "chat"}, {"chat_id", ann_}};
  const Json commands = {{{"command", "pause"}, {"description", "x"}}};
  EXPECT_EQ(bot_.Call("setMyCommands", {{"commands", commands}, {"scope", mine}}).json["result"],
            true);
  EXPECT_EQ(bot_.Call("getMyCommands", {{"scope", mine}}).json["result"], commands);
  EXPECT_THAT(bot_.Call("getMyCommands").json["result"], IsEmpty());
  const int64_t bob = *telegram_->AddUser({.first_name = "Bob"});
  telegram_->exchange().Look([&](const World& world) {
    EXPECT_EQ(world.commands.ForUser(ann_, "en"), commands);
    EXPECT_THAT(world.commands.ForUser(bob, "en"), IsEmpty());
    return true;
  });
}

TEST_F(MethodsTest, TheMenuButtonIsForAllOrForOne) {
  Start();
  const auto type = [&](const Json& parameters) {
    return StringOr(bot_.Call("getChatMenuButton", parameters).json["result"], "type");
  };
  const Json ann = {{"chat_id", ann_}};
  EXPECT_EQ(type(Json::object()), "commands");
  EXPECT_EQ(type(ann), "default");
  const Json app = {
      {"type", "web_app"}, {"text", "Open"}, {"web_app", {{"url", "https://example.org/"}}}};
  EXPECT_EQ(
      bot_.Call("setChatMenuButton", {{"chat_id", ann_}, {"menu_button", app}}).json["result"],
      true);
  EXPECT_EQ(bot_.Call("getChatMenuButton", ann).json["result"], app);
  EXPECT_EQ(type(Json::object()), "commands");
  EXPECT_EQ(bot_.Call("setChatMenuButton", ann).json["result"], true);
  EXPECT_EQ(type(ann), "default");
}

TEST_F(MethodsTest, ManyMessagesAreDeletedAtOnce) {
  Start();
  const Json first = bot_.Call("sendMessage", Hello()).json["result"]["message_id"];
  const Json second = bot_.Call("sendMessage", Hello()).json["result"]["message_id"];
  EXPECT_EQ(
      bot_.Call("deleteMessages", {{"chat_id", ann_}, {"message_ids", {first, second, 99'999}}})
          .json["result"],
      true);
  EXPECT_THAT(telegram_->Messages(ann_), SizeIs(1));
}

TEST_F(MethodsTest, RepliesMayQuote) {
  const Message said = *telegram_->SendText(ann_, "/start of all");
  const Json sent =
      bot_.Call("sendMessage", {{"chat_id", ann_},
                                {"text", "What is all?"},
                                {"link_preview_options", {{"is_disabled", true}}},
                                {"reply_parameters", {{"message_id", said.id}, {"quote", "all"}}}})
          .json["result"];
  EXPECT_EQ(sent["quote"]["text"], "all");
  EXPECT_EQ(sent["reply_to_message"]["message_id"], said.id);
  ASSERT_TRUE(telegram_->SendQuote(ann_, "This!", sent["message_id"].get<int64_t>(), "What").ok());
  const Json updates = bot_.Call("getUpdates").json["result"];
  EXPECT_EQ(updates[1]["message"]["quote"]["position"], 0);
  EXPECT_FALSE(telegram_->SendQuote(ann_, "?", said.id, "never said").ok());
}

TEST_F(MethodsTest, ReactionsComeOnlyToWhoAsksForThem) {
  Start();
  const int64_t hello = bot_.Call("sendMessage", Hello()).json["result"]["message_id"];
  ASSERT_TRUE(telegram_->React(ann_, hello, {"👍"}).ok());
  EXPECT_THAT(bot_.Call("getUpdates").json["result"], IsEmpty());
  bot_.Call("getUpdates", {{"allowed_updates", {"message", "message_reaction"}}});
  ASSERT_TRUE(telegram_->React(ann_, hello, {"🔥"}).ok());
  const Json updates = bot_.Call("getUpdates").json["result"];
  ASSERT_THAT(updates, SizeIs(1));
  EXPECT_EQ(updates[0]["message_reaction"]["new_reaction"][0]["emoji"], "🔥");
  const Json thanks = {{{"type", "emoji"}, {"emoji", "🙏"}}};
  EXPECT_EQ(bot_.Call("setMessageReaction",
                      {{"chat_id", ann_}, {"message_id", hello}, {"reaction", thanks}})
                .json["result"],
            true);
  EXPECT_EQ(telegram_->Messages(ann_).back().reactions.at(0), Reactions{"🙏"});
}

TEST_F(MethodsTest, AChannelIsWrittenInByName) {
  const int64_t news = *telegram_->AddGroup(
      {.type = "channel", .title = "News", .username = "our_news", .owner_id = ann_});
  ASSERT_TRUE(telegram_->SetBotStatus(news, "administrator").ok());
  ASSERT_TRUE(telegram_->SendText(ann_, "First", 0, news).ok());
  const Json updates = bot_.Call("getUpdates").json["result"];
  ASSERT_THAT(updates, SizeIs(2));
  EXPECT_TRUE(updates[0].contains("my_chat_member"));
  EXPECT_EQ(updates[1]["channel_post"]["chat"]["username"], "our_news");
  EXPECT_EQ(bot_.Call("sendMessage", {{"chat_id", "@our_news"}, {"text", "Second"}})
                .json["result"]["chat"]["id"],
            news);
  EXPECT_EQ(telegram_->Messages(news).back().text, "Second");
}

}  // namespace
}  // namespace selfology::telegram_emulator
