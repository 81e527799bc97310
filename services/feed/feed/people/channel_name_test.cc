#include "services/feed/feed/people/channel_name.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed {
namespace {

TEST(ChannelNameTest, TakesWhatPersonsWrite) {
  for (const char* written : {"durov", "@durov", " @durov ", "t.me/durov", "https://t.me/durov",
                              "http://T.me/durov", "https://t.me/s/durov", "https://t.me/durov/123",
                              "https://t.me/s/durov?before=7", "telegram.me/durov"}) {
    EXPECT_EQ(NameOfChannel(written), "durov") << written;
  }
  EXPECT_EQ(NameOfChannel("https://example.org/feed.xml"), "https://example.org/feed.xml");
  EXPECT_EQ(NameOfChannel("@alice@mastodon.example"), "@alice@mastodon.example");
  EXPECT_EQ(NameOfChannel("alice.bsky.social"), "alice.bsky.social");
}

TEST(ChannelNameTest, RefusesWhatIsNone) {
  for (const char* written :
       {"", " ", "@", "two words", "t.me/", "https://t.me/+AbCdEf", "https://t.me/s/", "a\nb"}) {
    EXPECT_EQ(NameOfChannel(written), "") << written;
  }
  EXPECT_EQ(NameOfChannel(std::string(513, 'a')), "");
}

TEST(ChannelNameTest, CaseCountsInPathsOnly) {
  EXPECT_EQ(KeyOfChannel("Durov"), KeyOfChannel("durov"));
  EXPECT_EQ(KeyOfChannel("HTTPS://Example.org/Feed"), "https://example.org/Feed");
  EXPECT_EQ(KeyOfChannel("https://Example.org"), "https://example.org");
}

}  // namespace
}  // namespace selfology::feed
