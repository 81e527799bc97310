#include "tools/ctl/seal_keys.h"

#include <sys/stat.h>

#include <fstream>
#include <string>

#include "absl/strings/str_cat.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::ctl {
namespace {

using ::testing::ElementsAre;

TEST(SealKeysTest, ANewKeyOpensFirstAndSealsThenAndIsAlone) {
  const std::string path = absl::StrCat(::testing::TempDir(), "/keys");
  ASSERT_TRUE(AddSealKey(path).ok());
  struct stat info = {};
  ASSERT_EQ(stat(path.c_str(), &info), 0);
  EXPECT_EQ(info.st_mode & 0777, 0600);
  const std::string first = ReadSealKeys(path, "")->front();
  EXPECT_TRUE(absl::IsFailedPrecondition(UseNewestSealKey(path)));
  EXPECT_TRUE(absl::IsFailedPrecondition(DropOldSealKeys(path)));

  ASSERT_TRUE(AddSealKey(path).ok());
  const std::string second = ReadSealKeys(path, "")->back();
  EXPECT_THAT(*ReadSealKeys(path, ""), ElementsAre(first, second));
  ASSERT_TRUE(UseNewestSealKey(path).ok());
  EXPECT_THAT(*ReadSealKeys(path, ""), ElementsAre(second, first));
  ASSERT_TRUE(DropOldSealKeys(path).ok());
  EXPECT_THAT(*ReadSealKeys(path, ""), ElementsAre(second));
}

TEST(SealKeysTest, AnotherFileIsNotOverwritten) { EXPECT_FALSE(AddSealKey("/etc/hostname").ok()); }

}  // namespace
}  // namespace selfology::ctl
