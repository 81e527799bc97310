// Files over HTTP: both ways, with equal bytes.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "tools/telegram_emulator/emulator.h"
#include "tools/telegram_emulator/test_bot.h"
#include "tools/telegram_emulator/test_files.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

class MediaTest : public testing::Test {
 protected:
  MediaTest() {
    ann_ = *telegram_->AddUser({.first_name = "Ann"});
    EXPECT_TRUE(telegram_->SendText(ann_, "/start").ok());
    TakeUpdates();
  }

  Json TakeUpdates() {
    const Json updates = bot_.Call("getUpdates", {{"offset", offset_}}).json["result"];
    for (const Json& update : updates) offset_ = update["update_id"].get<int64_t>() + 1;
    return updates;
  }
  Json To(Json more = Json::object()) const {
    more["chat_id"] = ann_;
    return more;
  }
  // What Ann gets of the bot's latest message.
  std::string LastBytes() {
    return *telegram_->Download(telegram_->Messages(ann_).back().media.file_id);
  }

  const std::unique_ptr<Emulator> telegram_ = *Emulator::Start({});
  TestBot bot_{telegram_->base_url()};
  int64_t ann_ = 0;
  int64_t offset_ = 0;
};

TEST_F(MediaTest, APersonsFilesReachTheBotByteForByte) {
  const std::vector<Conversations::Sent> files = {
      {.kind = "photo", .bytes = Png(640, 480, 10'000), .caption = "Look"},
      {.kind = "document", .bytes = Filling(20 << 20), .name = "large.bin"},
      {.kind = "voice", .bytes = Ogg(5'000), .duration = 3},
      {.kind = "sticker", .bytes = Webp(8'000), .emoji = "🙂"}};
  for (const Conversations::Sent& file : files) {
    ASSERT_TRUE(telegram_->SendFile(ann_, file).ok()) << file.kind;
    const Json updates = TakeUpdates();
    ASSERT_THAT(updates, SizeIs(1));
    const Json& message = updates[0]["message"];
    ASSERT_TRUE(message.contains(file.kind)) << message;
    EXPECT_FALSE(message.contains("text"));
    // The largest size is the last.
    const Json& shown = file.kind == "photo" ? message["photo"].back() : message[file.kind];
    EXPECT_EQ(shown["file_size"], file.bytes.size());
    EXPECT_TRUE(bot_.Download(StringOr(shown, "file_id")) == file.bytes) << file.kind;
  }
}

TEST_F(MediaTest, ThePhotosSmallCopyIsAnotherFile) {
  ASSERT_TRUE(telegram_->SendFile(ann_, {.bytes = Png(640, 480), .caption = "Look"}).ok());
  const Json message = TakeUpdates()[0]["message"];
  EXPECT_EQ(message["caption"], "Look");
  ASSERT_THAT(message["photo"], SizeIs(2));
  EXPECT_EQ(message["photo"][1]["width"], 640);
  EXPECT_EQ(message["photo"][1]["height"], 480);
  EXPECT_NE(message["photo"][0]["file_unique_id"], message["photo"][1]["file_unique_id"]);
  EXPECT_EQ(bot_.Download(StringOr(message["photo"][0], "file_id")), Thumbnail());
}

TEST_F(MediaTest, TheBotsFilesReachThePerson) {
  const std::string photo = Png(30, 20, 10'000);
  const Json sent =
      bot_.Upload("sendPhoto", To({{"caption", "<b>You</b>"}, {"parse_mode", "HTML"}}), "photo",
                  "you.png", photo)
          .json["result"];
  EXPECT_EQ(sent["caption_entities"][0]["type"], "bold");
  EXPECT_TRUE(LastBytes() == photo);
  EXPECT_EQ(telegram_->Messages(ann_).back().text, "You");

  const Json document = bot_.Upload("sendDocument", To(), "document", "profile.json", "{}")
                            .json["result"]["document"];
  EXPECT_EQ(document["file_name"], "profile.json");
  EXPECT_EQ(document["mime_type"], "application/json");
  EXPECT_EQ(LastBytes(), "{}");
  EXPECT_EQ(bot_.Upload("sendVoice", To({{"duration", 2}}), "voice", "v.ogg", Ogg())
                .json["result"]["voice"]["duration"],
            2);
  EXPECT_EQ(bot_.Upload("sendSticker", To(), "sticker", "s.webp", Webp())
                .json["result"]["sticker"]["width"],
            512);
}

TEST_F(MediaTest, AFileIdSendsTheSameAgain) {
  const Json first = bot_.Upload("sendPhoto", To(), "photo", "a.png", Png(3, 2)).json["result"];
  const Json again =
      bot_.Call("sendPhoto", To({{"photo", first["photo"][1]["file_id"]}})).json["result"];
  EXPECT_EQ(again["photo"], first["photo"]);
  EXPECT_NE(again["message_id"], first["message_id"]);
}

TEST_F(MediaTest, AlbumsBelongTogether) {
  std::vector<Conversations::Sent> ten;
  for (int i = 0; i < 10; ++i) {
    ten.push_back({.kind = "photo", .bytes = Png(10 + i, 10), .caption = absl::StrCat(i)});
  }
  ASSERT_THAT(*telegram_->SendAlbum(ann_, ten), SizeIs(10));
  const Json updates = TakeUpdates();
  ASSERT_THAT(updates, SizeIs(10));
  for (int i = 0; i < 10; ++i) {
    const Json& message = updates[static_cast<size_t>(i)]["message"];
    EXPECT_EQ(message["media_group_id"], updates[0]["message"]["media_group_id"]);
    EXPECT_EQ(message["photo"][1]["width"], 10 + i);
    EXPECT_EQ(message["caption"], absl::StrCat(i));
  }
  ten.push_back(ten.front());
  EXPECT_FALSE(telegram_->SendAlbum(ann_, ten).ok());

  const Json known = updates[3]["message"]["photo"][1]["file_id"];
  const Json media = {{{"type", "photo"}, {"media", "attach://new"}, {"caption", "Mine"}},
                      {{"type", "photo"}, {"media", known}}};
  const Json sent = bot_.Upload("sendMediaGroup", To({{"media", media}}), "new", "n.png", Png(7, 5))
                        .json["result"];
  ASSERT_THAT(sent, SizeIs(2));
  EXPECT_EQ(sent[0]["media_group_id"], sent[1]["media_group_id"]);
  EXPECT_NE(sent[0]["media_group_id"], updates[0]["message"]["media_group_id"]);
  EXPECT_EQ(sent[0]["caption"], "Mine");
  EXPECT_EQ(sent[1]["photo"][1]["file_id"], known);
}

TEST_F(MediaTest, CaptionsAreEdited) {
  const Json sent =
      bot_.Upload("sendPhoto", To({{"caption", "Before"}}), "photo", "a.png", Png(3, 2))
          .json["result"];
  const Json edited = bot_.Call("editMessageCaption",
                                To({{"message_id", sent["message_id"]}, {"caption", "After"}}))
                          .json["result"];
  EXPECT_EQ(edited["caption"], "After");
  EXPECT_EQ(edited["photo"], sent["photo"]);
  EXPECT_FALSE(bot_.Call("editMessageCaption", To({{"message_id", sent["message_id"]}}))
                   .json["result"]
                   .contains("caption"));
}

TEST_F(MediaTest, AFileIsForItsBotAlone) {
  ASSERT_TRUE(telegram_->SendFile(ann_, {.bytes = Png(3, 2)}).ok());
  const std::string file_id = StringOr(TakeUpdates()[0]["message"]["photo"][1], "file_id");
  EXPECT_FALSE(bot_.Download(file_id).empty());
  TestBot other(telegram_->base_url(), "43:another");
  EXPECT_THAT(other.Download(file_id), IsEmpty());
  EXPECT_EQ(bot_.Send("GET", "/file/bot42:secret/photos/file_999.jpg", "", "")->status, 404);
  EXPECT_EQ(bot_.Send("GET", "/file/bot42/photos/file_1.jpg", "", "")->status, 401);
}

TEST_F(MediaTest, TheLogSaysWhatWasAttached) {
  bot_.Upload("sendDocument", To(), "document", "a.txt", "words");
  EXPECT_EQ(telegram_->Log().back().parameters["document"], "file a.txt of 5 bytes");
}

TEST_F(MediaTest, ScriptsBringAndFetchFiles) {
  const std::string photo = Png(5, 4);
  const Json file =
      bot_.Send("POST", "/api/files?kind=photo&name=a.png", photo, "application/octet-stream")
          ->json;
  const std::string messages = absl::StrCat("/api/users/", ann_, "/messages");
  const Json one = {{"media", {{{"file_id", file["file_id"]}, {"caption", "Look"}}}}};
  EXPECT_EQ(bot_.Send("POST", messages, Dump(one), "application/json")->json["text"], "Look");
  EXPECT_EQ(TakeUpdates()[0]["message"]["photo"][1]["width"], 5);
  EXPECT_EQ(bot_.Send("GET", absl::StrCat("/api/files/", StringOr(file, "file_id")), "", "")->body,
            photo);
  // A foreign page can make a browser send this.
  EXPECT_EQ(bot_.Send("POST", "/api/files?kind=photo", photo, "text/plain")->status, 400);
}

}  // namespace
}  // namespace selfology::telegram_emulator
