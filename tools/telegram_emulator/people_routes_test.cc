// What scripts and the chat page use: the REST API, the stream, the page's files.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <functional>
#include <string>
#include <thread>
#include <vector>

#include "absl/strings/str_cat.h"
#include "common/http/sse.h"
#include "tools/telegram_emulator/emulator.h"
#include "tools/telegram_emulator/test_bot.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

class PeopleRoutesTest : public testing::Test {
 protected:
  TestBot::Reply Get(std::string_view path) { return *bot_.Send("GET", path, "", ""); }
  TestBot::Reply Post(std::string_view path, const Json& body) {
    return *bot_.Send("POST", path, Dump(body), "application/json");
  }
  int64_t AddUser(const char* name, const char* language) {
    return Post("/api/users", {{"first_name", name}, {"language_code", language}}).json["id"];
  }
  static std::string Path(int64_t user, std::string_view rest) {
    return absl::StrCat("/api/users/", user, rest);
  }

  // Reads a stream until enough(events).
  std::vector<http::ServerEvent> Follow(
      std::string_view path, const http::Headers& headers,
      const std::function<bool(const std::vector<http::ServerEvent>&)>& enough,
      const std::function<void()>& connected = nullptr) {
    std::vector<http::ServerEvent> events;
    http::EventReader reader;
    bool is_connected = false;
    (void)bot_.client().Send(Call::Background(absl::Seconds(20)),
                             {.url = absl::StrCat(telegram_->base_url(), path),
                              .headers = headers,
                              .on_data = [&](std::string_view data) {
                                for (http::ServerEvent& event : reader.Feed(data))
                                  events.push_back(std::move(event));
                                if (!is_connected && connected) connected();
                                is_connected = true;
                                return enough(events) ? absl::CancelledError("seen enough")
                                                      : absl::OkStatus();
                              }});
    return events;
  }

  const std::unique_ptr<Emulator> telegram_ = *Emulator::Start({});
  TestBot bot_{telegram_->base_url()};
};

TEST_F(PeopleRoutesTest, PeopleWritePressAndRead) {
  const int64_t ann = AddUser("Анна", "ru");
  const TestBot::Reply sent = Post(Path(ann, "/messages"), {{"text", "/start"}});
  EXPECT_EQ(sent.status, 201);
  const Json markup = {{"inline_keyboard", {{{{"text", "Да"}, {"callback_data", "y"}}}}}};
  std::thread bot([&] {
    bot_.Call("sendMessage", {{"chat_id", ann}, {"text", "?"}, {"reply_markup", markup}});
  });
  const Json messages = Get(Path(ann, absl::StrCat("/messages?from=bot&wait_ms=20000&after=",
                                                   sent.json["message_id"].get<int64_t>())))
                            .json["messages"];
  bot.join();
  ASSERT_THAT(messages, SizeIs(1));
  const Json press =
      Post(Path(ann, "/callbacks"), {{"message_id", messages[0]["message_id"]}, {"button", "Да"}})
          .json;
  bot_.Call("answerCallbackQuery", {{"callback_query_id", press["id"]}, {"text", "!"}});
  EXPECT_EQ(
      Get(Path(ann, absl::StrCat("/callbacks/", press["id"].get<std::string>(), "?wait_ms=20000")))
          .json["answer_text"],
      "!");
  EXPECT_EQ(
      bot_.Send("PATCH", Path(ann, "/messages/1"), Dump({{"text", "/begin"}}), "application/json")
          ->json["text"],
      "/begin");
  EXPECT_EQ(Post(Path(ann, "/block"), {{"blocked", true}}).json["blocked"], true);
  EXPECT_THAT(Get("/api/users").json["users"], SizeIs(1));
  EXPECT_THAT(Get(Path(ann, "/messages?after=100")).json["messages"], IsEmpty());
}

TEST_F(PeopleRoutesTest, MistakesAreNamed) {
  const int64_t ann = AddUser("Ann", "en");
  EXPECT_EQ(Post("/api/users", {{"first_name", ""}}).status, 400);
  EXPECT_EQ(Post("/api/users", {{"first_name", "Twin"}, {"id", ann}}).status, 409);
  EXPECT_EQ(Get("/api/users/5").status, 404);
  EXPECT_EQ(Get("/api/users/x/messages").status, 404);
  EXPECT_EQ(Get(Path(ann, "/nothing")).status, 404);
  EXPECT_EQ(Post(Path(ann, "/messages"), {{"text", " "}}).status, 400);
  EXPECT_EQ(
      Post(Path(ann, "/callbacks"), {{"message_id", 5}, {"button", "x"}}).json["error"]["code"],
      "NOT_FOUND");
  // A foreign page can make a browser send this, but not application/json.
  EXPECT_EQ(bot_.Send("POST", Path(ann, "/messages"), "{\"text\": \"hi\"}", "text/plain")->status,
            400);
}

TEST_F(PeopleRoutesTest, ChannelsAreWithinReachOfScripts) {
  const int64_t ann = AddUser("Ann", "en");
  const TestBot::Reply made =
      Post("/api/groups", {{"type", "channel"}, {"title", "News"}, {"user_id", ann}});
  ASSERT_EQ(made.status, 201);
  const std::string channel = absl::StrCat("/api/groups/", made.json["id"].get<int64_t>());
  EXPECT_EQ(Post("/api/groups", {{"type", "party"}, {"title", "x"}, {"user_id", ann}}).status, 400);
  EXPECT_EQ(Get("/api/groups/-5").status, 404);
  EXPECT_EQ(Post(channel + "/bot", {{"status", "administrator"}}).json["bot_status"],
            "administrator");
  const Json post = Post(channel + "/messages", {{"user_id", ann}, {"text", "News"}}).json;
  const std::string address =
      absl::StrCat(channel, "/messages/", post["message_id"].get<int64_t>());
  EXPECT_EQ(bot_.Send("PATCH", address, Dump({{"user_id", ann}, {"text", "Old news"}}),
                      "application/json")
                ->json["text"],
            "Old news");
  const Json reaction = {
      {"user_id", ann}, {"message_id", post["message_id"]}, {"reactions", Json::array({"👍"})}};
  EXPECT_EQ(Post(channel + "/reactions", reaction).json["reactions"][absl::StrCat(ann)][0], "👍");
  EXPECT_THAT(Get(channel + "/messages").json["messages"], SizeIs(1));
  EXPECT_THAT(Get("/api/groups").json["groups"], SizeIs(1));
  EXPECT_THAT(bot_.Call("getUpdates").json["result"], SizeIs(3));
}

TEST_F(PeopleRoutesTest, PressedKeyboardsAreWithinReachOfCheckers) {
  const int64_t ann = AddUser("Ann", "en");
  ASSERT_EQ(Post(Path(ann, "/messages"), {{"text", "/start"}}).status, 201);
  const Json keyboard = Json::parse(R"([[{"text": "Yes", "callback_data": "yes"}]])");
  const Json sent = bot_.Call("sendMessage", {{"chat_id", ann},
                                              {"text", "Well?"},
                                              {"reply_markup", {{"inline_keyboard", keyboard}}}})
                        .json["result"];
  const std::string address = absl::StrCat("/api/pressed-keyboards?chat_id=", ann);
  EXPECT_THAT(Get(address).json["pressed_keyboards"], SizeIs(0));
  Post(Path(ann, "/callbacks"), {{"message_id", sent["message_id"]}, {"button", "Yes"}});
  const Json pressed = Get(address).json["pressed_keyboards"];
  ASSERT_THAT(pressed, SizeIs(1));
  EXPECT_EQ(pressed[0]["message_id"], sent["message_id"]);
  EXPECT_GT(pressed[0]["pressed_at_ms"].get<int64_t>(), 0);
  EXPECT_FALSE(pressed[0].contains("gone_at_ms"));
  bot_.Call("editMessageReplyMarkup", {{"chat_id", ann}, {"message_id", sent["message_id"]}});
  EXPECT_TRUE(Get(address).json["pressed_keyboards"][0].contains("gone_at_ms"));
}

TEST_F(PeopleRoutesTest, FaultsAndLogAreWithinReachOfScripts) {
  EXPECT_EQ(
      Post("/control/faults", {{"method", "getMe"}, {"error_code", 500}, {"times", 2}}).status,
      201);
  EXPECT_EQ(Post("/control/faults", {{"methd", "getMe"}}).status, 400);
  EXPECT_EQ(bot_.Call("getMe").status, 500);
  EXPECT_THAT(Get("/control/faults").json["faults"], SizeIs(1));
  EXPECT_EQ(bot_.Send("DELETE", "/control/faults", "", "")->status, 200);
  EXPECT_EQ(bot_.Call("getMe").status, 200);
  const int64_t id = Post("/control/faults", {{"error_code", 500}}).json["id"];
  EXPECT_EQ(bot_.Send("DELETE", absl::StrCat("/control/faults/", id), "", "")->status, 200);
  const Json calls = Get("/api/log?method=getme").json["calls"];
  ASSERT_THAT(calls, SizeIs(2));
  EXPECT_EQ(calls[0]["injected"], true);
  EXPECT_EQ(calls[1]["code"], 200);
}

TEST_F(PeopleRoutesTest, AStreamTellsWhatHappensAndGoesOnWhereItBroke) {
  const int64_t ann = AddUser("Ann", "en");
  const int64_t bob = AddUser("Bob", "en");
  const std::string cursor = Get("/api/state").json["cursor"];
  const auto is_message = [](const http::ServerEvent& event) { return event.type == "message"; };
  const auto two_messages = [&](const auto& events) {
    return std::count_if(events.begin(), events.end(), is_message) >= 2;
  };
  const auto talk = [&] {
    EXPECT_TRUE(telegram_->SendText(bob, "not for Ann's stream").ok());
    EXPECT_TRUE(telegram_->SendText(ann, "/start").ok());
    bot_.Call("sendChatAction", {{"chat_id", ann}, {"action", "typing"}});
    bot_.Call("sendMessage", {{"chat_id", ann}, {"text", "Hello"}});
  };
  const auto events = Follow(Path(ann, "/stream"), {}, two_messages, talk);
  std::vector<std::string> types;
  for (const auto& event : events) types.push_back(event.type);
  EXPECT_THAT(types, testing::ElementsAre("user", "message", "action", "message"));
  EXPECT_EQ(ParseJson(events.back().data)->at("text"), "Hello");

  // From the page's first state, or from the last event it saw.
  EXPECT_THAT(Follow(absl::StrCat("/api/stream?after=", cursor), {}, two_messages),
              SizeIs(testing::Ge(4u)));
  const auto rest =
      Follow(absl::StrCat("/api/stream?after=", cursor), {{"Last-Event-ID", events[2].id}},
             [](const auto& seen) { return !seen.empty(); });
  ASSERT_THAT(rest, SizeIs(1));
  EXPECT_EQ(rest[0].id, events[3].id);
}

TEST_F(PeopleRoutesTest, AWatcherOfAnEarlierRunIsToldToBeginAnew) {
  for (const char* cursor : {"1234-5", "garbage", "-"}) {
    const auto events = Follow(absl::StrCat("/api/stream?after=", cursor), {},
                               [](const auto& seen) { return !seen.empty(); });
    ASSERT_FALSE(events.empty());
    EXPECT_EQ(events[0].type, "reset");
  }
}

TEST_F(PeopleRoutesTest, ThePageNeedsNothingFromElsewhere) {
  const auto page =
      bot_.client().Send(Call::Background(absl::Seconds(20)), {.url = telegram_->base_url() + "/"});
  ASSERT_TRUE(page.ok());
  EXPECT_THAT(std::string(page->headers.Get("Content-Security-Policy").value_or("")),
              HasSubstr("default-src 'none'"));
  for (const char* file : {"/page.css", "/app.js", "/composer.js", "/media.js", "/messages.js",
                           "/server.js", "/store.js", "/strings.js", "/icon.svg"}) {
    const TestBot::Reply reply = Get(file);
    EXPECT_EQ(reply.status, 200) << file;
    EXPECT_EQ(reply.body.find("https://cdn"), std::string::npos);
    EXPECT_EQ(reply.body.find("innerHTML"), std::string::npos)
        << "texts must never be parsed as HTML";
  }
}

}  // namespace
}  // namespace selfology::telegram_emulator
