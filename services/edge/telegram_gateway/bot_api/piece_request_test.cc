#include "services/edge/telegram_gateway/bot_api/piece_request.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr int64_t kChat = 7;

Attachment FileOf(v1::ContentKind kind, std::string file_id = "", std::string path = "/x") {
  return {.kind = kind, .size = 3, .file_id = std::move(file_id), .path = std::move(path)};
}

v1::DialogMessage Answer() {
  v1::DialogMessage message;
  message.set_text_format(v1::TEXT_FORMAT_HTML);
  message.set_reply_to_message_id(5);
  message.set_quote("words");
  v1::Button& button = *message.add_button_rows()->add_buttons();
  button.set_text("Yes");
  button.set_callback_data("a:yes");
  return message;
}

TEST(PieceRequestTest, AText) {
  const PieceRequest request = RequestFor(
      kChat, {.text = "<b>Hi</b>", .has_buttons = true, .replies = true}, Answer(), Again::kNo);
  EXPECT_EQ(request.method, "sendMessage");
  EXPECT_EQ(request.parameters["text"], "<b>Hi</b>");
  EXPECT_EQ(request.parameters["parse_mode"], "HTML");
  EXPECT_EQ(request.parameters["reply_parameters"],
            (Json{{"message_id", 5}, {"quote", "words"}, {"allow_sending_without_reply", true}}));
  EXPECT_EQ(request.parameters["reply_markup"]["inline_keyboard"][0][0]["callback_data"], "a:yes");
  const PieceRequest bare = RequestFor(kChat, {.text = "Hi"}, Answer(), Again::kNo);
  EXPECT_FALSE(bare.parameters.contains("reply_parameters"));
  EXPECT_FALSE(bare.parameters.contains("reply_markup"));
}

TEST(PieceRequestTest, EachKindHasItsMethod) {
  const auto method = [](v1::ContentKind kind, std::string mime_type) {
    Attachment file = FileOf(kind);
    file.mime_type = std::move(mime_type);
    return RequestFor(kChat, {.files = {file}}, {}, Again::kNo).method;
  };
  EXPECT_EQ(method(v1::CONTENT_KIND_PHOTO, "image/png"), "sendPhoto");
  EXPECT_EQ(method(v1::CONTENT_KIND_PHOTO, ""), "sendPhoto");
  // Telegram takes films and animations as documents, and shows them as what they are.
  EXPECT_EQ(method(v1::CONTENT_KIND_PHOTO, "video/mp4"), "sendDocument");
  EXPECT_EQ(method(v1::CONTENT_KIND_STICKER, "image/gif"), "sendDocument");
  EXPECT_EQ(method(v1::CONTENT_KIND_STICKER, "image/webp"), "sendSticker");
  EXPECT_EQ(method(v1::CONTENT_KIND_VOICE, "audio/ogg"), "sendVoice");
  EXPECT_EQ(method(v1::CONTENT_KIND_DOCUMENT, "image/png"), "sendDocument");
}

TEST(PieceRequestTest, WhatTelegramHasIsNotUploaded) {
  const Piece known = {.files = {FileOf(v1::CONTENT_KIND_PHOTO, "AgAC")}, .text = "Look"};
  const PieceRequest first = RequestFor(kChat, known, {}, Again::kNo);
  EXPECT_EQ(first.parameters["photo"], "AgAC");
  EXPECT_EQ(first.parameters["caption"], "Look");
  EXPECT_THAT(first.uploads, IsEmpty());
  // It has refused its own name of it.
  EXPECT_TRUE(MayGoAgain(known, {}));
  const PieceRequest again = RequestFor(kChat, known, {}, Again::kYes);
  EXPECT_EQ(again.parameters["photo"], "attach://file0");
  ASSERT_THAT(again.uploads, SizeIs(1));
  EXPECT_EQ(again.uploads[0].field, "file0");
  EXPECT_EQ(again.uploads[0].path, "/x");
  // There is nothing else to try.
  EXPECT_FALSE(MayGoAgain({.files = {FileOf(v1::CONTENT_KIND_PHOTO, "AgAC", "")}}, {}));
  EXPECT_FALSE(MayGoAgain({.files = {FileOf(v1::CONTENT_KIND_PHOTO)}}, {}));
}

TEST(PieceRequestTest, AQuoteThatIsRefusedIsLeftOut) {
  const Piece piece = {.text = "Hi", .replies = true};
  EXPECT_TRUE(MayGoAgain(piece, Answer()));
  EXPECT_FALSE(MayGoAgain({.text = "Hi"}, Answer()));
  const Json reply = RequestFor(kChat, piece, Answer(), Again::kYes).parameters["reply_parameters"];
  EXPECT_FALSE(reply.contains("quote"));
  EXPECT_EQ(reply["message_id"], 5);
}

TEST(PieceRequestTest, AnAlbumIsOneRequest) {
  const PieceRequest request =
      RequestFor(kChat,
                 {.files = {FileOf(v1::CONTENT_KIND_PHOTO), FileOf(v1::CONTENT_KIND_PHOTO, "AgAC"),
                            FileOf(v1::CONTENT_KIND_PHOTO)},
                  .text = "Three"},
                 {}, Again::kNo);
  EXPECT_EQ(request.method, "sendMediaGroup");
  EXPECT_EQ(request.parameters["media"],
            Json::array({{{"type", "photo"}, {"media", "attach://file0"}, {"caption", "Three"}},
                         {{"type", "photo"}, {"media", "AgAC"}},
                         {{"type", "photo"}, {"media", "attach://file1"}}}));
  EXPECT_THAT(request.uploads, SizeIs(2));
}

TEST(PieceRequestTest, AFilmInAnAlbumIsAFilm) {
  Attachment film = FileOf(v1::CONTENT_KIND_PHOTO, "BAAC", "");
  film.mime_type = "video/mp4";
  Attachment photo = FileOf(v1::CONTENT_KIND_PHOTO, "AgAC", "");
  photo.mime_type = "image/jpeg";
  const PieceRequest request = RequestFor(kChat, {.files = {film, photo}}, {}, Again::kNo);
  EXPECT_EQ(request.parameters["media"], Json::array({{{"type", "video"}, {"media", "BAAC"}},
                                                      {{"type", "photo"}, {"media", "AgAC"}}}));
  const Attachment document = FileOf(v1::CONTENT_KIND_DOCUMENT, "BQAC", "");
  const Json album =
      RequestFor(kChat, {.files = {document, document}}, {}, Again::kNo).parameters["media"];
  EXPECT_EQ(album[1]["type"], "document");
}

TEST(PieceRequestTest, ReadsTelegramsNames) {
  EXPECT_EQ(FileIdIn({{"photo", {{{"file_id", "small"}}, {{"file_id", "large"}}}}}), "large");
  EXPECT_EQ(FileIdIn({{"voice", {{"file_id", "v"}}}}), "v");
  EXPECT_EQ(FileIdIn({{"animation", {{"file_id", "a"}}}, {"document", {{"file_id", "d"}}}}), "a");
  EXPECT_EQ(FileIdIn({{"text", "Hi"}}), "");
  EXPECT_EQ(FileIdIn({{"photo", Json::array()}}), "");
}

}  // namespace
}  // namespace selfology::telegram_gateway
