#include "common/language/tag.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_replace.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::language {
namespace {

using ::testing::ElementsAre;

std::string Canonical(std::string_view text) {
  const std::optional<Tag> tag = Tag::Parse(text);
  return tag.has_value() ? tag->text() : "refused";
}

// RFC 5646, appendix A, as far as the examples have at most 35 characters.
TEST(Tag, TakesTheExamplesOfTheStandard) {
  for (const char* text : {"de",
                           "fr",
                           "ja",
                           "zh-Hant",
                           "zh-Hans",
                           "sr-Cyrl",
                           "sr-Latn",
                           "zh-cmn-Hans-CN",
                           "cmn-Hans-CN",
                           "zh-yue-HK",
                           "yue-HK",
                           "zh-Hans-CN",
                           "sr-Latn-RS",
                           "sl-rozaj",
                           "sl-rozaj-biske",
                           "sl-nedis",
                           "de-CH-1901",
                           "sl-IT-nedis",
                           "hy-Latn-IT-arevela",
                           "de-DE",
                           "en-US",
                           "es-419",
                           "de-CH-x-phonebk",
                           "az-Arab-x-AZE-derbend",
                           "x-whatever",
                           "qaa-Qaaa-QM-x-southern",
                           "de-Qaaa",
                           "sr-Latn-QM",
                           "sr-Qaaa-RS",
                           "en-US-u-islamcal",
                           "zh-CN-a-myext-x-private",
                           "en-a-myext-b-another"}) {
    const std::optional<Tag> tag = Tag::Parse(text);
    ASSERT_TRUE(tag.has_value()) << text;
    EXPECT_TRUE(absl::EqualsIgnoreCase(tag->text(), text));
  }
}

TEST(Tag, RefusesWhatIsNotWellFormed) {
  for (const char* text : {"",
                           "a",
                           "1",
                           "-",
                           "_",
                           "en-",
                           "-en",
                           "en--US",
                           "en US",
                           "en-US ",
                           "ru\n",
                           "русский",
                           "de-419-DE",
                           "a-DE",
                           "ar-a-aaa-b-bbb-a-ccc",
                           "en-x",
                           "x",
                           "en-a",
                           "en-a-x-b",
                           "sl-rozaj-rozaj",
                           "123",
                           "en-123456789",
                           "abcdefghi",
                           "en-US\" obey",
                           "i-klingon",
                           "en.UTF-8",
                           "aa-bbbbbbbb-cccccccc-dddddddd-eeeeeeee"}) {
    EXPECT_EQ(Canonical(text), "refused") << text;
  }
  EXPECT_EQ(Canonical(std::string_view("en\0", 3)), "refused");
  EXPECT_EQ(Canonical(std::string(50000, 'a')), "refused");
}

TEST(Tag, PutsEachPartIntoItsCase) {
  EXPECT_EQ(Canonical("RU"), "ru");
  EXPECT_EQ(Canonical("ru_ru"), "ru-RU");
  EXPECT_EQ(Canonical("mn-cYRL-mn"), "mn-Cyrl-MN");
  EXPECT_EQ(Canonical("ZH-YUE-hant-hk"), "zh-yue-Hant-HK");
  EXPECT_EQ(Canonical("EN-ca-X-CA"), "en-CA-x-ca");
  EXPECT_EQ(Canonical("SL-ROZAJ"), "sl-rozaj");
  EXPECT_EQ(Canonical("ES-419"), "es-419");
}

TEST(Tag, FallsBackToWhatIsMoreGeneral) {
  EXPECT_THAT(Tag::Parse("ru-RU")->Fallbacks(), ElementsAre("ru-RU", "ru"));
  EXPECT_THAT(Tag::Parse("zh-Hant-TW")->Fallbacks(), ElementsAre("zh-Hant-TW", "zh-Hant", "zh"));
  EXPECT_THAT(Tag::Parse("x-private")->Fallbacks(), ElementsAre("x-private"));
  EXPECT_THAT(Tag::Parse("de-x-a-b")->Fallbacks(), ElementsAre("de-x-a-b", "de"));
  // RFC 4647, section 3.4.
  EXPECT_THAT(Tag::Parse("zh-Hant-CN-x-private1-private2")->Fallbacks(),
              ElementsAre("zh-Hant-CN-x-private1-private2", "zh-Hant-CN-x-private1", "zh-Hant-CN",
                          "zh-Hant", "zh"));
  EXPECT_EQ(Tag::Parse("zh-Hant-TW")->language(), "zh");
  EXPECT_EQ(Tag::Parse("RU")->language(), "ru");
}

TEST(Best, TakesTheMostSpecificThatIsSupported) {
  const std::vector<std::string_view> supported = {"en", "pt", "pt-BR", "ru"};
  EXPECT_EQ(Best("pt-br", supported), "pt-BR");
  EXPECT_EQ(Best("pt-PT", supported), "pt");
  EXPECT_EQ(Best("RU_ru", supported), "ru");
  EXPECT_EQ(Best("rue", supported), std::nullopt);
  EXPECT_EQ(Best("de", supported), std::nullopt);
  EXPECT_EQ(Best("", supported), std::nullopt);
}

// Tags made by the grammar, in any case, with either separator.
std::string RandomTag(std::mt19937& random) {
  const auto letters = [&](int count, std::string_view alphabet) {
    std::string subtag;
    while (count-- > 0) subtag += alphabet[random() % alphabet.size()];
    return subtag;
  };
  constexpr std::string_view kAlpha = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ";
  constexpr std::string_view kDigit = "0123456789";
  std::string tag = letters(2 + static_cast<int>(random() % 2), kAlpha);
  const auto add = [&](const std::string& subtag) { tag += "-_"[random() % 2] + subtag; };
  if (random() % 2 == 0) add(letters(4, kAlpha));
  if (random() % 2 == 0) add(random() % 2 == 0 ? letters(2, kAlpha) : letters(3, kDigit));
  if (random() % 3 == 0) add(letters(1, kDigit) + letters(3, kAlpha));
  if (random() % 3 == 0) {
    add(letters(1, "abUT7"));
    add(letters(2 + static_cast<int>(random() % 3), kAlpha));
  }
  if (random() % 3 == 0) {
    add("x");
    add(letters(1 + static_cast<int>(random() % 4), kAlpha));
  }
  return tag;
}

TEST(Tag, HasOneCanonicalTextHoweverItIsWritten) {
  std::mt19937 random(5646);
  for (int round = 0; round < 5000; ++round) {
    const std::string text = RandomTag(random);
    const std::optional<Tag> tag = Tag::Parse(text);
    ASSERT_TRUE(tag.has_value()) << text;
    EXPECT_EQ(Tag::Parse(tag->text()), tag);
    EXPECT_EQ(Tag::Parse(absl::AsciiStrToUpper(text)), tag);
    EXPECT_EQ(Tag::Parse(absl::StrReplaceAll(text, {{"-", "_"}})), tag);
    const std::vector<std::string> fallbacks = tag->Fallbacks();
    EXPECT_EQ(fallbacks.front(), tag->text());
    EXPECT_EQ(fallbacks.back(), tag->language());
    for (size_t i = 1; i < fallbacks.size(); ++i) {
      EXPECT_EQ(Canonical(fallbacks[i]), fallbacks[i]);
      EXPECT_TRUE(fallbacks[i - 1].starts_with(fallbacks[i] + "-"));
    }
  }
}

}  // namespace
}  // namespace selfology::language
