#include "services/edge/telegram_gateway/bot_api/multipart.h"

#include <fstream>
#include <string>

#include "absl/random/random.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/strip.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "testing/servers/binaries.h"

namespace selfology::telegram_gateway {
namespace {

absl::StatusOr<std::string> ReadAll(MultipartBody& body, size_t step) {
  std::string all;
  std::string part(step, '\0');
  while (true) {
    const absl::StatusOr<size_t> read = body.Read(part.data(), step);
    if (!read.ok()) return read.status();
    if (*read == 0) return all;
    all.append(part, 0, *read);
  }
}

class MultipartBodyTest : public ::testing::Test {
 protected:
  std::string File(std::string_view bytes) {
    const std::string path = scratch_.path() + "/file";
    std::ofstream(path, std::ios::binary) << bytes;
    return path;
  }

  const servers::ScratchFolder scratch_ = *servers::ScratchFolder::Make();
  absl::BitGen random_;
};

TEST_F(MultipartBodyTest, HasFieldsAndFiles) {
  const std::string bytes("\r\n--\0x", 6);
  for (const size_t step : {1, 7, 1000}) {
    MultipartBody body(random_);
    body.AddField("chat_id", "42");
    body.AddFile({.field = "file0",
                  .file_name = "a \"b\".png",
                  .mime_type = "image/png",
                  .path = File(bytes),
                  .size = 6});
    const std::string boundary(
        absl::StripPrefix(body.content_type(), "multipart/form-data; boundary="));
    const size_t size = body.size();
    const absl::StatusOr<std::string> all = ReadAll(body, step);
    ASSERT_TRUE(all.ok()) << all.status();
    EXPECT_EQ(all->size(), size);
    EXPECT_EQ(*all, absl::StrCat("--", boundary,
                                 "\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n\r\n42"
                                 "\r\n--",
                                 boundary,
                                 "\r\nContent-Disposition: form-data; name=\"file0\";"
                                 " filename=\"a \\\"b\\\".png\"\r\nContent-Type: image/png\r\n\r\n",
                                 bytes, "\r\n--", boundary, "--\r\n"));
  }
}

TEST_F(MultipartBodyTest, NamesCannotBreakOutOfTheirLine) {
  MultipartBody body(random_);
  body.AddFile({.field = "f",
                .file_name = "a\r\nX: y",
                .mime_type = "text/plain\r\nX: y",
                .path = File("x"),
                .size = 1});
  EXPECT_FALSE(absl::StrContains(*ReadAll(body, 100), "\nX: y"));
}

TEST_F(MultipartBodyTest, SaysWhenAFileIsNotWhatItWas) {
  MultipartBody shorter(random_);
  shorter.AddFile({.field = "f", .file_name = "f", .path = File("x"), .size = 2});
  EXPECT_TRUE(absl::IsUnavailable(ReadAll(shorter, 100).status()));
  MultipartBody gone(random_);
  gone.AddFile({.field = "f", .file_name = "f", .path = scratch_.path() + "/none", .size = 2});
  EXPECT_TRUE(absl::IsUnavailable(ReadAll(gone, 100).status()));
}

}  // namespace
}  // namespace selfology::telegram_gateway
