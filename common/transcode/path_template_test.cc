#include "common/transcode/path_template.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::transcode {
namespace {

using ::testing::HasSubstr;
using ::testing::SizeIs;

TEST(PathTemplateTest, ReadsLiteralsVariablesAndVerb) {
  const auto path = ParsePathTemplate("/api/v1/profiles/{profile.user_id}:watch");
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(path->Shape(), "/api/v1/profiles/*:watch");
  ASSERT_THAT(path->variables, SizeIs(1));
  EXPECT_EQ(path->variables[0].field, "profile.user_id");
  EXPECT_EQ(path->variables[0].begin, 3u);
  EXPECT_TRUE(path->IsOneSegment(path->variables[0]));
  EXPECT_EQ(path->verb, "watch");
}

TEST(PathTemplateTest, ReadsPatternsOfVariables) {
  const auto path = ParsePathTemplate("/api/{name=shelves/*/books/**}:open");
  ASSERT_TRUE(path.ok()) << path.status();
  EXPECT_EQ(path->Shape(), "/api/shelves/*/books/**:open");
  EXPECT_EQ(path->variables[0].begin, 1u);
  EXPECT_EQ(path->variables[0].end, 5u);
  EXPECT_FALSE(path->IsOneSegment(path->variables[0]));
}

TEST(PathTemplateTest, PassesOverASlashAtTheEnd) {
  EXPECT_EQ(ParsePathTemplate("/api/v1/users/")->Shape(), "/api/v1/users");
  EXPECT_EQ(ParsePathTemplate("/api/*")->Shape(), "/api/*");
}

TEST(PathTemplateTest, RefusesWhatIsMalformed) {
  for (const char* text :
       {"", "api", "/a//b", "/a/{", "/a/{}", "/a/{b", "/a/{b}c", "/a/{b..c}", "/a/{b=}", "/a b",
        "/a/**/b", "/a/{b}/{b}", "/a:", "/a:b c", "/a/{b=x/{c}}", "/a/}", "/a?b"}) {
    EXPECT_FALSE(ParsePathTemplate(text).ok()) << text;
  }
  EXPECT_THAT(std::string(ParsePathTemplate("/a/**/b").status().message()), HasSubstr("/a/**/b"));
}

}  // namespace
}  // namespace selfology::transcode
