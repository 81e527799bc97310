#include "services/studio/social/post_check.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/studio/social/limits.h"

namespace selfology::social {
namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

const std::string kLong(301, 'a');

TEST(PostCheckTest, EachPartIsCheckedAndNamed) {
  const PostCheck check = CheckPost(
      v1::PLATFORM_BLUESKY, {.text = "one", .thread = {"two", kLong}, .first_comment = kLong}, 0);
  EXPECT_EQ(check.length, 3);
  EXPECT_THAT(check.issues, ElementsAre("part 3: the text has 301 characters, Bluesky takes 300",
                                        "the first comment: the text has 301 characters, Bluesky"
                                        " takes 300"));
}

TEST(PostCheckTest, AnEmptyPartIsNone) {
  EXPECT_THAT(CheckPost(v1::PLATFORM_MASTODON, {.text = "one", .thread = {" "}}, 0).issues,
              ElementsAre("part 2: the text is empty"));
}

TEST(PostCheckTest, WhereThereAreNoThreadsItSaysSo) {
  for (const v1::Platform platform :
       {v1::PLATFORM_WORDPRESS, v1::PLATFORM_LINKEDIN, v1::PLATFORM_FACEBOOK}) {
    EXPECT_THAT(CheckPost(platform, {.text = "one", .thread = {"two"}}, 0).issues,
                ElementsAre(HasSubstr("has no threads")));
  }
  EXPECT_THAT(CheckPost(v1::PLATFORM_X,
                        {.text = "one", .thread = std::vector<std::string_view>(25, "two")}, 0)
                  .issues,
              ElementsAre("the thread has 26 parts, X takes 25"));
}

TEST(PostCheckTest, APictureShortensTelegramsText) {
  const std::string text(1025, 'a');
  EXPECT_THAT(CheckPost(v1::PLATFORM_TELEGRAM, {.text = text}, 0).issues, IsEmpty());
  const PostCheck check = CheckPost(v1::PLATFORM_TELEGRAM, {.text = text, .images = 1}, 0);
  EXPECT_EQ(check.max_length, 1024);
  EXPECT_THAT(check.issues, ElementsAre(HasSubstr("Telegram takes 1024")));
}

TEST(PostCheckTest, PicturesAreCountedAndRefusedWhereTheyCannotBeBrought) {
  EXPECT_THAT(CheckPost(v1::PLATFORM_BLUESKY, {.text = "a", .images = 4}, 0).issues, IsEmpty());
  EXPECT_THAT(CheckPost(v1::PLATFORM_BLUESKY, {.text = "a", .images = 5}, 0).issues,
              ElementsAre("the post has 5 pictures, Bluesky takes 4"));
  EXPECT_THAT(CheckPost(v1::PLATFORM_X, {.text = "a", .images = 1}, 0).issues,
              ElementsAre(HasSubstr("pictures cannot be brought to X yet")));
}

TEST(PostCheckTest, SaysWhatAPlatformCharges) {
  EXPECT_EQ(CheckPost(v1::PLATFORM_X, {.text = "a", .thread = {"b"}}, 0).cost_micro_usd, 30'000);
  EXPECT_EQ(CheckPost(v1::PLATFORM_X, {.text = "https://a.example"}, 0).cost_micro_usd, 200'000);
  EXPECT_EQ(CheckPost(v1::PLATFORM_MASTODON, {.text = "https://a.example"}, 0).cost_micro_usd, 0);
  for (const v1::PlatformLimits& limits : AllLimits()) {
    EXPECT_EQ(limits.post_cost_micro_usd() > 0, !limits.cost_source().empty());
  }
}

TEST(PostCheckTest, APlatformThatNobodyKnowsTakesNothing) {
  EXPECT_THAT(CheckPost(v1::PLATFORM_UNSPECIFIED, {.text = "a"}, 0).issues,
              Contains("there is no such platform"));
}

}  // namespace
}  // namespace selfology::social
