#include "services/platform/file/media_types.h"

#include <algorithm>
#include <string>
#include <utility>

#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::file {
namespace {

using std::string_literals::operator""s;

const std::string kPng = "\x89PNG\r\n\x1A\n\0\0\0\rIHDR"s;

TEST(MediaTypesTest, KnowsTheBytes) {
  const std::pair<std::string, std::string> known[] = {
      {"\xFF\xD8\xFF\xE0"s, "image/jpeg"},
      {kPng, "image/png"},
      {"GIF89a..."s, "image/gif"},
      {"RIFF\0\0\0\0WEBPVP8 "s, "image/webp"},
      {"\0\0\0\x20"
       "ftypisom\0\0\0\0"s,
       "video/mp4"},
      {"\0\0\0\x20"
       "ftypavif\0\0\0\0"s,
       "image/avif"},
      {"%PDF-1.7\n"s, "application/pdf"},
      {"PK\3\4..."s, "application/zip"},
      {"\x7F"
       "ELF\2"s,
       "application/x-executable"},
      {"MZ\x90\0\3"s, "application/vnd.microsoft.portable-executable"},
      {"  <!DOCTYPE HTML><p>"s, "text/html"},
      {"<?xml version='1.0'?><!-- x --><svg xmlns='...'>"s, "image/svg+xml"},
      {"\xEF\xBB\xBF<SVG>"s, "image/svg+xml"},
      {"<?xml version='1.0'?><a/>"s, "text/xml"},
      {"Привет, мир\n"s, "text/plain"},
      {"BMW is a car"s, "text/plain"},
      {"MZ, a text"s, "text/plain"},
      {""s, "text/plain"},
      {"\1\2\3\4"s, "application/octet-stream"},
  };
  for (const auto& [bytes, type] : known) EXPECT_EQ(SniffMediaType(bytes), type) << bytes;
}

TEST(MediaTypesTest, ATextIsOneAlsoWhenItsLastCharacterIsCutOff) {
  std::string text;
  while (text.size() < kHeadBytes) text += "ж";
  text.insert(0, "a");
  EXPECT_EQ(SniffMediaType(text.substr(0, kHeadBytes)), "text/plain");
  EXPECT_EQ(SniffMediaType("abc\xD0"), "application/octet-stream");
}

TEST(MediaTypesTest, RefusesSvgAndPicturesThatAreSomethingElseToo) {
  EXPECT_TRUE(CheckContent("image/png", kPng, kPng).ok());
  EXPECT_TRUE(CheckContent("text/html", "<script>", "<script>").ok());  // Never shown in place.
  EXPECT_FALSE(CheckContent("image/svg+xml", "<svg>", "<svg>").ok());
  const std::string zip = kPng + "...PK\5\6"s + std::string(18, '\0');
  const std::string with_comment = kPng + "PK\5\6"s + std::string(16, '\0') + "\5\0hello"s;
  const std::string pdf = kPng + "%PDF-1.4"s;
  const std::string page = kPng + std::string(100'000, 'x') + "<ScRiPt>alert(1)</script>"s;
  for (const std::string& file : {zip, with_comment, pdf, page}) {
    const std::string head = file.substr(0, kHeadBytes);
    const std::string tail = file.substr(file.size() - std::min(file.size(), kTailBytes));
    const absl::Status status = CheckContent("image/png", head, tail);
    EXPECT_EQ(status.code(), absl::StatusCode::kFailedPrecondition);
    EXPECT_THAT(std::string(status.message()), ::testing::HasSubstr("as well"));
  }
}

// Chance bytes are no archive: of so many pictures none is refused for its pixels.
TEST(MediaTypesTest, ChanceBytesAreNoSecondFile) {
  absl::BitGen random;
  for (int i = 0; i < 50; ++i) {
    std::string bytes = kPng;
    for (int n = 0; n < 60'000; ++n) bytes += static_cast<char>(absl::Uniform(random, 0, 256));
    EXPECT_TRUE(CheckContent("image/png", bytes, bytes).ok());
  }
}

}  // namespace
}  // namespace selfology::file
