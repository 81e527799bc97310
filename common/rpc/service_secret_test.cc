#include "common/rpc/service_secret.h"

#include <cstdlib>
#include <fstream>
#include <string>
#include <string_view>

#include "absl/strings/match.h"
#include "gtest/gtest.h"

namespace selfology::rpc {
namespace {

constexpr char kSecret[] = "0123456789abcdef0123456789abcdef";

absl::StatusOr<std::string> Read(std::string_view content) {
  const std::string path = std::string(std::getenv("TEST_TMPDIR")) + "/secret";
  std::ofstream(path) << content;
  return ReadServiceSecret(path);
}

TEST(ServiceSecret, IsWhatTheFileHolds) {
  EXPECT_EQ(*Read(kSecret), kSecret);
  EXPECT_EQ(*Read(std::string(kSecret) + "\n"), kSecret);
}

TEST(ServiceSecret, MustBeLongAndFitForMetadata) {
  for (const std::string& bad :
       {std::string(), std::string("short"), std::string(kSecret).substr(1),
        std::string(kSecret) + "\nand more", std::string(kSecret) + "\x7f",
        std::string(kSecret) + "\xc3\xa9"}) {
    const auto secret = Read(bad);
    EXPECT_TRUE(absl::IsInvalidArgument(secret.status())) << bad;
    EXPECT_FALSE(absl::StrContains(secret.status().message(), "abcdef"));
  }
}

TEST(ServiceSecret, NeedsAFile) {
  EXPECT_TRUE(absl::IsInvalidArgument(ReadServiceSecret("/no/such/file").status()));
}

}  // namespace
}  // namespace selfology::rpc
