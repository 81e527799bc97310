#include "services/feed/feed/rss.h"

#include <pugixml.hpp>
#include <string>
#include <utility>

#include "common/timestamps/timestamp.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

v1::Post Post(int64_t id, std::string text, absl::Time at) {
  v1::Post post;
  post.set_id(id);
  post.set_channel_title("News & more");
  post.set_text(std::move(text));
  *post.mutable_posted_at() = timestamps::ToProto(at);
  return post;
}

const absl::Time kAt = absl::FromUnixSeconds(1'031'391'751);

TEST(RssTest, IsReadByAnXmlParser) {
  v1::Post first = Post(1, "Title <b>\nbody & more", kAt);
  first.set_url("https://t.me/news/1");
  first.add_media_urls("https://cdn.example/a.jpg?x=1&y=\"2\"");
  first.add_media_urls("javascript:alert(1)");
  const std::string xml = RssOf({first, Post(2, "Newer", kAt + absl::Hours(1))},
                                {.title = "My feed", .language = "en", .built_at = kAt});
  pugi::xml_document document;
  ASSERT_TRUE(document.load_buffer(xml.data(), xml.size()));
  const auto channel = document.child("rss").child("channel");
  EXPECT_STREQ(channel.child("title").text().get(), "My feed");
  auto item = channel.child("item");
  EXPECT_STREQ(item.child("title").text().get(), "Newer") << "the newest first";
  EXPECT_STREQ(item.child("guid").text().get(), "selfology:post:2");
  EXPECT_STREQ(item.child("guid").attribute("isPermaLink").value(), "false");
  item = item.next_sibling("item");
  EXPECT_STREQ(item.child("title").text().get(), "Title <b>");
  EXPECT_STREQ(item.child("guid").text().get(), "https://t.me/news/1");
  EXPECT_STREQ(item.child("pubDate").text().get(), "Sat, 07 Sep 2002 09:42:31 GMT");
  const std::string html = item.child("description").text().get();
  EXPECT_THAT(html, HasSubstr("Title &lt;b&gt;<br>body &amp; more"));
  EXPECT_THAT(html, HasSubstr("src=\"https://cdn.example/a.jpg?x=1&amp;y=&quot;2&quot;\""));
  EXPECT_THAT(html, Not(HasSubstr("javascript")));
}

TEST(RssTest, LeavesOutWhatXmlCannotHold) {
  const std::string xml = RssOf({Post(1, "a\x01\x1f b\tc", kAt)}, {.title = "x", .built_at = kAt});
  EXPECT_THAT(xml, Not(HasSubstr("\x01")));
  EXPECT_THAT(xml, HasSubstr("a b\tc"));
}

TEST(RssTest, APostWithoutTextIsNamedAfterItsChannel) {
  EXPECT_THAT(RssOf({Post(1, "", kAt)}, {.title = "x", .built_at = kAt}),
              HasSubstr("<title>News &amp; more</title>"));
}

}  // namespace
}  // namespace selfology::feed
