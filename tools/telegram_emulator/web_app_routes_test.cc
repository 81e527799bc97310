// What a mini app is told about who opened it.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <memory>
#include <string>

#include "common/http/url.h"
#include "tools/telegram_emulator/emulator.h"
#include "tools/telegram_emulator/test_bot.h"

namespace selfology::telegram_emulator {
namespace {

class WebAppRoutesTest : public testing::Test {
 protected:
  TestBot::Reply Open(int64_t user_id) {
    return *bot_.Send("POST", "/api/web-apps",
                      Dump({{"user_id", user_id}, {"start_parameter", "feed"}}),
                      "application/json");
  }

  const std::unique_ptr<Emulator> telegram_ = *Emulator::Start({});
  TestBot bot_{telegram_->base_url()};
};

TEST_F(WebAppRoutesTest, SaysWhoOpenedItAndSignsIt) {
  const int64_t ann =
      bot_.Send("POST", "/api/users", Dump({{"first_name", "Ann & Bo"}}), "application/json")
          ->json["id"];
  EXPECT_EQ(Open(ann).status, 400) << "with what would it be signed?";
  bot_.Call("getMe");
  const TestBot::Reply opened = Open(ann);
  ASSERT_EQ(opened.status, 200) << opened.body;
  const auto fields = http::ParseForm(opened.json["init_data"].get<std::string>());
  ASSERT_TRUE(fields.ok()) << fields.status();
  const std::map<std::string, std::string> by_name(fields->begin(), fields->end());
  EXPECT_EQ(by_name.at("hash").size(), 64u);
  EXPECT_EQ(by_name.at("start_param"), "feed");
  EXPECT_EQ(ParseJson(by_name.at("user"))->at("id"), ann);
  EXPECT_NE(Open(ann).json["init_data"], opened.json["init_data"]) << "each is good once";
  EXPECT_EQ(Open(123456789).status, 404);
}

}  // namespace
}  // namespace selfology::telegram_emulator
