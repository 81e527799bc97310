#include "services/feed/channel_reader/post.h"

#include "common/text/text.h"
#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::channel_reader {
namespace {

const absl::Time kNow = absl::FromUnixSeconds(1'700'000'000);

v1::Post Post(std::string text) {
  v1::Post post;
  post.set_post_number(1);
  post.set_text(std::move(text));
  return post;
}

TEST(PostTest, LongTextIsCutAndItsLengthKept) {
  std::string text;
  for (int i = 0; i < 5000; ++i) text += "ж";
  v1::Post post = Post(text);
  Settle(post, kNow);
  EXPECT_EQ(post.text_length(), 5000);
  EXPECT_TRUE(post.text_is_cut());
  EXPECT_EQ(text::Characters(post.text()), kMaxText);
}

TEST(PostTest, WhatNoDatabaseKeepsIsReplaced) {
  v1::Post post = Post(std::string("a\0b\xFFz", 5));
  post.add_links("https://example.org/\xC3");
  Settle(post, kNow);
  EXPECT_EQ(post.text(),
            "a\xEF\xBF\xBD"
            "b\xEF\xBF\xBDz");
  EXPECT_EQ(post.links(0), "https://example.org/\xEF\xBF\xBD");
  std::string bytes;
  EXPECT_TRUE(post.SerializeToString(&bytes));
}

TEST(PostTest, APostOfTheFutureIsOfNow) {
  v1::Post post = Post("a");
  *post.mutable_posted_at() = timestamps::ToProto(kNow + absl::Hours(5));
  Settle(post, kNow);
  EXPECT_EQ(timestamps::FromProto(post.posted_at()), kNow);
}

TEST(PostTest, HoweverLargeAPostFitsIntoAnEvent) {
  v1::Post post = Post(std::string(100'000, 'x'));
  post.set_text_html(std::string(100'000, 'y'));
  for (int i = 0; i < 100; ++i) {
    post.add_links(std::string(2000, 'l') + std::to_string(i));
    v1::PostMedia& media = *post.add_media();
    media.set_url(std::string(2000, 'u'));
    media.set_preview_url(std::string(2000, 'p'));
    media.set_alternative_text(std::string(2000, 'a'));
  }
  Settle(post, kNow);
  EXPECT_LE(post.ByteSizeLong(), kMaxPost);
  EXPECT_LE(post.media_size(), 10);
}

TEST(PostTest, OnlyWhatReadersSeeIsAnEdit) {
  v1::Post post = Post("words");
  post.add_media()->set_url("https://cdn.example/1.jpg?token=1");
  const std::string before = Fingerprint(post);
  post.set_views(1000);
  post.mutable_media(0)->set_url("https://cdn.example/1.jpg?token=2");
  post.add_reactions()->set_count(5);
  EXPECT_EQ(Fingerprint(post), before);
  post.set_text("other words");
  EXPECT_NE(Fingerprint(post), before);
  post.set_text("words");
  post.mutable_media(0)->set_kind(v1::MEDIA_KIND_VIDEO);
  EXPECT_NE(Fingerprint(post), before);
}

TEST(PostTest, WithoutTheRightToShowOnlyNumbersAreLeft) {
  v1::Post post = Post("words");
  post.set_text_length(5);
  post.set_author("Ann");
  v1::PostMedia& media = *post.add_media();
  media.set_kind(v1::MEDIA_KIND_PHOTO);
  media.set_url("https://cdn.example/1.jpg");
  post.set_media_kind(v1::MEDIA_KIND_PHOTO);
  v1::Post shown = post;
  Withhold(DefaultScope(v1::SOURCE_KIND_TELEGRAM_PREVIEW), shown);
  EXPECT_EQ(shown.text(), "words");
  Withhold(v1::UseScope(), post);
  EXPECT_EQ(post.text(), "");
  EXPECT_EQ(post.author(), "");
  EXPECT_EQ(post.media(0).url(), "");
  EXPECT_EQ(post.text_length(), 5);
  EXPECT_EQ(post.media_kind(), v1::MEDIA_KIND_PHOTO);
}

TEST(PostTest, NobodyLearnsFromTelegramsTextWithoutConsent) {
  for (int kind = 1; v1::SourceKind_IsValid(kind); ++kind) {
    const auto source = static_cast<v1::SourceKind>(kind);
    const bool is_telegram = source == v1::SOURCE_KIND_TELEGRAM_PREVIEW ||
                             source == v1::SOURCE_KIND_TELEGRAM_BOT ||
                             source == v1::SOURCE_KIND_TELEGRAM_SESSION;
    EXPECT_EQ(DefaultScope(source).learn_from_text(), !is_telegram);
    EXPECT_TRUE(DefaultScope(source).show());
  }
  ScopeRules rules = {.of_kind = DefaultScope(v1::SOURCE_KIND_TELEGRAM_BOT)};
  EXPECT_FALSE(EffectiveScope(rules).learn_from_text());
  rules.has_owner = true;
  rules.of_owner.set_learn_from_text(true);
  EXPECT_TRUE(EffectiveScope(rules).learn_from_text());
  EXPECT_FALSE(EffectiveScope(rules).show());
}

}  // namespace
}  // namespace selfology::channel_reader
