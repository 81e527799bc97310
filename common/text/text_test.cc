#include "common/text/text.h"

#include "gtest/gtest.h"

namespace selfology::text {
namespace {

TEST(TextTest, CountsCodePoints) {
  EXPECT_EQ(Characters(""), 0);
  EXPECT_EQ(Characters("Painting."), 9);
  EXPECT_EQ(Characters("Живопись"), 8);
  EXPECT_EQ(Characters("画画"), 2);
  EXPECT_EQ(Characters("🎨"), 1);
  EXPECT_EQ(Characters("e\u0301"), 2) << "a letter and its accent are two code points";
}

TEST(TextTest, TrimsWhiteSpaceOfAnyScript) {
  EXPECT_EQ(Trim("  a b \r\n"), "a b");
  EXPECT_EQ(Trim("\u00A0\u3000 Да \u2028\t"), "Да");
  EXPECT_EQ(Trim(" \u00A0\u200A"), "");
  EXPECT_EQ(Trim(""), "");
  EXPECT_EQ(Trim("р"), "р") << "its last byte is no white space";
}

TEST(TextTest, OnlyTheZeroCharacterCannotBeStored) {
  EXPECT_TRUE(IsStorable("a\n\u0001🎨"));
  EXPECT_FALSE(IsStorable(std::string_view("a\0b", 3)));
}

}  // namespace
}  // namespace selfology::text
