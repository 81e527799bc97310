#include "services/edge/telegram_gateway/bot_api/update.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/edge/telegram_gateway/bot_api/lenient_json.h"

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

absl::StatusOr<Update> ParseMessage(std::string_view fields, int64_t update_id = 5) {
  return ParseUpdate(
      absl::StrCat(R"({"update_id": )", update_id, R"(, "message": {)", fields,
                   R"(, "from": {"id": 42}, "chat": {"id": 42, "type": "private"}}})"));
}

TEST(ParseUpdateTest, ReadsFiles) {
  const auto photo = ParseMessage(R"("photo": [
      {"file_id": "s", "file_unique_id": "us", "width": 90, "height": 51, "file_size": 1000},
      {"file_id": "l", "file_unique_id": "ul", "width": 1280, "height": 720, "file_size": 90000},
      {"file_id": "m", "file_unique_id": "um", "width": 320, "height": 180}], "media_group_id": "7")");
  ASSERT_TRUE(photo.ok());
  EXPECT_EQ(photo->media_group_id, "7");
  ASSERT_THAT(photo->files, SizeIs(1));
  EXPECT_EQ(photo->files[0].file_id, "l");
  EXPECT_EQ(photo->files[0].unique_id, "ul");
  EXPECT_EQ(photo->files[0].width, 1280);
  EXPECT_EQ(photo->files[0].height, 720);
  EXPECT_EQ(photo->files[0].size, 90000);
  EXPECT_EQ(photo->files[0].content, Content::kPicture);

  const auto document = ParseMessage(
      R"("document": {"file_id": "d", "file_name": "a.pdf", "mime_type": "application/pdf"})");
  ASSERT_THAT(document->files, SizeIs(1));
  EXPECT_EQ(document->files[0].file_name, "a.pdf");
  EXPECT_EQ(document->files[0].mime_type, "application/pdf");
  EXPECT_EQ(document->files[0].content, Content::kDocument);

  const auto round =
      ParseMessage(R"("video_note": {"file_id": "v", "length": 240, "duration": 12})");
  ASSERT_THAT(round->files, SizeIs(1));
  EXPECT_EQ(round->files[0].width, 240);
  EXPECT_EQ(round->files[0].height, 240);
  EXPECT_EQ(round->files[0].duration, absl::Seconds(12));

  const auto sticker = ParseMessage(R"("sticker": {"file_id": "s", "emoji": "🙂"})");
  ASSERT_THAT(sticker->files, SizeIs(1));
  EXPECT_EQ(sticker->files[0].emoji, "🙂");
  // Telegram sends an animation as a document, too.
  const auto animation =
      ParseMessage(R"("document": {"file_id": "d"}, "animation": {"file_id": "a"})");
  ASSERT_THAT(animation->files, SizeIs(1));
  EXPECT_EQ(animation->files[0].file_id, "a");
}

TEST(ParseUpdateTest, BearsFilesThatAreNone) {
  for (const char* fields :
       {R"("photo": [])", R"("photo": {"file_id": "x"})", R"("photo": [7])", R"("voice": "x")",
        R"("document": {"file_name": "a"})", R"("location": {})"}) {
    EXPECT_THAT(ParseMessage(fields)->files, SizeIs(0)) << fields;
  }
  const auto huge = ParseMessage(
      R"("document": {"file_id": "d", "width": 99999999999, "height": -3, "duration": "x"})");
  ASSERT_THAT(huge->files, SizeIs(1));
  EXPECT_GT(huge->files[0].width, 0);
  EXPECT_EQ(huge->files[0].height, 0);
}

TEST(ParseUpdateTest, ReadsReplies) {
  const auto reply = ParseMessage(
      R"("text": "x", "reply_to_message": {"message_id": 3, "text": "A tip."}, "quote": {"text": "tip"})");
  ASSERT_TRUE(reply->replied_to.has_value());
  EXPECT_EQ(reply->replied_to->message_id, 3);
  EXPECT_EQ(reply->replied_to->words, "A tip.");
  EXPECT_EQ(reply->replied_to->quote, "tip");
  EXPECT_EQ(
      ParseMessage(R"("reply_to_message": {"message_id": 3, "caption": "c"})")->replied_to->words,
      "c");
  EXPECT_FALSE(ParseMessage(R"("reply_to_message": {})")->replied_to.has_value());
}

TEST(ParseUpdateTest, ReadsReactions) {
  const auto update = ParseUpdate(R"({"update_id": 5, "message_reaction": {"message_id": 9,
      "user": {"id": 42}, "chat": {"id": 42, "type": "private"}, "old_reaction": [],
      "new_reaction": [{"type": "emoji", "emoji": "👍"}, {"type": "custom_emoji",
      "custom_emoji_id": "77"}, {"type": "paid"}, 7]}})");
  ASSERT_TRUE(update.ok());
  EXPECT_EQ(update->kind, UpdateKind::kReaction);
  EXPECT_EQ(update->user_id, 42);
  EXPECT_EQ(update->message_id, 9);
  ASSERT_THAT(update->emoji, SizeIs(2));
  EXPECT_EQ(update->emoji[0].emoji, "👍");
  EXPECT_EQ(update->emoji[1].emoji, "custom:77");
}

TEST(ParseUpdateTest, ReadsChannels) {
  const auto post = ParseUpdate(R"({"update_id": 5, "edited_channel_post": {"message_id": 9,
      "chat": {"id": -100, "type": "channel"}, "date": 1759312800, "edit_date": 1759312900,
      "text": "News", "author_signature": "Ann"}})");
  EXPECT_EQ(post->kind, UpdateKind::kEditedPost);
  EXPECT_TRUE(post->channel);
  EXPECT_EQ(OrderingKeyOf(*post), -100);
  EXPECT_EQ(post->edited_at, absl::FromUnixSeconds(1759312900));
  EXPECT_EQ(post->author_signature, "Ann");
  const auto counts = ParseUpdate(R"({"update_id": 5, "message_reaction_count": {"message_id": 9,
      "chat": {"id": -100, "type": "channel"},
      "reactions": [{"type": {"type": "emoji", "emoji": "🔥"}, "total_count": 3}]}})");
  EXPECT_EQ(counts->kind, UpdateKind::kReactionCounts);
  ASSERT_THAT(counts->emoji, SizeIs(1));
  EXPECT_EQ(counts->emoji[0].count, 3);
  const auto member = ParseUpdate(R"({"update_id": 5, "my_chat_member": {"from": {"id": 42},
      "chat": {"id": -100, "type": "channel"}, "old_chat_member": {"status": "left"},
      "new_chat_member": {"status": "administrator", "can_post_messages": true}}})");
  EXPECT_EQ(member->role, "administrator");
  EXPECT_EQ(member->role_before, "left");
  EXPECT_TRUE(member->can_post);
}

TEST(OrderingKeyOfTest, IsThePersonOrTheGroup) {
  EXPECT_EQ(OrderingKeyOf(*ParseUpdate(kMessage)), 42);
  const auto group = ParseUpdate(R"({"update_id": 5, "message": {"from": {"id": 42},
      "chat": {"id": -7, "type": "supergroup"}, "text": "x"}})");
  EXPECT_TRUE(group->group);
  EXPECT_EQ(OrderingKeyOf(*group), -7);
}

TEST(GatherTest, JoinsWordsInTheirOrder) {
  const Update first =
      *ParseMessage(R"("message_id": 7, "text": "One.", "reply_to_message": {"message_id": 3})", 5);
  const Update second = *ParseMessage(R"("message_id": 8, "text": "Two.")", 6);
  const Update third = *ParseMessage(R"("message_id": 9, "text": "Three.", "date": 1759312800)", 8);
  const auto both = Gather(first, second, "garden");
  ASSERT_TRUE(both.ok()) << both.status();
  const auto all = Gather(*both, third, "garden");
  ASSERT_TRUE(all.ok()) << all.status();
  EXPECT_EQ(all->update_id, 8);
  EXPECT_EQ(all->message_id, 9);
  EXPECT_EQ(all->text, "One.\nTwo.\nThree.");
  EXPECT_EQ(all->user_id, 42);
  EXPECT_EQ(all->sent_at, third.sent_at);
  EXPECT_EQ(all->replied_to->message_id, 3);
  EXPECT_EQ(all->gathered, (std::vector<int64_t>{5, 6, 8}));
  EXPECT_EQ(all->gathered_for, "garden");
  // As it is kept.
  const auto kept = ParseKeptUpdate(all->json);
  ASSERT_TRUE(kept.ok());
  EXPECT_EQ(kept->text, all->text);
  EXPECT_EQ(kept->gathered, all->gathered);
  EXPECT_EQ(kept->gathered_for, "garden");
  EXPECT_EQ(kept->json, all->json);
}

TEST(GatherTest, AnAlbumHasAllFilesAndItsCaption) {
  const auto picture = [](int64_t id, std::string_view fields) {
    return *ParseMessage(
        absl::StrCat(R"("media_group_id": "7", "photo": [{"file_id": ")", id, R"("}])", fields),
        id);
  };
  const auto first = Gather(picture(5, R"(, "caption": "Spring")"), "");
  ASSERT_TRUE(first.ok()) << first.status();
  EXPECT_EQ(first->gathered, (std::vector<int64_t>{5}));
  const auto album = Gather(*first, picture(6, ""), "");
  ASSERT_TRUE(album.ok()) << album.status();
  EXPECT_EQ(album->caption, "Spring");
  ASSERT_THAT(album->files, SizeIs(2));
  EXPECT_EQ(album->files[0].file_id, "5");
  EXPECT_EQ(album->files[1].file_id, "6");
  EXPECT_EQ(album->content, Content::kPicture);
  EXPECT_EQ(album->media_group_id, "7");
}

TEST(GatherTest, NobodyElseCanMakeNonsenseOfIt) {
  for (const char* json :
       {R"({"update_id": 5, "gathered": {}})", R"({"update_id": 5, "gathered": {"updates": [7]}})",
        R"({"update_id": 5, "gathered": {"updates": [{"update_id": 6}]}})",
        R"({"update_id": 5, "gathered": {"updates": [{"update_id": 5, "gathered": {}}]}})"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseKeptUpdate(json).status())) << json;
  }
}

// Or guards would not be asked about it.
TEST(GatherTest, NobodyElseCanGather) {
  const Update gathered = *Gather(*ParseMessage(R"("text": "One.")", 5), "garden");
  Json forged = ParseLeniently(gathered.json);
  forged["message"] = {{"text", "Two."}};
  for (const Json& json : {ParseLeniently(gathered.json), forged}) {
    const auto update = ParseUpdate(Dump(json));
    ASSERT_TRUE(update.ok()) << update.status();
    EXPECT_THAT(update->gathered, SizeIs(0));
    EXPECT_NE(update->text, "One.");
    const auto kept = ParseKeptUpdate(update->json);
    ASSERT_TRUE(kept.ok()) << kept.status();
    EXPECT_THAT(kept->gathered, SizeIs(0));
  }
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
