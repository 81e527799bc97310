#include "services/studio/social/limits.h"

#include <string>

#include "absl/random/random.h"
#include "common/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::social {
namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr char kFamily[] = "👨‍👩‍👧‍👦";

TEST(LimitsTest, EveryPlatformHasARowWithASource) {
  int last = 0;
  for (const v1::PlatformLimits& limits : AllLimits()) {
    EXPECT_EQ(limits.platform(), last + 1);
    last = limits.platform();
    EXPECT_GT(limits.max_text(), 0);
    EXPECT_NE(limits.unit(), v1::TEXT_UNIT_UNSPECIFIED);
    EXPECT_THAT(limits.source(), HasSubstr("https://"));
    EXPECT_THAT(limits.checked_on(), HasSubstr("2026-"));
  }
  EXPECT_EQ(last, v1::Platform_MAX);
}

TEST(LimitsTest, GraphemesAreWhatPeopleSee) {
  EXPECT_EQ(Graphemes(""), 0);
  EXPECT_EQ(Graphemes("abc"), 3);
  EXPECT_EQ(Graphemes("é"), 1);
  EXPECT_EQ(Graphemes("e\u0301"), 1);
  EXPECT_EQ(Graphemes(kFamily), 1);
  EXPECT_EQ(Graphemes("🇩🇪🇫🇷"), 2);
  EXPECT_EQ(Graphemes("\r\n"), 1);
  EXPECT_EQ(Graphemes("नि"), 1);
}

TEST(LimitsTest, Utf16UnitsAreTelegrams) {
  EXPECT_EQ(Utf16Units("aж"), 2);
  EXPECT_EQ(Utf16Units("😀"), 2);
  EXPECT_EQ(Utf16Units(kFamily), 11);
}

// Examples of X's page on counting characters.
TEST(LimitsTest, WeightedLengthIsXs) {
  EXPECT_EQ(WeightedLength("Twitter"), 7);
  EXPECT_EQ(WeightedLength("Привет"), 6);
  EXPECT_EQ(WeightedLength("日本語"), 6);
  EXPECT_EQ(WeightedLength("😀"), 2);
  EXPECT_EQ(WeightedLength(kFamily), 2);
  EXPECT_EQ(WeightedLength("cafe\u0301"), 4);  // Counted composed.
  EXPECT_EQ(WeightedLength("see https://example.org/a/very/long/path?with=a&query=too now"), 31);
  EXPECT_EQ(CheckText(v1::PLATFORM_X, std::string(280, 'a'), 0).issues.size(), 0u);
  EXPECT_EQ(CheckText(v1::PLATFORM_X, std::string(281, 'a'), 0).issues.size(), 1u);
}

// As twitter-text 3.1.0 weighs them.
TEST(LimitsTest, WeightedLengthCountsWhatXMakesLinksOf) {
  EXPECT_EQ(WeightedLength("(https://a.com/x_(y))"), 25);
  EXPECT_EQ(WeightedLength("http://a.com🇩🇪1️⃣a.b"), 30);
  EXPECT_EQ(WeightedLength("हिन्दीx.de/yالعربية"), 36);
  EXPECT_EQ(WeightedLength("漢字a.com"), 27);
  EXPECT_EQ(WeightedLength("éaa.com"), 24);
  EXPECT_EQ(WeightedLength("https://a.com/x…"), 25);
  EXPECT_EQ(WeightedLength("http://a.com@x.org"), 18);
  EXPECT_EQ(WeightedLength("https://a.example"), 17);
  EXPECT_EQ(WeightedLength("a.com/x1️⃣"), 27);  // The digit is of the path.
  EXPECT_EQ(WeightedLength("b.museumрф.org/#"), 29);
}

// As twitter-text 3.1.0 weighs them: an accent over an emoji, and signs of emoji where none is.
TEST(LimitsTest, WeightedLengthCountsWhatIsNoPartOfAnEmoji) {
  EXPECT_EQ(WeightedLength("⭐\u0301"), 3);
  EXPECT_EQ(WeightedLength("🏳️‍🌈\u0306⭕"), 5);
  EXPECT_EQ(WeightedLength("❤\uFE0E"), 4);
  EXPECT_EQ(WeightedLength("❤\uFE0F"), 2);
  EXPECT_EQ(WeightedLength("1\uFE0F\u20E3"), 2);
  EXPECT_EQ(WeightedLength("a\uFE0F"), 3);
  EXPECT_EQ(WeightedLength("漢\uFE0F"), 4);
  EXPECT_EQ(WeightedLength("ж\u20E3"), 3);
  EXPECT_EQ(WeightedLength("☽\u20E3"), 4);
  EXPECT_EQ(WeightedLength("🇩🇪🇫🇷"), 4);
}

TEST(LimitsTest, MastodonCountsLinksAs23AndNoServersOfMentions) {
  EXPECT_EQ(
      CheckText(v1::PLATFORM_MASTODON, "https://a.example/0123456789012345678901234", 0).length,
      23);
  EXPECT_EQ(CheckText(v1::PLATFORM_MASTODON, "hi @me@mastodon.example!", 0).length, 7);
  EXPECT_EQ(CheckText(v1::PLATFORM_MASTODON, "mail me@mastodon.example", 0).length, 24);
  const auto own = CheckText(v1::PLATFORM_MASTODON, std::string(600, 'a'), 5000);
  EXPECT_EQ(own.max_length, 5000);
  EXPECT_THAT(own.issues, IsEmpty());
}

TEST(LimitsTest, SaysWhatIsWrong) {
  const auto check = CheckText(v1::PLATFORM_BLUESKY, std::string(301, 'a'), 0);
  EXPECT_EQ(check.length, 301);
  EXPECT_EQ(check.max_length, 300);
  EXPECT_THAT(check.issues, ElementsAre("the text has 301 characters, Bluesky takes 300"));
  std::string many;
  for (int i = 0; i < 290; ++i) many += kFamily;
  EXPECT_THAT(CheckText(v1::PLATFORM_BLUESKY, many, 0).issues,
              ElementsAre(HasSubstr("bytes, Bluesky takes 3000")));
  EXPECT_THAT(CheckText(v1::PLATFORM_BLUESKY, " \n", 0).issues, ElementsAre("the text is empty"));
  EXPECT_THAT(CheckText(v1::PLATFORM_UNSPECIFIED, "a", 0).issues,
              ElementsAre("there is no such platform"));
}

TEST(LimitsTest, InstagramNeedsAPictureAndCountsTheCaption) {
  const auto parts = TakePicture("Look\n\nhttps://a.example/b/P.JPG?w=1\n#tag https://c.example");
  ASSERT_TRUE(parts.has_value());
  EXPECT_EQ(parts->picture, "https://a.example/b/P.JPG?w=1");
  EXPECT_EQ(parts->caption, "Look\n#tag https://c.example");
  EXPECT_FALSE(TakePicture("https://a.example/b.png jpg").has_value());
  EXPECT_THAT(CheckText(v1::PLATFORM_INSTAGRAM, "only words", 0).issues,
              ElementsAre(HasSubstr("public address of a JPEG")));
  const auto fits =
      CheckText(v1::PLATFORM_INSTAGRAM, std::string(2200, 'a') + " https://a.example/b.jpeg", 0);
  EXPECT_EQ(fits.length, 2200);
  EXPECT_THAT(fits.issues, IsEmpty());
}

TEST(LimitsTest, LinksEndWithTheSentence) {
  const auto links = [](std::string_view text) {
    std::vector<std::string> found;
    for (const Link& link : FindLinks(text)) {
      found.emplace_back(text.substr(link.begin, link.end - link.begin));
    }
    return found;
  };
  EXPECT_THAT(links("See https://a.example/x, or (http://b.example/y)."),
              ElementsAre("https://a.example/x", "http://b.example/y"));
  EXPECT_THAT(links("https://en.wikipedia.org/wiki/Tide_(disambiguation)"),
              ElementsAre("https://en.wikipedia.org/wiki/Tide_(disambiguation)"));
  EXPECT_THAT(links("https:// http:// xhttp://a.example http://."), IsEmpty());
}

// The parts of a text together are as long as the whole, where no cluster is cut.
TEST(LimitsTest, LengthsAdd) {
  absl::BitGen random;
  for (int round = 0; round < 500; ++round) {
    std::string one;
    std::string other;
    for (std::string* text : {&one, &other}) {
      *text += 'x';
      for (int i = absl::Uniform(random, 0, 30); i > 0; --i) {
        text::AppendCharacter(absl::Uniform<uint32_t>(random, 0x20, 0xD800), *text);
      }
    }
    // A line break joins no cluster; a space may, behind a character that is put before others.
    EXPECT_EQ(Graphemes(one + "\n" + other), Graphemes(one) + 1 + Graphemes(other));
    EXPECT_EQ(Utf16Units(one + other), Utf16Units(one) + Utf16Units(other));
    EXPECT_LE(Graphemes(one), CodePoints(one));
  }
}

}  // namespace
}  // namespace selfology::social
