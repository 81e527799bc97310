#include "services/feed/channel_reader/reading/web_feed.h"

#include <string>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/feed/channel_reader/reading/charset.h"

namespace selfology::channel_reader {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

constexpr char kUrl[] = "https://example.org/blog/feed.xml";

Reading Parsed(std::string_view xml) {
  const absl::StatusOr<Reading> reading = ParseWebFeed(xml, kUrl);
  EXPECT_TRUE(reading.ok()) << reading.status();
  return reading.ok() ? *reading : Reading();
}

TEST(WebFeedTest, ReadsRss) {
  const Reading reading = Parsed(R"(<?xml version="1.0"?>
<rss version="2.0" xmlns:content="http://purl.org/rss/1.0/modules/content/"
     xmlns:dc="http://purl.org/dc/elements/1.1/" xmlns:atom="http://www.w3.org/2005/Atom">
<channel><title>Tea &amp; cups</title><link>https://example.org/</link>
<atom:link href="https://example.org/feed.xml" rel="self"/><description>All &lt;b&gt;tea&lt;/b&gt;</description>
<image><url>/logo.png</url></image>
<item><title>Newer</title><link>https://example.org/2</link><guid isPermaLink="false">two</guid>
  <pubDate>Mon, 15 Jan 2024 10:30:00 GMT</pubDate><dc:creator>Ann</dc:creator>
  <description>short</description>
  <content:encoded><![CDATA[<p>First <b>bold</b></p><p>Second <a href="/a?b=1&amp;c=2">link</a></p>
    <img src="pic.jpg" alt="a cup"><img src="https://count.example/1.gif" width="1" height="1">]]></content:encoded>
  <enclosure url="https://example.org/talk.mp3" type="audio/mpeg" length="123456"/></item>
<item><title>Older</title><link>https://example.org/1</link><pubDate>Sun, 14 Jan 2024 09:00:00 +0300</pubDate></item>
<item><description>neither link nor guid</description></item>
</channel></rss>)");
  EXPECT_EQ(reading.title, "Tea & cups");
  EXPECT_EQ(reading.about, "All tea");
  EXPECT_EQ(reading.link, "https://example.org/");
  EXPECT_EQ(reading.picture_url, "https://example.org/logo.png");
  ASSERT_THAT(reading.posts, SizeIs(2));
  EXPECT_EQ(reading.posts[0].post.source_key(), "https://example.org/1");
  EXPECT_EQ(reading.posts[0].post.text(), "Older");
  const v1::Post& post = reading.posts[1].post;
  EXPECT_EQ(post.source_key(), "two");
  EXPECT_EQ(post.link(), "https://example.org/2");
  EXPECT_EQ(post.author(), "Ann");
  EXPECT_EQ(post.text(), "Newer\n\nFirst bold\nSecond link");
  EXPECT_EQ(post.text_html(),
            "<b>Newer</b><br><br>First <b>bold</b><br>Second "
            "<a href=\"https://example.org/a?b=1&amp;c=2\">link</a>");
  EXPECT_THAT(post.links(), ElementsAre("https://example.org/a?b=1&c=2"));
  ASSERT_THAT(post.media(), SizeIs(2));
  EXPECT_EQ(post.media(0).kind(), v1::MEDIA_KIND_AUDIO);
  EXPECT_EQ(post.media(0).size(), 123'456);
  EXPECT_EQ(post.media(1).url(), "https://example.org/pic.jpg");
  EXPECT_EQ(post.media(1).alternative_text(), "a cup");
  EXPECT_EQ(timestamps::FromProto(post.posted_at()), absl::FromUnixSeconds(1'705'314'600));
}

TEST(WebFeedTest, ReadsAtom) {
  const Reading reading = Parsed(R"(<feed xmlns="http://www.w3.org/2005/Atom">
<title type="html">Tea</title><subtitle>cups</subtitle><link href="https://example.org/"/>
<entry><title>One</title><id>tag:example.org,2024:1</id><link rel="enclosure" href="/x.png" type="image/png"/>
<link rel="alternate" href="/1"/><published>2024-01-15T10:30:00Z</published><updated>2024-01-16T10:30:00Z</updated>
<author><name>Ann</name></author>
<content type="xhtml"><div xmlns="http://www.w3.org/1999/xhtml">Some <em>words</em></div></content></entry></feed>)");
  EXPECT_EQ(reading.title, "Tea");
  ASSERT_THAT(reading.posts, SizeIs(1));
  const v1::Post& post = reading.posts[0].post;
  EXPECT_EQ(post.source_key(), "tag:example.org,2024:1");
  EXPECT_EQ(post.link(), "https://example.org/1");
  EXPECT_EQ(post.text(), "One\n\nSome words");
  EXPECT_EQ(post.author(), "Ann");
  EXPECT_EQ(post.media_kind(), v1::MEDIA_KIND_PHOTO);
  EXPECT_EQ(timestamps::FromProto(post.posted_at()), absl::FromUnixSeconds(1'705'314'600));
}

TEST(WebFeedTest, ReadsRss1) {
  const Reading reading = Parsed(
      R"(<rdf:RDF xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" xmlns="http://purl.org/rss/1.0/">
<channel rdf:about="https://example.org/"><title>Tea</title></channel>
<item rdf:about="https://example.org/1"><title>One</title><link>https://example.org/1</link></item></rdf:RDF>)");
  EXPECT_EQ(reading.title, "Tea");
  ASSERT_THAT(reading.posts, SizeIs(1));
  EXPECT_EQ(reading.posts[0].post.text(), "One");
}

TEST(WebFeedTest, WhatIsNoFeedIsRefused) {
  for (const char* body : {"", "not xml", "<html><body>x</body></html>", "<rss></rss>", "{}"}) {
    EXPECT_FALSE(ParseWebFeed(body, kUrl).ok()) << body;
  }
  EXPECT_FALSE(ParseWebFeed(std::string(kMaxFeedBytes + 1, ' '), kUrl).ok());
  EXPECT_THAT(Parsed("<feed><title>x</title></feed>").posts, IsEmpty());
}

TEST(WebFeedTest, ExternalEntitiesAreNotRead) {
  const Reading reading = Parsed(
      "<!DOCTYPE rss [<!ENTITY x SYSTEM \"file:///etc/passwd\">]>"
      "<rss><channel><title>&x;</title><item><guid>1</guid><title>&x;</title></item></channel></"
      "rss>");
  ASSERT_THAT(reading.posts, SizeIs(1));
  EXPECT_EQ(reading.posts[0].post.text().find("root"), std::string::npos);
}

TEST(WebFeedTest, FindsTheFeedOfAPage) {
  EXPECT_EQ(FindFeedLink("<html><head><link rel=stylesheet href=a.css><link rel=\"alternate\" "
                         "type=\"application/rss+xml\" href=\"feed.xml\"></head></html>",
                         "https://example.org/blog/"),
            "https://example.org/blog/feed.xml");
  EXPECT_EQ(FindFeedLink("<html></html>", "https://example.org/"), "");
}

TEST(WebFeedTest, ReadsRussianCharsets) {
  const std::string bytes =
      "<?xml version=\"1.0\" encoding=\"windows-1251\"?><rss><channel><title>\xD7\xE0\xE9"
      "</title></channel></rss>";
  EXPECT_EQ(DeclaredCharset(bytes, ""), "windows-1251");
  EXPECT_EQ(Parsed(ToUtf8(bytes, "windows-1251")).title, "Чай");
  EXPECT_EQ(ToUtf8("\xFE\xC1\xCA", "koi8-r"), "Чай");
  EXPECT_EQ(ToUtf8("caf\xE9", "iso-8859-1"), "café");
  EXPECT_EQ(ToUtf8("a\xFF\xC3", "utf-8"), "a\xEF\xBF\xBD\xEF\xBF\xBD");
  EXPECT_EQ(DeclaredCharset("", "text/xml; charset=\"KOI8-R\""), "koi8-r");
  EXPECT_EQ(DeclaredCharset("<html><meta charset=utf-8>", ""), "utf-8");
}

}  // namespace
}  // namespace selfology::channel_reader
