#include "services/platform/security/patterns.h"

#include <string>

#include "gtest/gtest.h"

namespace selfology::security {
namespace {

TEST(PatternsTest, KnowsAPatternWhenItSeesOne) {
  for (const char* good : {"*", "a.*", "a.b.*", "a.b.c", "coaching.api_keys.read", "a.b2.c"}) {
    EXPECT_TRUE(IsPattern(good)) << good;
  }
  for (const char* bad : {"", "a", "a.b", "a.", ".*", "a*", "a.*.c", "*.b", "a.b.c.d", "A.b.c",
                          "a b.c.d", "a..c", "a.b.c ", "**"}) {
    EXPECT_FALSE(IsPattern(bad)) << bad;
  }
  EXPECT_FALSE(IsPattern(std::string(200, 'a') + ".b.c"));
}

TEST(PatternsTest, NobodyGivesAwayEverythingOrTheMesh) {
  EXPECT_TRUE(IsGrantable("studio.*"));
  EXPECT_TRUE(IsGrantable("studio.posts.write"));
  EXPECT_FALSE(IsGrantable("*"));
  EXPECT_FALSE(IsGrantable("mesh.*"));
  EXPECT_FALSE(IsGrantable("mesh.tokens.issue"));
  EXPECT_TRUE(IsGrantable("meshwork.tokens.issue"));
  EXPECT_FALSE(IsGrantable("studio"));
  status::FieldViolations bad;
  CheckGrantable("scopes[0]", "*", bad);
  EXPECT_EQ(status::Violations(bad.ToStatus())[0].field, "scopes[0]");
}

TEST(PatternsTest, AScopeIsWithinAnotherPatternByPattern) {
  EXPECT_TRUE(ScopeWithin("", ""));
  EXPECT_TRUE(ScopeWithin("", "a.*"));
  EXPECT_TRUE(ScopeWithin("a.b.c a.d.*", "x.* a.*"));
  EXPECT_TRUE(ScopeWithin("openid", "openid a.*"));
  EXPECT_FALSE(ScopeWithin("a.*", "a.b.*"));
  EXPECT_FALSE(ScopeWithin("a.b.c x.y.z", "a.*"));
  EXPECT_FALSE(ScopeWithin("openid", "a.*"));
}

}  // namespace
}  // namespace selfology::security
