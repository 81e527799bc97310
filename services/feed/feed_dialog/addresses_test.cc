#include "services/feed/feed_dialog/addresses.h"

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::feed_dialog {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;
using ::testing::SizeIs;

std::vector<std::string> Found(std::string_view words) { return FindAddresses(words).found; }

TEST(AddressesTest, FindsWhatSentencesName) {
  EXPECT_THAT(Found("look: @daily_tea and (https://t.me/s/night_sky/7)."),
              ElementsAre("@daily_tea", "https://t.me/s/night_sky/7"));
  EXPECT_THAT(Found("daily_tea"), ElementsAre("daily_tea"));
  EXPECT_THAT(Found("durov"), ElementsAre("durov"));
  EXPECT_THAT(Found("daily_tea\nnightsky\n"), ElementsAre("daily_tea", "nightsky"));
  EXPECT_THAT(Found("читаю habr.com/ru, alice.bsky.social и @bob@mastodon.example!"),
              ElementsAre("habr.com/ru", "alice.bsky.social", "@bob@mastodon.example"));
  EXPECT_THAT(Found("@daily_tea @daily_tea"), SizeIs(1));
}

TEST(AddressesTest, FindsBareNamesInLists) {
  EXPECT_THAT(Found("@daily_tea, small_code and space2024"),
              ElementsAre("@daily_tea", "small_code", "space2024"));
  EXPECT_THAT(Found("please add small_code for me"), ElementsAre("small_code"));
  EXPECT_THAT(Found("durov, technews, small_code"), ElementsAre("small_code", "durov", "technews"));
  EXPECT_THAT(Found("durov, technews, habr"), ElementsAre("durov", "technews", "habr"));
  EXPECT_THAT(Found("small_code и night_sky"), ElementsAre("small_code", "night_sky"));
}

TEST(AddressesTest, SaysWhatMayBeANameAndMayBeNone) {
  const Addresses addresses = FindAddresses("@daily_tea small_code technews");
  EXPECT_THAT(addresses.found, ElementsAre("@daily_tea", "small_code"));
  EXPECT_THAT(addresses.unclear, ElementsAre("technews"));
  EXPECT_THAT(FindAddresses("please take @daily_tea and @night_sky").unclear, IsEmpty());
  EXPECT_THAT(FindAddresses("мне нравятся @daily_tea и @night_sky").unclear, IsEmpty());
}

TEST(AddressesTest, WordsAreNoAddresses) {
  for (const char* words :
       {"", "hello, how are you?", "1.5 cups", "e.g. this", "a", "..", "@", "mail me@example.org",
        "привет как дела", "and so on...\nmore", "okay, thanks", "yes, sure, bye"}) {
    EXPECT_THAT(Found(words), IsEmpty()) << words;
  }
}

TEST(AddressesTest, AGreetingAQuestionAndSmallTalkAreNoChannel) {
  for (const char* words : {"hello?", "Hello", "hello!", "HELLO :)", "thanks", "okay", "what?",
                            "durov?", "anyone??", "awesome!", "wonderful :)", "help", "Privet",
                            "hello\nthere", "hello, thanks, okay", "(hello)", "technews ?"}) {
    EXPECT_THAT(Found(words), IsEmpty()) << words;
  }
  EXPECT_THAT(Found("@hello"), ElementsAre("@hello")) << "it may be one's name all the same";
  EXPECT_THAT(Found("hello, @daily_tea please!"), ElementsAre("@daily_tea"));
  EXPECT_THAT(Found("is there space2024?"), ElementsAre("space2024"));
  EXPECT_THAT(Found("durov."), ElementsAre("durov"));
}

TEST(AddressesTest, OneMoreThanTheMostSaysThatThereAreMore) {
  std::string words;
  for (int i = 0; i < 50; ++i) words += "@channel_" + std::to_string(i) + " ";
  EXPECT_THAT(Found(words), SizeIs(kMaxAddresses + 1));
}

}  // namespace
}  // namespace selfology::feed_dialog
