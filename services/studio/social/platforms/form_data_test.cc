#include "services/studio/social/platforms/form_data.h"

#include "absl/strings/match.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

using ::testing::HasSubstr;

TEST(FormDataTest, HasItsFieldsAndFilesBetweenBoundaries) {
  const Picture picture = {.bytes = std::string("\xFF\xD8\0x", 4), .media_type = "image/jpeg"};
  const FormData form =
      MakeForm({{"chat_id", "@a"}}, {{"photo", FileNameOf(picture, 0), &picture}});
  EXPECT_EQ(form.content_type, "multipart/form-data; boundary=selfology-form-0");
  EXPECT_EQ(form.body,
            std::string("--selfology-form-0\r\nContent-Disposition: form-data; name=\"chat_id\"\r\n"
                        "\r\n@a\r\n--selfology-form-0\r\nContent-Disposition: form-data;"
                        " name=\"photo\"; filename=\"picture-1.jpg\"\r\nContent-Type: image/jpeg"
                        "\r\n\r\n") +
                picture.bytes + "\r\n--selfology-form-0--\r\n");
}

TEST(FormDataTest, ABoundaryIsNowhereWithin) {
  const Picture picture = {.bytes = "--selfology-form-1\r\n", .media_type = "image/png"};
  const FormData form =
      MakeForm({{"text", "selfology-form-0"}}, {{"photo", FileNameOf(picture, 8), &picture}});
  EXPECT_THAT(form.content_type, HasSubstr("selfology-form-2"));
  EXPECT_THAT(form.body, HasSubstr("picture-9.png"));
}

}  // namespace
}  // namespace selfology::social
