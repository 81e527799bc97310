#include "services/studio/social/platforms/read_back.h"

#include <string>

#include "absl/random/random.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"
#include "services/studio/social/platforms/plain_html.h"

namespace selfology::social {
namespace {

TEST(ReadBackTest, XsLinksAndEscapesAreTakenBack) {
  EXPECT_EQ(
      PlainOfX(
          {{"text", "a &amp;lt; b &gt; https://t.co/1"},
           {"entities",
            {{"urls", {{{"url", "https://t.co/1"}, {"expanded_url", "https://a.example/"}}}}}}}),
      "a &lt; b > https://a.example/");
  for (const char* odd : {"[]", "{}", R"({"text": 1})", R"({"entities": 1})",
                          R"({"entities": {"urls": [1, {"url": ""}]}})"}) {
    EXPECT_EQ(PlainOfX(nlohmann::json::parse(odd)), "") << odd;
  }
}

TEST(ReadBackTest, LinkedInsMarkupIsEscapedAndTagsStay) {
  EXPECT_EQ(LittleOf("a (b) #tag c#d @me # e_f"), "a \\(b\\) #tag c\\#d \\@me \\# e\\_f");
  EXPECT_EQ(PlainOfLittle("x {hashtag|\\#|tag} \\(y\\)"), "x #tag (y)");
  EXPECT_EQ(PlainOfLittle("{hashtag|"), "{hashtag|");
  EXPECT_EQ(PlainOfLittle("\\"), "\\");
}

TEST(ReadBackTest, LittleAndBackIsTheSame) {
  constexpr std::string_view kCharacters = "a \n#|\\{}@[]()<>*_~é";
  absl::BitGen random;
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    for (int i = absl::Uniform(random, 0, 20); i > 0; --i) {
      text += kCharacters[absl::Uniform<size_t>(random, 0, kCharacters.size())];
    }
    EXPECT_EQ(PlainOfLittle(LittleOf(text)), text);
  }
}

TEST(ReadBackTest, TheSameWordsAreTheSame) {
  EXPECT_TRUE(SameText("a  b\nhttp://a.example/", "a b https://a.example"));
  EXPECT_TRUE(SameText("see a.example", "see http://a.example"));
  EXPECT_FALSE(SameText("a b", "a c"));
  EXPECT_FALSE(SameText("a b", "a B"));
  EXPECT_FALSE(SameText("https://a.example/x", "https://a.example/y"));
}

TEST(ReadBackTest, WordsOfAPage) {
  EXPECT_EQ(PlainOfHtml("<p>a &amp; &lt;b&gt;<br />\nc <b>d</b></p>\n"), "a & <b>\n\nc d");
  EXPECT_EQ(PlainOfHtml("only words"), "only words");
  EXPECT_EQ(PlainOfHtml(""), "");
  EXPECT_EQ(PlainOfHtml("<p><"), "<");
}

TEST(ReadBackTest, TheSameLettersAreTheSame) {
  EXPECT_TRUE(SameLetters("It’s “so” – really…", "It's \"so\" - really..."));
  EXPECT_TRUE(SameLetters("Слово 1\n", "Слово, 1!"));
  EXPECT_FALSE(SameLetters("one", "on e two"));
  EXPECT_FALSE(SameLetters("हिन्दी", "हन्दी")) << "vowels count";
  EXPECT_TRUE(SameLetters("👍 ", "👍"));
  EXPECT_FALSE(SameLetters("👍", "👎")) << "there are no letters";
  EXPECT_FALSE(SameLetters("", "a"));
}

TEST(ReadBackTest, TimesOfEachPlatform) {
  const absl::Time noon = absl::FromCivil(absl::CivilHour(2026, 11, 30, 12), absl::UTCTimeZone());
  EXPECT_EQ(ReadTime("2026-11-30T12:00:00.000Z"), noon);
  EXPECT_EQ(ReadTime("2026-11-30T12:00:00+0000"), noon);
  EXPECT_EQ(ReadTime("2026-11-30T13:00:00+0100"), noon);
  EXPECT_EQ(ReadTime("yesterday"), absl::InfinitePast());
}

}  // namespace
}  // namespace selfology::social
