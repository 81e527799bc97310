#include "services/feed/channel_reader/address.h"

#include <string>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::channel_reader {
namespace {

std::string KeyOf(std::string_view text) {
  const std::optional<Address> address = ReadAddress(text);
  if (!address.has_value()) return "none";
  return address->is_private ? "private" : address->key;
}

TEST(AddressTest, OneTelegramChannelIsWrittenInManyWays) {
  for (const char* text :
       {"@durov", "durov", " Durov ", "t.me/durov", "https://t.me/durov", "https://t.me/durov/123",
        "https://t.me/s/durov", "https://t.me/s/durov?before=5", "http://telegram.me/durov",
        "https://www.t.me/durov/", "tg://resolve?domain=durov", "https://durov.t.me/5",
        "T.me/DUROV", "https://t.me/durov/123?single#x"}) {
    EXPECT_EQ(KeyOf(text), "telegram:durov") << text;
  }
}

TEST(AddressTest, InvitationsArePrivate) {
  for (const char* text :
       {"https://t.me/+AbCdEf", "t.me/joinchat/AbCd", "https://t.me/c/123456/7"}) {
    EXPECT_EQ(KeyOf(text), "private") << text;
  }
}

TEST(AddressTest, ReadsAccountsOfOtherNetworks) {
  EXPECT_EQ(KeyOf("alice.bsky.social"), "bluesky:alice.bsky.social");
  EXPECT_EQ(KeyOf("@Alice.example.org"), "bluesky:alice.example.org");
  EXPECT_EQ(KeyOf("https://bsky.app/profile/alice.example.org/post/3k"),
            "bluesky:alice.example.org");
  EXPECT_EQ(KeyOf("https://bsky.app/profile/did:plc:abc123"), "bluesky:did:plc:abc123");
  EXPECT_EQ(KeyOf("@did:plc:abc123"), "bluesky:did:plc:abc123");
  EXPECT_EQ(KeyOf("@alice@Mastodon.example"), "mastodon:alice@mastodon.example");
  EXPECT_EQ(KeyOf("https://mastodon.example/@alice/1234"), "mastodon:alice@mastodon.example");
  EXPECT_EQ(KeyOf("https://mastodon.example/@bob@other.example"), "mastodon:bob@other.example");
}

TEST(AddressTest, EverythingElseOnTheWebMayBeAFeed) {
  EXPECT_EQ(KeyOf("https://Example.org/feed.xml?a=B"), "feed:example.org/feed.xml?a=B");
  EXPECT_EQ(KeyOf("http://example.org/"), "feed:example.org");
  EXPECT_EQ(KeyOf("example.org"), "feed:example.org");
  EXPECT_EQ(KeyOf("example.org/blog"), "feed:example.org/blog");
  EXPECT_EQ(KeyOf("https://пример.рф/лента"), "feed:пример.рф/лента");
  EXPECT_EQ(KeyOf("https://www.youtube.com/@channel"), "feed:www.youtube.com/@channel");
  EXPECT_EQ(ReadAddress("http://Example.org/a")->handle, "http://example.org/a");
}

TEST(AddressTest, TheRestNamesNothing) {
  for (const char* text :
       {"", " ", "@", "abc", "two words", "javascript:alert(1)", "ftp://a.example/",
        "https://user:secret@example.org/", "https://example.org/a b", "1234", "@9lives",
        "https://", "mailto:a@b", "@a@b@c", "file:///etc/passwd", "https://exa\"mple.org/", "t.me/",
        "https://t.me/s/"}) {
    EXPECT_EQ(KeyOf(text), "none") << text;
  }
  EXPECT_EQ(KeyOf(std::string(3000, 'a')), "none");
}

}  // namespace
}  // namespace selfology::channel_reader
