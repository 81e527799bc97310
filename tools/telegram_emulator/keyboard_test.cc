#include "tools/telegram_emulator/keyboard.h"

#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"

namespace selfology::telegram_emulator {
namespace {

std::string ErrorOf(std::string_view json) {
  return std::string(ParseKeyboard(json).status().message());
}

TEST(KeyboardTest, InlineButtonsAreFoundByLabelThenByData) {
  const auto markup = ParseKeyboard(
      R"({"inline_keyboard": [[{"text": "Yes", "callback_data": "No"}], [{"text": "No", "callback_data": "consent:no"}]]})");
  ASSERT_TRUE(markup.ok()) << markup.status();
  EXPECT_TRUE(IsInline(*markup));
  EXPECT_EQ(StringOr(*FindButton(*markup, "No"), "callback_data"), "consent:no");
  EXPECT_EQ(StringOr(*FindButton(*markup, "consent:no"), "text"), "No");
  EXPECT_EQ(FindButton(*markup, "Maybe"), nullptr);
  EXPECT_EQ(FindButton(Json(), "Yes"), nullptr);
}

TEST(KeyboardTest, ReplyKeyboardsAreNotInline) {
  const auto markup =
      ParseKeyboard(R"({"keyboard": [["Pause", {"text": "Stop"}]], "one_time_keyboard": true})");
  ASSERT_TRUE(markup.ok());
  EXPECT_FALSE(IsInline(*markup));
  EXPECT_EQ((*markup)["keyboard"][0][0]["text"], "Pause");
  EXPECT_EQ(FindButton(*markup, "Pause"), nullptr);
  EXPECT_TRUE(ParseKeyboard(R"({"remove_keyboard": true})")->contains("remove_keyboard"));
}

TEST(KeyboardTest, NothingAskedForIsNoMarkup) {
  for (const char* json :
       {"", "{}", R"({"inline_keyboard": []})", R"({"inline_keyboard": [[]]})", "null"}) {
    EXPECT_TRUE(ParseKeyboard(json)->is_null()) << json;
  }
}

TEST(KeyboardTest, MistakesAreWordedAsTelegramWordsThem) {
  EXPECT_EQ(ErrorOf("{"), "can't parse reply keyboard markup JSON object");
  EXPECT_EQ(ErrorOf("[]"), "object expected as reply markup");
  EXPECT_EQ(ErrorOf(R"({"inline_keyboard": [{"text": "x"}]})"),
            "field \"inline_keyboard\" of the InlineKeyboardMarkup must be an Array of Arrays");
  EXPECT_EQ(
      ErrorOf(R"({"inline_keyboard": [[{"text": "x"}]]})"),
      "can't parse inline keyboard button: Text buttons are unallowed in the inline keyboard");
  EXPECT_EQ(ErrorOf(R"({"inline_keyboard": [[{"text": "x", "url": "not a url"}]]})"),
            "inline keyboard button URL 'not a url' is invalid: Wrong HTTP URL");
  const auto with_data = [](int bytes) {
    return absl::StrCat(R"({"inline_keyboard": [[{"text": "x", "callback_data": ")",
                        std::string(bytes, 'd'), "\"}]]}");
  };
  EXPECT_EQ(ErrorOf(with_data(kMaxCallbackDataBytes)), "");
  EXPECT_EQ(ErrorOf(with_data(kMaxCallbackDataBytes + 1)), "BUTTON_DATA_INVALID");
}

}  // namespace
}  // namespace selfology::telegram_emulator
