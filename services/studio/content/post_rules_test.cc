#include "services/studio/content/post_rules.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::content {
namespace {

using ::testing::SizeIs;

std::vector<status::FieldViolation> WrongWith(const v1::Post& post) {
  status::FieldViolations bad;
  CheckBody({post.title(), post.text(), post.versions(), post.account_ids(), post.tags()}, bad);
  return status::Violations(bad.ToStatus());
}

TEST(PostRulesTest, ADraftMayBeEmptyButNotTooLong) {
  v1::Post post;
  EXPECT_THAT(WrongWith(post), SizeIs(0));
  post.set_title(std::string(201, 'a'));
  post.set_text(std::string(15'001, 'a'));
  v1::Version* version = post.add_versions();
  version->set_platform(social::v1::PLATFORM_X);
  version->set_text("short");
  *post.add_versions() = *version;
  post.add_versions()->set_text("nowhere");
  post.add_account_ids(1);
  post.add_account_ids(1);
  post.add_tags(" ");
  EXPECT_THAT(WrongWith(post), SizeIs(6));
}

TEST(PostRulesTest, APlatformHasItsVersionOrTheText) {
  v1::Post post;
  post.set_text("long");
  v1::Version* version = post.add_versions();
  version->set_platform(social::v1::PLATFORM_X);
  version->set_text("short");
  EXPECT_EQ(TextAt(post, social::v1::PLATFORM_X), "short");
  EXPECT_EQ(TextAt(post, social::v1::PLATFORM_BLUESKY), "long");
}

TEST(PostRulesTest, HashtagsAreWordsOfAnyScript) {
  const auto accepted = [](const std::string& tag) {
    v1::HashtagSet set;
    set.add_hashtags(tag);
    status::FieldViolations bad;
    CheckHashtags(set.hashtags(), bad);
    return bad.empty();
  };
  for (const char* good : {"Selfology", "море", "日本", "a_1", "नमस्ते"}) {
    EXPECT_TRUE(accepted(good)) << good;
  }
  for (const char* wrong : {"", "#a", "two words", "a-b", "😀"}) {
    EXPECT_FALSE(accepted(wrong)) << wrong;
  }
}

TEST(PostRulesTest, WhatMayBeScheduled) {
  v1::Post post;
  post.set_state(v1::POST_STATE_DRAFT);
  EXPECT_FALSE(MaySchedule(post).ok());
  post.add_account_ids(1);
  EXPECT_TRUE(MaySchedule(post).ok());
  post.set_needs_approval(true);
  EXPECT_FALSE(MaySchedule(post).ok());
  post.set_state(v1::POST_STATE_APPROVED);
  EXPECT_TRUE(MaySchedule(post).ok());
  for (const v1::PostState state : {v1::POST_STATE_PUBLISHING, v1::POST_STATE_PUBLISHED}) {
    post.set_state(state);
    EXPECT_FALSE(MaySchedule(post).ok());
    EXPECT_FALSE(MayChange(state).ok());
  }
}

TEST(PostRulesTest, StatesAndWordsAreTheSame) {
  for (int state = 1; state <= v1::PostState_MAX; ++state) {
    const auto known = static_cast<v1::PostState>(state);
    EXPECT_NE(WordOf(known), "");
    EXPECT_EQ(StateOf(WordOf(known)), known);
  }
  EXPECT_EQ(StateOf("no such"), v1::POST_STATE_UNSPECIFIED);
}

}  // namespace
}  // namespace selfology::content
