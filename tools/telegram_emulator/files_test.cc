#include "tools/telegram_emulator/files.h"

#include <gtest/gtest.h>

#include <string>

#include "tools/telegram_emulator/test_files.h"

namespace selfology::telegram_emulator {
namespace {

class FilesTest : public testing::Test {
 protected:
  std::string ErrorOf(std::string_view file_id, std::string_view kind = "photo") const {
    return std::string(files_.Find(file_id, kind).status().message());
  }

  ChangeLog changes_;
  Files files_{&changes_};
};

TEST_F(FilesTest, BytesComeBackByIdAndByPath) {
  const std::string png = Png(30, 20, 5'000);
  const Media media = *files_.Add("photo", {.bytes = png, .name = "a.png"});
  EXPECT_EQ(media.width, 30);
  EXPECT_EQ(media.height, 20);
  EXPECT_EQ(*files_.BytesOf(media.file_id), png);
  const Json info = files_.FileJson(media);
  EXPECT_EQ(*files_.AtPath(StringOr(info, "file_path")), png);
  EXPECT_EQ(files_.AtPath("photos/file_1000.jpg"), nullptr);
  EXPECT_EQ(files_.AtPath("documents/file_2"), nullptr);
  EXPECT_EQ(files_.AtPath(""), nullptr);
}

TEST_F(FilesTest, EachUploadIsAFileOfItsOwn) {
  const Media first = *files_.Add("document", {.bytes = "same", .name = "a.txt"});
  const Media second = *files_.Add("document", {.bytes = "same", .name = "a.txt"});
  EXPECT_NE(first.file_id, second.file_id);
  EXPECT_NE(first.unique_id, second.unique_id);
  EXPECT_EQ(first.mime_type, "text/plain");
}

TEST_F(FilesTest, BytesDecideWhatItIs) {
  const auto kind_of = [&](std::string_view kind, const std::string& bytes) {
    const auto media = files_.Add(kind, {.bytes = bytes});
    return media.ok() ? media->kind : std::string(media.status().message());
  };
  EXPECT_EQ(kind_of("voice", Ogg()), "voice");
  EXPECT_EQ(kind_of("voice", "no sound"), "document");
  EXPECT_EQ(kind_of("sticker", Webp()), "sticker");
  EXPECT_EQ(kind_of("sticker", "no sticker"), "document");
  EXPECT_EQ(kind_of("document", Png(1, 1)), "document");
  EXPECT_EQ(kind_of("photo", "no photo"), "IMAGE_PROCESS_FAILED");
  EXPECT_EQ(kind_of("photo", Png(0, 1)), "PHOTO_INVALID_DIMENSIONS");
  EXPECT_EQ(kind_of("photo", Png(20, 1)), "photo");
  EXPECT_EQ(kind_of("photo", Png(21, 1)), "PHOTO_INVALID_DIMENSIONS");
  EXPECT_EQ(kind_of("photo", Png(9'000, 1'001)), "PHOTO_INVALID_DIMENSIONS");
  EXPECT_EQ(kind_of("photo", ""), "file must be non-empty");
}

TEST_F(FilesTest, SizesAreReadFromAnyFormat) {
  const auto size_of = [&](const std::string& bytes) {
    const auto media = files_.Add("photo", {.bytes = bytes});
    return media.ok() ? std::pair(media->width, media->height) : std::pair<int64_t, int64_t>(0, 0);
  };
  using Size = std::pair<int64_t, int64_t>;
  EXPECT_EQ(size_of(Webp()), Size(512, 512));
  EXPECT_EQ(size_of(std::string("GIF89a\x40\x01\xf0\0", 10)), Size(320, 240));
  // A JPEG has a comment of five bytes before its frame.
  EXPECT_EQ(size_of(std::string("\xff\xd8\xff\xfe\0\x05"
                                "abc\xff\xc0\0\x11\x08\0\xf0\x01\x40\x03",
                                19)),
            Size(320, 240));
  // A header that is cut off, or that never ends.
  EXPECT_EQ(size_of("\xff\xd8\xff\xfe"), Size(0, 0));
  EXPECT_EQ(size_of(std::string("\xff\xd8\xff\xfe\0\0\xff\xfe\0\0\xff\xfe\0\0", 14)), Size(0, 0));
}

TEST_F(FilesTest, WhatIsNoFileIdIsRefusedInTelegramsWords) {
  EXPECT_EQ(ErrorOf("abcde"), "wrong remote file identifier specified: Wrong string length");
  EXPECT_EQ(ErrorOf("a b c!"),
            "wrong remote file identifier specified: Wrong character in the string");
  EXPECT_EQ(ErrorOf("abcd"),
            "wrong remote file identifier specified: can't unserialize it. Wrong last symbol");
  EXPECT_EQ(ErrorOf("http://example.org/a.png"), "failed to get HTTP URL content");
  const Media document = *files_.Add("document", {.bytes = "x"});
  EXPECT_EQ(ErrorOf(document.file_id), "can't use file of type Document as Photo");
  EXPECT_EQ(ErrorOf(document.file_id, "document"), "");
}

TEST_F(FilesTest, AFolderKeepsThemOverARestart) {
  const std::string folder = testing::TempDir() + "/files_test.files";
  files_.Keep(folder);
  const std::string png = Png(3, 2);
  const Media media = *files_.Add("photo", {.bytes = png});
  ChangeLog unused;
  Files restored(&unused);
  restored.Keep(folder);
  for (const Change& change : changes_.After(0)) restored.Restore(change.kind, change.value);
  EXPECT_EQ(*restored.Get(media.file_id), media);
  EXPECT_EQ(*restored.BytesOf(media.file_id), png);
  EXPECT_EQ(restored.FileJson(media), files_.FileJson(media));
  EXPECT_EQ(restored.Add("document", {.bytes = "x"})->unique_id,
            files_.Add("document", {.bytes = "x"})->unique_id);
}

}  // namespace
}  // namespace selfology::telegram_emulator
