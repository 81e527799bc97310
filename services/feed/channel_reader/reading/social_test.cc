// Bluesky's and Mastodon's answers, as their documents show them.
#include <string>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/channel_reader/reading/bluesky.h"
#include "services/feed/channel_reader/reading/mastodon.h"
#include "services/feed/channel_reader/reading/numbers.h"

namespace selfology::channel_reader {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

TEST(BlueskyTest, ReadsAProfileAndItsPosts) {
  Reading reading;
  ASSERT_TRUE(
      ParseBlueskyProfile(
          R"json({"did":"did:plc:1","handle":"alice.example","displayName":"Alice","description":"Tea",
                      "avatar":"https://cdn.example/a.jpg","followersCount":42})json",
          reading)
          .ok());
  EXPECT_EQ(reading.title, "Alice");
  EXPECT_EQ(reading.subscribers, 42);
  ASSERT_TRUE(ParseBlueskyFeed(
                  R"json({"cursor":"c","feed":[
    {"post":{"uri":"at://did:plc:1/app.bsky.feed.post/3k2","author":{"handle":"alice.example"},
      "record":{"text":"чай at tea.example\nyes","createdAt":"2024-01-15T10:30:00.000Z",
        "facets":[{"index":{"byteStart":10,"byteEnd":21},"features":[
          {"$type":"app.bsky.richtext.facet#link","uri":"https://tea.example/?a=1&b=2"}]}]},
      "embed":{"$type":"app.bsky.embed.images#view","images":[{"fullsize":"https://cdn.example/f.jpg",
        "thumb":"https://cdn.example/t.jpg","alt":"a cup","aspectRatio":{"width":800,"height":600}}]},
      "likeCount":7,"indexedAt":"2024-01-15T10:30:01.000Z"}},
    {"post":{"uri":"at://did:plc:2/app.bsky.feed.post/3k1","author":{"handle":"bob.example","displayName":"Bob"},
      "record":{"text":"older","createdAt":"2020-01-01T00:00:00Z"},"indexedAt":"2020-01-01T00:00:00Z"},
      "reason":{"$type":"app.bsky.feed.defs#reasonRepost","indexedAt":"2024-01-14T00:00:00Z"}},
    {"post":{"uri":"at://did:plc:1/app.bsky.feed.post/3k0","author":{"handle":"alice.example"},
      "record":{"text":"a reply","createdAt":"2024-01-13T00:00:00Z","reply":{"parent":{}}}}}]})json",
                  reading)
                  .ok());
  ASSERT_THAT(reading.posts, SizeIs(2));
  EXPECT_EQ(reading.posts[0].post.forwarded_from().title(), "Bob");
  EXPECT_EQ(reading.posts[0].post.source_key(), "repost:at://did:plc:2/app.bsky.feed.post/3k1");
  const v1::Post& post = reading.posts[1].post;
  EXPECT_EQ(post.link(), "https://bsky.app/profile/alice.example/post/3k2");
  EXPECT_EQ(post.text(), "чай at tea.example\nyes");
  EXPECT_EQ(post.text_html(),
            "чай at <a href=\"https://tea.example/?a=1&amp;b=2\">tea.example</a><br>yes");
  EXPECT_EQ(post.media(0).url(), "https://cdn.example/f.jpg");
  EXPECT_EQ(post.media(0).alternative_text(), "a cup");
  EXPECT_EQ(post.reactions(0).count(), 7);
  EXPECT_THAT(reading.posts[1].missing, ElementsAre());
  EXPECT_EQ(reading.complete_since, ReadTime("2024-01-14T00:00:00Z"));
}

TEST(BlueskyTest, FacetsThatLieAreNoLinks) {
  Reading reading;
  ASSERT_TRUE(
      ParseBlueskyFeed(
          R"json({"feed":[{"post":{"uri":"at://1/2/3","author":{"handle":"a.b"},"record":{"text":"чай",
      "createdAt":"2024-01-15T10:30:00Z","facets":[
        {"index":{"byteStart":1,"byteEnd":3},"features":[{"uri":"https://a.example"}]},
        {"index":{"byteStart":0,"byteEnd":99},"features":[{"uri":"https://a.example"}]},
        {"index":{"byteStart":4,"byteEnd":2},"features":[{"uri":"https://a.example"}]},
        {"index":{"byteStart":0,"byteEnd":2},"features":[{"uri":"javascript:alert(1)"}]}]}}}]})json",
          reading)
          .ok());
  ASSERT_THAT(reading.posts, SizeIs(1));
  EXPECT_EQ(reading.posts[0].post.text_html(), "чай");
}

TEST(BlueskyTest, WhatIsNoAnswerIsRefused) {
  Reading reading;
  for (const char* body : {"", "[]", "{}", "{\"feed\"", "null"}) {
    EXPECT_FALSE(ParseBlueskyFeed(body, reading).ok()) << body;
    EXPECT_FALSE(ParseBlueskyProfile(body, reading).ok()) << body;
  }
  EXPECT_EQ(
      BlueskyReason(400, R"json({"error":"InvalidRequest","message":"Profile not found"})json"),
      v1::UNREADABLE_REASON_NO_SUCH_CHANNEL);
  EXPECT_EQ(BlueskyReason(400, R"json({"error":"AccountTakedown"})json"),
            v1::UNREADABLE_REASON_PRIVATE);
  EXPECT_EQ(BlueskyReason(502, "<html>"), v1::UNREADABLE_REASON_UNREACHABLE);
}

TEST(MastodonTest, ReadsAnAccountAndItsPosts) {
  Reading reading;
  const auto id = ParseMastodonAccount(
      R"json({"id":"23","username":"alice","acct":"alice","display_name":"Alice","note":"<p>Tea</p>",
          "avatar":"https://m.example/a.png","followers_count":5,"url":"https://m.example/@alice"})json",
      reading);
  ASSERT_TRUE(id.ok());
  EXPECT_EQ(*id, "23");
  EXPECT_EQ(reading.about, "Tea");
  ASSERT_TRUE(ParseMastodonStatuses(
                  R"json([
    {"id":"3","uri":"https://m.example/s/3","url":"https://m.example/@alice/3","created_at":"2024-01-15T10:30:00.000Z",
     "edited_at":"2024-01-15T11:00:00.000Z","content":"<p>One<br>two <a href=\"https://x.example/\">x</a></p><p>three</p>",
     "spoiler_text":"","favourites_count":9,"media_attachments":[{"type":"image","url":"https://m.example/1.png",
       "description":"a cup","meta":{"original":{"width":10,"height":20}}}],
     "card":{"url":"https://x.example/","title":"X"}},
    {"id":"2","uri":"https://m.example/s/2","url":"https://m.example/@alice/2","created_at":"2024-01-14T10:30:00.000Z",
     "content":"<p>secret</p>","spoiler_text":"the end of a film","media_attachments":[]},
    {"id":"1","uri":"https://m.example/s/1","created_at":"2024-01-13T10:30:00.000Z","content":"",
     "reblog":{"url":"https://o.example/9","content":"<p>boosted</p>","account":{"display_name":"Bob","url":"https://o.example/@bob"}}}])json",
                  reading)
                  .ok());
  ASSERT_THAT(reading.posts, SizeIs(3));
  EXPECT_EQ(reading.posts[0].post.text(), "boosted");
  EXPECT_EQ(reading.posts[0].post.forwarded_from().title(), "Bob");
  EXPECT_EQ(reading.posts[1].post.text(), "the end of a film");
  const v1::Post& post = reading.posts[2].post;
  EXPECT_EQ(post.text(), "One\ntwo x\nthree");
  EXPECT_TRUE(reading.posts[2].is_edited);
  EXPECT_EQ(post.media(0).height(), 20);
  EXPECT_EQ(post.link_preview().title(), "X");
  EXPECT_EQ(reading.complete_since, ReadTime("2024-01-13T10:30:00Z"));
}

TEST(MastodonTest, IdsThatWouldClimbOutOfThePathAreRefused) {
  Reading reading;
  EXPECT_FALSE(ParseMastodonAccount(R"json({"id":"../../admin"})json", reading).ok());
  EXPECT_FALSE(ParseMastodonAccount(R"json({"id":7})json", reading).ok());
  EXPECT_FALSE(ParseMastodonStatuses("{}", reading).ok());
}

TEST(NumbersTest, ReadsWhatPagesWrite) {
  EXPECT_EQ(ReadCount("1.5M"), 1'500'000);
  EXPECT_EQ(ReadCount("12.3K"), 12'300);
  EXPECT_EQ(ReadCount("11 123"), 11'123);
  EXPECT_EQ(ReadCount("7"), 7);
  EXPECT_EQ(ReadCount(""), 0);
  EXPECT_EQ(ReadCount("1.2.3"), 0);
  EXPECT_EQ(ReadCount("99999999999999999999999999"), 0);
  EXPECT_EQ(ReadSize("1.2 MB"), 1'258'291);
  EXPECT_EQ(ReadDuration("1:02:03"), absl::Seconds(3723));
  EXPECT_EQ(ReadDuration("0:39"), absl::Seconds(39));
  EXPECT_EQ(ReadDuration("x"), std::nullopt);
  EXPECT_EQ(ReadDuration("-1:00"), std::nullopt);
  const absl::Time time = absl::FromUnixSeconds(1'705'314'600);
  for (const char* text : {"2024-01-15T10:30:00+00:00", "2024-01-15T10:30:00Z",
                           "2024-01-15T13:30:00.000+03:00", "Mon, 15 Jan 2024 10:30:00 GMT",
                           "Mon, 15 Jan 2024 13:30:00 +0300", "15 Jan 2024 10:30:00 +0000",
                           "Mon, 15 Jan 2024 05:30:00 EST", "Mon, 15 Jan 2024 13:30:00 MSK"}) {
    EXPECT_EQ(ReadTime(text), time) << text;
  }
  EXPECT_EQ(ReadTime("yesterday"), std::nullopt);
  EXPECT_EQ(ReadTime("9999-01-01T00:00:00Z"), std::nullopt);
  // {"c":-1005640892,"p":1,...}
  EXPECT_EQ(ReadTelegramId("eyJjIjotMTAwNTY0MDg5MiwicCI6MX0"), -1'001'005'640'892);
  EXPECT_EQ(ReadTelegramId("?"), 0);
}

}  // namespace
}  // namespace selfology::channel_reader
