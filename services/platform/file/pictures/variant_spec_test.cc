#include "services/platform/file/pictures/variant_spec.h"

#include "common/status/status.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::file {
namespace {

using ::testing::SizeIs;

TEST(VariantSpecTest, TheSameHasTheSameName) {
  v1::ProcessFileRequest request;
  request.set_width(800);
  request.set_height(600);
  const auto plain = ReadSpec(request, "image/jpeg");
  ASSERT_TRUE(plain.ok()) << plain.status();
  EXPECT_EQ(plain->Name(), "800x600.inside.jpeg.q80");
  request.set_fit(v1::FIT_INSIDE);
  request.set_format(v1::PICTURE_FORMAT_JPEG);
  request.set_quality(80);
  EXPECT_EQ(*ReadSpec(request, "image/png"), *plain);
  request.set_fit(v1::FIT_COVER);
  request.set_max_bytes(1'000'000);
  EXPECT_EQ(ReadSpec(request, "image/png")->Name(), "800x600.cover.jpeg.q80.max1000000");
  request.set_format(v1::PICTURE_FORMAT_PNG);
  EXPECT_EQ(ReadSpec(request, "image/png")->Name(), "800x600.cover.png.max1000000");
}

TEST(VariantSpecTest, TheFormatIsThePicturesUnlessAsked) {
  const v1::ProcessFileRequest request;
  EXPECT_EQ(ReadSpec(request, "image/png")->format, v1::PICTURE_FORMAT_PNG);
  EXPECT_EQ(ReadSpec(request, "image/jpeg")->format, v1::PICTURE_FORMAT_JPEG);
  EXPECT_EQ(ReadSpec(request, "image/gif")->format, v1::PICTURE_FORMAT_WEBP);
}

TEST(VariantSpecTest, NamesAllThatIsWrong) {
  v1::ProcessFileRequest request;
  request.set_width(-1);
  request.set_height(8193);
  request.set_fit(static_cast<v1::Fit>(9));
  request.set_format(static_cast<v1::PictureFormat>(9));
  request.set_quality(101);
  request.set_max_bytes(1);
  EXPECT_THAT(status::Violations(ReadSpec(request, "image/png").status()), SizeIs(6));
  v1::ProcessFileRequest cover;
  cover.set_width(10);
  cover.set_fit(v1::FIT_COVER);
  EXPECT_THAT(status::Violations(ReadSpec(cover, "image/png").status()), SizeIs(1));
}

}  // namespace
}  // namespace selfology::file
