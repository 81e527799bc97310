#include "common/crypto/seal_key.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gtest/gtest.h"

namespace selfology::crypto {
namespace {

TEST(SealKeyTest, IsReadFromAFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/seal_key");
  const auto with = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
    return ReadSealKey(path, "flag");
  };
  EXPECT_EQ(*with(std::string(32, '\xff')), std::string(32, '\xff'));
  EXPECT_EQ(*with(std::string(64, '0') + "\n"), std::string(32, '\0'));
  EXPECT_FALSE(with("").ok());
  EXPECT_FALSE(with(std::string(64, 'x')).ok());
  EXPECT_FALSE(ReadSealKey(path + ".none", "flag").ok());
  EXPECT_EQ(*ReadSealKey("", "flag"), "");
}

}  // namespace
}  // namespace selfology::crypto
