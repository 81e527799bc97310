#include "bazel/embed_test/files.h"
#include "gtest/gtest.h"

namespace selfology::embed_test {
namespace {

TEST(EmbedTest, ContentsAreTheFilesBytes) {
  EXPECT_EQ(kLatin1Txt, "caf\xe9\n");
  EXPECT_EQ(kEmptyTxt, "");
}

TEST(EmbedTest, AZeroByteFollows) { EXPECT_EQ(*kLatin1Txt.end(), '\0'); }

}  // namespace
}  // namespace selfology::embed_test
