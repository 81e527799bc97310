#include "services/studio/social/platforms/channel_page.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(ChannelPageTest, ReadsMessages) {
  const auto messages = ReadChannelPage(R"html(<html><body><section>
    <div class="tgme_widget_message js-widget_message" data-post="news/7">
      <div class="tgme_widget_message_text js-message_text" dir="auto">One &amp; <b>two</b><br/>three</div>
      <a><time datetime="2026-11-30T10:00:00+00:00" class="time">10:00</time></a></div>
    <div class="tgme_widget_message" data-post="news/8"><div>a picture</div></div>
    </section></body></html>)html");
  ASSERT_THAT(messages, SizeIs(2));
  EXPECT_EQ(messages[0].id, "7");
  EXPECT_EQ(messages[0].text, "One & two\nthree");
  EXPECT_EQ(messages[0].at, absl::FromUnixSeconds(1796032800));
  EXPECT_EQ(messages[1].text, "");
  for (const char* none : {"", "no page", "<div data-post=''>", "{}"}) {
    EXPECT_THAT(ReadChannelPage(none), IsEmpty()) << none;
  }
}

TEST(ChannelPageTest, WhiteSpaceMakesNoDifference) {
  EXPECT_TRUE(SameWords("a  b\n\nc", " a b c "));
  EXPECT_FALSE(SameWords("a b", "ab"));
  EXPECT_TRUE(SameWords("", " "));
}

}  // namespace
}  // namespace selfology::social
