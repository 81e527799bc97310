#include "tools/telegram_emulator/multipart.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

// "|" is a line's end.
std::string Lines(std::string_view text) { return absl::StrReplaceAll(text, {{"|", "\r\n"}}); }

absl::StatusOr<std::vector<Part>> Parse(std::string_view text) {
  static std::string body;  // Parts point into it.
  body = Lines(text);
  return ParseMultipart("multipart/form-data; boundary=xyz", body);
}

TEST(MultipartTest, PartsAreFieldsAndFiles) {
  const auto parts = Parse(
      "--xyz|Content-Disposition: form-data; name=\"text\"||a & b|"
      "--xyz|content-disposition: form-data; name=photo; filename=\"a \\\"b\\\".png\"|"
      "Content-Type: image/png||bytes||with lines|--xyz--|");
  ASSERT_TRUE(parts.ok()) << parts.status();
  ASSERT_THAT(*parts, SizeIs(2));
  EXPECT_EQ((*parts)[0].name, "text");
  EXPECT_EQ((*parts)[0].content, "a & b");
  EXPECT_FALSE((*parts)[0].is_file);
  EXPECT_TRUE((*parts)[1].is_file);
  EXPECT_EQ((*parts)[1].name, "photo");
  EXPECT_EQ((*parts)[1].file_name, "a \"b\".png");
  EXPECT_EQ((*parts)[1].content_type, "image/png");
  EXPECT_EQ((*parts)[1].content, "bytes\r\n\r\nwith lines");
}

TEST(MultipartTest, NothingIsAContentToo) {
  EXPECT_THAT(*Parse("--xyz--"), IsEmpty());
  EXPECT_EQ((*Parse("--xyz|Content-Disposition: form-data; name=a|||--xyz--"))[0].content, "");
}

TEST(MultipartTest, MalformedOnesAreRefused) {
  for (const char* body :
       {"", "xyz", "before|--xyz--", "--xyz", "--xyz|",
        "--xyz|Content-Disposition: form-data; name=a",
        "--xyz|Content-Disposition: form-data; name=a||no end",
        "--xyz|Content-Disposition: form-data; name=a||x|--xyz",
        "--xyz|Content-Disposition: form-data; name=a||x|--xyz--after", "--xyz||no header|--xyz--",
        "--xyz|Content-Disposition: form-data||x|--xyz--",
        "--xyz|Content-Disposition: attachment; name=a||x|--xyz--",
        "--xyz|Content-Disposition: form-data; name=\"a||x|--xyz--", "--xyz|no colon||x|--xyz--"}) {
    const auto parts = Parse(body);
    EXPECT_TRUE(absl::IsInvalidArgument(parts.status())) << body;
  }
  for (const char* type : {"multipart/form-data", "multipart/form-data; boundary=",
                           "multipart/form-data; boundary=\"x", "multipart/form-data; x=y"}) {
    EXPECT_FALSE(ParseMultipart(type, "--xyz--").ok()) << type;
  }
  EXPECT_FALSE(
      ParseMultipart(absl::StrCat("multipart/form-data; boundary=", std::string(71, 'x')), "")
          .ok());
}

}  // namespace
}  // namespace selfology::telegram_emulator
