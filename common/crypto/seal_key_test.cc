#include "common/crypto/seal_key.h"

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::crypto {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

TEST(SealKeyTest, IsReadFromAFile) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/seal_key");
  const auto with = [&](const std::string& content) {
    std::ofstream(path, std::ios::binary) << content;
    return ReadSealKeys(path, "flag");
  };
  EXPECT_THAT(*with(std::string(32, '\xff')), ElementsAre(std::string(32, '\xff')));
  EXPECT_THAT(*with(std::string(64, '0') + "\n"), ElementsAre(std::string(32, '\0')));
  EXPECT_THAT(*with("# the newest\n" + std::string(64, '1') + "\n\n" + std::string(64, '0')),
              ElementsAre(std::string(32, '\x11'), std::string(32, '\0')));
  EXPECT_FALSE(with("").ok());
  EXPECT_FALSE(with(std::string(64, 'x')).ok());
  EXPECT_FALSE(with(std::string(64, '0') + "\nand more").ok());
  EXPECT_FALSE(ReadSealKeys(path + ".none", "flag").ok());
  EXPECT_THAT(*ReadSealKeys("", "flag"), IsEmpty());
}

}  // namespace
}  // namespace selfology::crypto
