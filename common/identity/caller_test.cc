#include "common/identity/caller.h"

#include "gtest/gtest.h"

namespace selfology::identity {
namespace {

TEST(Caller, APatternCoversWhatIsBelowIt) {
  EXPECT_TRUE(Covers("coaching.answers.write", "coaching.answers.write"));
  EXPECT_TRUE(Covers("coaching.answers.*", "coaching.answers.write"));
  EXPECT_TRUE(Covers("coaching.*", "coaching.answers.write"));
  EXPECT_TRUE(Covers("*", "coaching.answers.write"));
}

TEST(Caller, APatternCoversNothingElse) {
  EXPECT_FALSE(Covers("coaching.answers.write", "coaching.answers.read"));
  EXPECT_FALSE(Covers("coaching.answers.write", "coaching.answers.write.more"));
  EXPECT_FALSE(Covers("coaching.answers", "coaching.answers.write"));
  EXPECT_FALSE(Covers("coaching.answers.*", "coaching.answers"));
  EXPECT_FALSE(Covers("coaching.answers.*", "coaching.answers."));
  EXPECT_FALSE(Covers("coach.*", "coaching.answers.write"));
  EXPECT_FALSE(Covers("coaching*", "coaching.answers.write"));
  EXPECT_FALSE(Covers("coaching.*.write", "coaching.answers.write"));
  EXPECT_FALSE(Covers(".*", ".answers"));
  EXPECT_FALSE(Covers("", ""));
  EXPECT_FALSE(Covers("*", ""));
}

TEST(Caller, APatternCoversNarrowerPatterns) {
  EXPECT_TRUE(Covers("coaching.*", "coaching.answers.*"));
  EXPECT_TRUE(Covers("coaching.*", "coaching.*"));
  EXPECT_TRUE(Covers("*", "*"));
  EXPECT_FALSE(Covers("coaching.answers.*", "coaching.*"));
  EXPECT_FALSE(Covers("coaching.*", "*"));
}

TEST(Caller, NobodyMayDoAnything) {
  EXPECT_FALSE(Allows(*Anonymous(), "coaching.answers.read"));
  EXPECT_EQ(Anonymous()->kind, Caller::Kind::kAnonymous);
  EXPECT_TRUE(Allows(*Service("session"), "mesh.data.erase"));
}

TEST(Caller, OneOfSeveralPatternsIsEnough) {
  const Caller caller{.kind = Caller::Kind::kPerson,
                      .user_id = 7,
                      .permissions = {"coaching.answers.read", "platform.files.*"}};
  EXPECT_TRUE(Allows(caller, "coaching.answers.read"));
  EXPECT_TRUE(Allows(caller, "platform.files.write"));
  EXPECT_FALSE(Allows(caller, "coaching.answers.write"));
}

}  // namespace
}  // namespace selfology::identity
