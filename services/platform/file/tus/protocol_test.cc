#include "services/platform/file/tus/protocol.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::file::tus {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::Pair;

TEST(TusProtocolTest, MetadataOfTheSpecification) {
  const auto metadata =
      ReadMetadata("filename d29ybGRfZG9taW5hdGlvbl9wbGFuLnBkZg==,is_confidential");
  ASSERT_TRUE(metadata.ok()) << metadata.status();
  EXPECT_THAT(*metadata, ElementsAre(Pair("filename", "world_domination_plan.pdf"),
                                     Pair("is_confidential", "")));
  EXPECT_THAT(*ReadMetadata(" "), IsEmpty());
  for (const char* bad : {",", "a b!", "a YQ==,a YQ==", "\xD0\x96 YQ==", "a YQ== YQ=="}) {
    EXPECT_EQ(ReadMetadata(bad).status().code(), absl::StatusCode::kInvalidArgument) << bad;
  }
}

TEST(TusProtocolTest, ChecksumOfTheSpecification) {
  const auto checksum = ReadChecksum("sha1 Kq5sNclPz7QV2+lfQIuc6R7oRu0=");
  ASSERT_TRUE(checksum.ok()) << checksum.status();
  EXPECT_TRUE(Matches(*checksum, "hello world"));
  EXPECT_FALSE(Matches(*checksum, "hello worlD"));
  const auto md5 = ReadChecksum("md5 XrY7u+Ae7tCTyyK7j1rNww==");
  ASSERT_TRUE(md5.ok());
  EXPECT_TRUE(Matches(*md5, "hello world"));
  EXPECT_EQ(ReadChecksum("crc32 AAAA").status().code(), absl::StatusCode::kUnimplemented);
  EXPECT_EQ(ReadChecksum("sha1 AAAA").status().code(), absl::StatusCode::kInvalidArgument);
  EXPECT_EQ(ReadChecksum("sha1").status().code(), absl::StatusCode::kInvalidArgument);
}

TEST(TusProtocolTest, NumbersAreDigits) {
  EXPECT_EQ(*ReadBytes("Upload-Length", "0"), 0);
  EXPECT_EQ(*ReadBytes("Upload-Length", "9007199254740992"), int64_t{1} << 53);
  for (const char* bad :
       {"", "-1", "+1", " 1", "1.0", "9007199254740993", "99999999999999999999"}) {
    EXPECT_FALSE(ReadBytes("Upload-Length", bad).ok()) << bad;
  }
}

TEST(TusProtocolTest, TimesAreThoseOfHttp) {
  EXPECT_EQ(HttpTime(absl::FromUnixSeconds(1403712000)), "Wed, 25 Jun 2014 16:00:00 GMT");
}

}  // namespace
}  // namespace selfology::file::tus
