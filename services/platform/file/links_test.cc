#include "services/platform/file/links.h"

#include <string>
#include <vector>

#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::file {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);
const Link kLink = {.file_id = "0190", .variant = "thumbnail", .expires_at = kNow + absl::Hours(1)};

std::string SignatureIn(std::string_view url) {
  return std::vector<std::string>(absl::StrSplit(url, "signature=")).back();
}

TEST(LinksTest, WhatWasSignedCanBeRead) {
  const std::string url = LinkTo("https://f.example", "secret", kLink);
  EXPECT_THAT(url, ::testing::StartsWith(
                       "https://f.example/files/0190?expires=1700003600&variant=thumbnail&"));
  const auto link = ReadLink("secret", "0190", "thumbnail", "1700003600", SignatureIn(url), kNow);
  ASSERT_TRUE(link.ok()) << link.status();
  EXPECT_EQ(*link, kLink);
}

TEST(LinksTest, AnyChangeIsRefused) {
  const std::string signature = SignatureIn(LinkTo("", "secret", kLink));
  const auto refused = [&](std::string_view secret, std::string_view id, std::string_view variant,
                           std::string_view expires, std::string_view sign, absl::Time now) {
    return ReadLink(secret, id, variant, expires, sign, now).status().code() ==
           absl::StatusCode::kPermissionDenied;
  };
  EXPECT_TRUE(refused("other", "0190", "thumbnail", "1700003600", signature, kNow));
  EXPECT_TRUE(refused("secret", "0191", "thumbnail", "1700003600", signature, kNow));
  EXPECT_TRUE(refused("secret", "0190", "", "1700003600", signature, kNow));
  EXPECT_TRUE(refused("secret", "0190", "thumbnail", "1700003601", signature, kNow));
  EXPECT_TRUE(refused("secret", "0190", "thumbnail", "soon", signature, kNow));
  EXPECT_TRUE(refused("secret", "0190", "thumbnail", "1700003600", "", kNow));
  EXPECT_TRUE(
      refused("secret", "0190", "thumbnail", "1700003600", signature, kNow + absl::Hours(1)));
}

}  // namespace
}  // namespace selfology::file
