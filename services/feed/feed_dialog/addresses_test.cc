#include "services/feed/feed_dialog/addresses.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed_dialog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

TEST(AddressesTest, FindsWhatSentencesName) {
  EXPECT_THAT(FindAddresses("look: @daily_tea and (https://t.me/s/night_sky/7)."),
              ElementsAre("@daily_tea", "https://t.me/s/night_sky/7"));
  EXPECT_THAT(FindAddresses("daily_tea"), ElementsAre("daily_tea"));
  EXPECT_THAT(FindAddresses("daily_tea\nnight_sky\n"), ElementsAre("daily_tea", "night_sky"));
  EXPECT_THAT(FindAddresses("читаю habr.com/ru, alice.bsky.social и @bob@mastodon.example!"),
              ElementsAre("habr.com/ru", "alice.bsky.social", "@bob@mastodon.example"));
  EXPECT_THAT(FindAddresses("@daily_tea @daily_tea"), SizeIs(1));
}

TEST(AddressesTest, WordsAreNoAddresses) {
  for (const char* words : {"", "hello, how are you?", "1.5 cups", "e.g. this", "a", "..", "@",
                            "mail me@example.org", "привет как дела", "and so on...\nmore"}) {
    EXPECT_THAT(FindAddresses(words), IsEmpty()) << words;
  }
}

TEST(AddressesTest, OneMoreThanTheMostSaysThatThereAreMore) {
  std::string words;
  for (int i = 0; i < 50; ++i) words += "@channel_" + std::to_string(i) + " ";
  EXPECT_THAT(FindAddresses(words), SizeIs(kMaxAddresses + 1));
}

}  // namespace
}  // namespace selfology::feed_dialog
