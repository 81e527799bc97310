#include "services/studio/social/conjuncts.h"

#include "gtest/gtest.h"
#include "services/studio/social/limits.h"

namespace selfology::social {
namespace {

TEST(ConjunctsTest, AViramaJoinsConsonants) {
  EXPECT_EQ(Graphemes("क्ष"), 1);
  EXPECT_EQ(Graphemes("हिन्दी"), 2);
  EXPECT_EQ(Graphemes("ક્ષ"), 1);
  EXPECT_EQ(Graphemes("క్ష"), 1);
  EXPECT_EQ(Graphemes("क्\u200Dष"), 1);
}

TEST(ConjunctsTest, WhatStandsBetweenThemParts) {
  EXPECT_EQ(Graphemes("क्\u200Cष"), 2);
  EXPECT_EQ(Graphemes("कष"), 2);
  EXPECT_EQ(Graphemes("क् ष"), 3);
  EXPECT_EQ(Graphemes("தமிழ்"), 3);  // Tamil's is shown, and joins nothing.
}

}  // namespace
}  // namespace selfology::social
