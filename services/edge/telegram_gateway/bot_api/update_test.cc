#include "services/edge/telegram_gateway/bot_api/update.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::SizeIs;

constexpr char kMessage[] =
    R"({"update_id": 100001, "message": {"message_id": 7, "date": 1759312800,
    "from": {"id": 42, "is_bot": false, "first_name": "Ann", "language_code": "ru-RU"},
    "chat": {"id": 42, "type": "private"}, "text": "/start deep-link"}})";

constexpr char kPress[] =
    R"({"update_id": 100002, "callback_query": {"id": "77", "data": "consent:yes:2025-10-01",
    "from": {"id": 42, "is_bot": false}, "message": {"message_id": 8, "chat": {"id": 42, "type": "private"}}}})";

constexpr char kBlock[] = R"({"update_id": 100003, "my_chat_member": {"from": {"id": 42},
    "chat": {"id": 42, "type": "private"}, "new_chat_member": {"status": "kicked"}}})";

TEST(ParseUpdateTest, ReadsAMessage) {
  const auto update = ParseUpdate(kMessage);
  ASSERT_TRUE(update.ok());
  EXPECT_EQ(update->update_id, 100001);
  EXPECT_EQ(update->kind, UpdateKind::kMessage);
  EXPECT_EQ(update->user_id, 42);
  EXPECT_TRUE(update->private_chat);
  EXPECT_EQ(update->language, "ru-RU");
  EXPECT_EQ(update->content, Content::kText);
  EXPECT_EQ(update->text, "/start deep-link");
  EXPECT_EQ(update->message_id, 7);
}

TEST(ParseUpdateTest, ReadsWhatIsNoText) {
  const auto content = [](std::string_view fields) {
    return ParseUpdate(absl::StrCat(R"({"update_id": 5, "message": {)", fields, "}}"));
  };
  EXPECT_EQ(content(R"("photo": [], "caption": "me")")->content, Content::kPicture);
  EXPECT_EQ(content(R"("photo": [], "caption": "me")")->caption, "me");
  EXPECT_EQ(content(R"("video_note": {})")->content, Content::kVoice);
  // Telegram sends an animation as a document, too.
  EXPECT_EQ(content(R"("animation": {}, "document": {})")->content, Content::kSticker);
  EXPECT_EQ(content(R"("document": {})")->content, Content::kDocument);
  EXPECT_EQ(content(R"("location": {})")->content, Content::kOther);
  EXPECT_EQ(content(R"("pinned_message": {})")->content, Content::kNone);
}

TEST(ParseUpdateTest, ReadsAPressAndABlock) {
  const auto press = ParseUpdate(kPress);
  ASSERT_TRUE(press.ok());
  EXPECT_EQ(press->kind, UpdateKind::kButton);
  EXPECT_EQ(press->callback_id, "77");
  EXPECT_EQ(press->message_id, 8);
  EXPECT_EQ(press->text, "consent:yes:2025-10-01");
  const auto block = ParseUpdate(kBlock);
  ASSERT_TRUE(block.ok());
  EXPECT_EQ(block->kind, UpdateKind::kMembership);
  EXPECT_TRUE(block->blocked);
}

TEST(ParseUpdateTest, KeepsKindsItDoesNotKnow) {
  const auto update =
      ParseUpdate(R"({"update_id": 5, "chat_boost": {"boost": {"id": []}}, "future": null})");
  ASSERT_TRUE(update.ok());
  EXPECT_EQ(update->update_id, 5);
  EXPECT_EQ(update->kind, UpdateKind::kOther);
}

TEST(ParseUpdateTest, BearsFieldsOfOtherTypes) {
  for (
      const char* json : {
          R"({"update_id": 5, "message": 7})",
          R"({"update_id": 5, "message": {"from": "Ann", "chat": [], "text": {"a": 1}, "message_id": "x"}})",
          R"({"update_id": 5, "message": {"from": {"id": 1e300, "is_bot": 3}, "chat": {"id": null}}})",
          R"({"update_id": 5, "message": {"from": {"id": 18446744073709551615}}})",
          R"({"update_id": 5, "callback_query": {"data": 5, "message": {"chat": {"type": 3}}}})",
      }) {
    const auto update = ParseUpdate(json);
    ASSERT_TRUE(update.ok()) << json;
    EXPECT_EQ(update->update_id, 5);
    EXPECT_EQ(update->user_id, 0);
  }
}

TEST(ParseUpdateTest, RefusesWhatHasNoNumber) {
  for (const char* json :
       {"", "null", "[]", "{}", "{\"update_id\": \"5\"}", "{\"update_id\": -5}",
        "{\"update_id\": 5.5}", "<html>502</html>", "{\"update_id\": 99999999999999999999}"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseUpdate(json).status())) << json;
  }
}

TEST(ParseUpdateTest, MendsTextThatIsNoUnicode) {
  const auto broken = ParseUpdate("{\"update_id\": 5, \"message\": {\"text\": \"a\xff\"}}");
  ASSERT_TRUE(broken.ok());
  EXPECT_EQ(broken->text, "a\xef\xbf\xbd");
  const auto half =
      ParseUpdate(R"({"update_id": 5, "message": {"text": "\ud83d\ude00 \ud83d \\ud83d"}})");
  ASSERT_TRUE(half.ok());
  EXPECT_EQ(half->text, "😀 \xef\xbf\xbd \\ud83d");
}

TEST(ParseUpdateTest, HasTextsThatADatabaseKeeps) {
  EXPECT_EQ(ParseUpdate(R"({"update_id": 1, "message": {"text": "a\u0000b"}})")->text, "a\uFFFDb");
}

TEST(ParseUpdateTest, BearsDeepNesting) {
  const std::string deep = R"({"update_id": 5, "message": )" + std::string(100'000, '[') +
                           std::string(100'000, ']') + "}";
  EXPECT_TRUE(ParseUpdate(deep).ok());
  EXPECT_TRUE(ParseUpdates(R"({"ok": true, "result": [)" + deep + "]}").ok());
}

TEST(ParseUpdateTest, KeepsAllOfItAsItCanBeStored) {
  const auto update =
      ParseUpdate("{\"update_id\": 5, \"new\": [1], \"message\": {\"text\": \"a\\u0000b\xff\"}}");
  ASSERT_TRUE(update.ok());
  EXPECT_EQ(update->json.find('\0'), std::string::npos);
  EXPECT_NE(update->json.find("\"new\""), std::string::npos);
  const auto again = ParseUpdate(update->json);
  ASSERT_TRUE(again.ok());
  EXPECT_EQ(again->text, "a\uFFFDb\uFFFD");
  EXPECT_EQ(again->text, update->text);
}

// Anything may come from outside: nothing may crash, and what parses keeps its number.
TEST(ParseUpdateTest, BearsMutatedUpdates) {
  std::mt19937 random(20251004);
  for (int round = 0; round < 20'000; ++round) {
    std::string json = round % 3 == 0 ? kMessage : round % 3 == 1 ? kPress : kBlock;
    const int mutations = 1 + static_cast<int>(random() % 6);
    for (int i = 0; i < mutations; ++i) {
      const size_t at = random() % json.size();
      switch (random() % 4) {
        case 0:
          json[at] = static_cast<char>(random());
          break;
        case 1:
          json.erase(at, 1 + random() % 8);
          break;
        case 2:
          json.insert(at, std::string(1 + random() % 3, "{}[]\",:0\\u"[random() % 10]));
          break;
        default:
          json.resize(at);
      }
      if (json.empty()) json = " ";
    }
    const auto update = ParseUpdate(json);
    if (update.ok()) {
      ASSERT_GT(update->update_id, 0);
      ASSERT_GE(update->user_id, 0);
    }
  }
}

TEST(ParseUpdatesTest, LeavesOutWhatHasNoNumber) {
  const auto updates =
      ParseUpdates(std::string(R"({"ok": true, "result": [)") + kMessage + ", 7, " + kPress + "]}");
  ASSERT_TRUE(updates.ok());
  ASSERT_THAT(*updates, SizeIs(2));
  EXPECT_EQ((*updates)[0].update_id, 100001);
  EXPECT_EQ((*updates)[0].text, "/start deep-link");
  EXPECT_EQ((*updates)[1].update_id, 100002);
}

TEST(ParseUpdatesTest, SaysWhenItIsNotTelegram) {
  EXPECT_FALSE(ParseUpdates("<html>").ok());
  EXPECT_FALSE(ParseUpdates(R"({"ok": true})").ok());
}

TEST(FindUpdateIdTest, FindsTheNumberInRuins) {
  EXPECT_EQ(FindUpdateId(R"({"ok":true,"result":[{"update_id":123,"message":{"te)"), 123);
  EXPECT_EQ(FindUpdateId(R"("update_id" : 5)"), 5);
  EXPECT_EQ(FindUpdateId("<html>"), std::nullopt);
  EXPECT_EQ(FindUpdateId("\"update_id\""), std::nullopt);
  EXPECT_EQ(FindUpdateId("\"update_id\": \"x\""), std::nullopt);
}

}  // namespace
}  // namespace selfology::telegram_gateway
