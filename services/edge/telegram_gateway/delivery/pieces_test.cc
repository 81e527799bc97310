#include "services/edge/telegram_gateway/delivery/pieces.h"

#include <string>
#include <utility>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

v1::DialogMessage Saying(std::string text, bool with_button = false) {
  v1::DialogMessage message;
  message.set_message_text(std::move(text));
  if (with_button) message.add_button_rows()->add_buttons()->set_text("Yes");
  return message;
}

std::vector<Attachment> Files(size_t count, v1::ContentKind kind, int64_t size = 10) {
  return std::vector<Attachment>(count, Attachment{.kind = kind, .size = size});
}

TEST(PiecesTest, ATextWithoutFiles) {
  EXPECT_THAT(PiecesOf(Saying(" "), {}), IsEmpty());
  const std::vector<Piece> pieces = PiecesOf(Saying(std::string(5000, 'x'), true), {});
  ASSERT_THAT(pieces, SizeIs(2));
  EXPECT_TRUE(pieces[0].replies);
  EXPECT_FALSE(pieces[0].has_buttons);
  EXPECT_FALSE(pieces[1].replies);
  EXPECT_TRUE(pieces[1].has_buttons);
}

TEST(PiecesTest, ATextIsTheCaptionWhereItFits) {
  const auto photo = Files(1, v1::CONTENT_KIND_PHOTO);
  const std::vector<Piece> one = PiecesOf(Saying(std::string(1024, 'x'), true), photo);
  ASSERT_THAT(one, SizeIs(1));
  EXPECT_THAT(one[0].text, SizeIs(1024));
  EXPECT_TRUE(one[0].has_buttons);

  const std::vector<Piece> two = PiecesOf(Saying(std::string(1025, 'x'), true), photo);
  ASSERT_THAT(two, SizeIs(2));
  EXPECT_THAT(two[0].files, SizeIs(1));
  EXPECT_EQ(two[0].text, "");
  EXPECT_FALSE(two[0].has_buttons);
  EXPECT_THAT(two[1].text, SizeIs(1025));
  EXPECT_TRUE(two[1].has_buttons);
}

TEST(PiecesTest, MarkupDoesNotCountInACaption) {
  v1::DialogMessage message = Saying("<b>" + std::string(1024, 'x') + "</b>");
  EXPECT_THAT(PiecesOf(message, Files(1, v1::CONTENT_KIND_PHOTO)), SizeIs(2));
  message.set_text_format(v1::TEXT_FORMAT_HTML);
  EXPECT_THAT(PiecesOf(message, Files(1, v1::CONTENT_KIND_PHOTO)), SizeIs(1));
}

TEST(PiecesTest, ButtonsFollowAnAlbumWithTheText) {
  const auto album = Files(10, v1::CONTENT_KIND_PHOTO);
  const std::vector<Piece> captioned = PiecesOf(Saying("Look"), album);
  ASSERT_THAT(captioned, SizeIs(1));
  EXPECT_EQ(captioned[0].text, "Look");
  EXPECT_FALSE(captioned[0].has_buttons);
  const std::vector<Piece> pieces = PiecesOf(Saying("Look", true), album);
  ASSERT_THAT(pieces, SizeIs(2));
  EXPECT_THAT(pieces[0].files, SizeIs(10));
  EXPECT_EQ(pieces[0].text, "");
  EXPECT_EQ(pieces[1].text, "Look");
  EXPECT_TRUE(pieces[1].has_buttons);
}

TEST(PiecesTest, AStickerHasNoCaption) {
  const std::vector<Piece> pieces =
      PiecesOf(Saying("Well done"), Files(1, v1::CONTENT_KIND_STICKER));
  ASSERT_THAT(pieces, SizeIs(2));
  EXPECT_EQ(pieces[0].text, "");
  EXPECT_EQ(pieces[1].text, "Well done");
  const std::vector<Piece> alone = PiecesOf(Saying("", true), Files(1, v1::CONTENT_KIND_STICKER));
  ASSERT_THAT(alone, SizeIs(1));
  EXPECT_TRUE(alone[0].has_buttons);
}

TEST(PiecesTest, AnAlbumThatIsTooLargeForARequestIsDivided) {
  const std::vector<Piece> pieces =
      PiecesOf(Saying("All"), Files(5, v1::CONTENT_KIND_DOCUMENT, 20'000'000));
  ASSERT_THAT(pieces, SizeIs(3));
  EXPECT_THAT(pieces[0].files, SizeIs(2));
  EXPECT_THAT(pieces[2].files, SizeIs(1));
  EXPECT_EQ(pieces[2].text, "All");
}

TEST(PiecesTest, PhotosAndDocumentsDoNotMix) {
  const Attachment photo{.kind = v1::CONTENT_KIND_PHOTO};
  const Attachment document{.kind = v1::CONTENT_KIND_DOCUMENT};
  const Attachment voice{.kind = v1::CONTENT_KIND_VOICE};
  EXPECT_TRUE(GoesWith(photo, photo));
  EXPECT_TRUE(GoesWith(document, document));
  EXPECT_FALSE(GoesWith(photo, document));
  EXPECT_FALSE(GoesWith(voice, voice));
}

}  // namespace
}  // namespace selfology::telegram_gateway
