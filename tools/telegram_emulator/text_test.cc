#include "tools/telegram_emulator/text.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <random>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"

namespace selfology::telegram_emulator {
namespace {

using ::testing::ElementsAre;
using ::testing::IsEmpty;

std::string ErrorOf(std::string_view text, std::string_view mode) {
  const auto formatted = Format(text, mode);
  return formatted.ok() ? "" : std::string(formatted.status().message());
}

TEST(TextTest, PlainTextIsTrimmedAndItsCommandsAndLinksAreFound) {
  const auto text =
      PlainText("  /start@selfology_bot see https://example.org/a?b=1, #life @someone \n");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->text, "/start@selfology_bot see https://example.org/a?b=1, #life @someone");
  EXPECT_THAT(text->entities, ElementsAre(Entity{.type = "bot_command", .offset = 0, .length = 20},
                                          Entity{.type = "url", .offset = 25, .length = 25},
                                          Entity{.type = "hashtag", .offset = 52, .length = 5},
                                          Entity{.type = "mention", .offset = 58, .length = 8}));
}

TEST(TextTest, WhatOnlyLooksLikeACommandIsNone) {
  for (const char* text :
       {"and/or", "/", "a/b", "//x", "1/2", "/a/b", "привет/start", "<b>x</b>", "/a<"}) {
    EXPECT_THAT(PlainText(text)->entities, IsEmpty()) << text;
  }
}

TEST(TextTest, OffsetsCountUtf16Units) {
  const auto text = PlainText("😀 привет /help");
  ASSERT_TRUE(text.ok());
  EXPECT_THAT(text->entities,
              ElementsAre(Entity{.type = "bot_command", .offset = 10, .length = 5}));
}

TEST(TextTest, LengthIsLimitedInCodePointsAfterParsing) {
  std::string longest;
  for (int i = 0; i < kMaxTextLength; ++i) longest += "ж";
  EXPECT_EQ(ErrorOf(longest, ""), "");
  EXPECT_EQ(ErrorOf(absl::StrCat("<b>", longest, "</b>"), "HTML"), "");
  EXPECT_EQ(ErrorOf(longest + "ж", ""), "message is too long");
  EXPECT_EQ(ErrorOf(std::string(kMaxRawTextBytes + 1, 'a'), ""), "text is too long");
}

TEST(TextTest, EmptyTextsAreRefused) {
  EXPECT_EQ(ErrorOf("", ""), "message text is empty");
  EXPECT_EQ(ErrorOf(" \n ", ""), "text must be non-empty");
  EXPECT_EQ(ErrorOf("<b> </b>", "html"), "text must be non-empty");
  EXPECT_EQ(ErrorOf("\xC3", ""), "strings must be encoded in UTF-8");
  EXPECT_EQ(ErrorOf("hi", "BBCode"), "unsupported parse_mode");
}

TEST(HtmlTest, TagsBecomeEntities) {
  const auto text = Format(
      "<b>Bold <i>both</i></b> &lt;tag&gt; &#1078;&#x1F600; <a "
      "href=\"https://e.org/?a=1&amp;b=2\">link</a>",
      "HTML");
  ASSERT_TRUE(text.ok());
  EXPECT_EQ(text->text, "Bold both <tag> ж😀 link");
  EXPECT_THAT(
      text->entities,
      ElementsAre(
          Entity{.type = "bold", .offset = 0, .length = 9},
          Entity{.type = "italic", .offset = 5, .length = 4},
          Entity{.type = "text_link", .offset = 20, .length = 4, .url = "https://e.org/?a=1&b=2"}));
}

TEST(HtmlTest, CodeKeepsItsLanguageInsidePreOnly) {
  EXPECT_THAT(Format("<pre><code class=\"language-cpp\">int x;</code></pre>", "HTML")->entities,
              ElementsAre(Entity{.type = "pre", .offset = 0, .length = 6, .language = "cpp"}));
  EXPECT_THAT(Format("<code class=\"language-cpp\">x</code>", "HTML")->entities,
              ElementsAre(Entity{.type = "code", .offset = 0, .length = 1}));
}

TEST(HtmlTest, OnlyAddressesBecomeLinks) {
  const auto url = [](std::string_view href) {
    const auto text = *Format(absl::StrCat("<a href='", href, "'>x</a>"), "HTML");
    return text.entities.empty() ? "" : text.entities[0].url;
  };
  EXPECT_EQ(url("https://e.org"), "https://e.org");
  EXPECT_EQ(url("e.org/a:b"), "http://e.org/a:b");
  EXPECT_EQ(url("tg://user?id=1"), "tg://user?id=1");
  EXPECT_EQ(url("javascript:alert(document.cookie)"), "");
  EXPECT_EQ(url("nothing"), "");
}

TEST(HtmlTest, TrimmingShiftsEntities) {
  const auto text = Format("\n  <b>a b </b>", "HTML");
  EXPECT_EQ(text->text, "a b");
  EXPECT_THAT(text->entities, ElementsAre(Entity{.type = "bold", .offset = 0, .length = 3}));
}

TEST(HtmlTest, MistakesAreWordedAsTelegramWordsThem) {
  EXPECT_EQ(ErrorOf("a <div>b</div>", "HTML"),
            "can't parse entities: Unsupported start tag \"div\" at byte offset 2");
  EXPECT_EQ(ErrorOf("1 < 2", "HTML"),
            "can't parse entities: Unsupported start tag \"\" at byte offset 2");
  EXPECT_EQ(ErrorOf("<b>x", "HTML"),
            "can't parse entities: Can't find end tag corresponding to start tag \"b\"");
  EXPECT_EQ(ErrorOf("x</b>", "HTML"), "can't parse entities: Unexpected end tag at byte offset 1");
  EXPECT_EQ(ErrorOf("<b>x</i>", "HTML"),
            "can't parse entities: Unmatched end tag at byte offset 4, expected \"</b>\", found "
            "\"</i>\"");
  EXPECT_EQ(ErrorOf("<b", "HTML"), "can't parse entities: Unclosed start tag at byte offset 0");
  EXPECT_EQ(ErrorOf("<span>x</span>", "HTML"),
            "can't parse entities: Tag \"span\" must have class \"tg-spoiler\" at byte offset 0");
}

TEST(HtmlTest, EscapedTextComesBackAsItWas) {
  std::mt19937 random(20'240'101);
  const std::string letters[] = {"a", "<", ">", "&", "\"", "'", "ж", "😀",
                                 "/", "b", ";", "#", "\n", "=", " x"};
  for (int round = 0; round < 2'000; ++round) {
    std::string text = "x";
    for (int i = std::uniform_int_distribution<>(0, 20)(random); i > 0; --i) {
      text += letters[random() % std::size(letters)];
    }
    text += "x";
    const std::string escaped =
        absl::StrReplaceAll(text, {{"&", "&amp;"}, {"<", "&lt;"}, {">", "&gt;"}});
    const auto parsed = ParseHtml(escaped);
    ASSERT_TRUE(parsed.ok()) << escaped;
    EXPECT_EQ(parsed->text, text);
    const auto bold = ParseHtml(absl::StrCat("<b>", escaped, "</b>"));
    ASSERT_TRUE(bold.ok());
    EXPECT_THAT(bold->entities,
                ElementsAre(Entity{.type = "bold", .offset = 0, .length = Utf16Units(text)}));
  }
}

TEST(HtmlTest, GarbageNeverBreaksTheParser) {
  std::mt19937 random(7);
  const std::string pieces[] = {"<", ">",  "/", "b",   "a",    " href", "=",   "\"",   "'",  "&",
                                "#", "x1", ";", "&lt", "</b>", "<b>",   "pre", "code", "\\", "`",
                                "*", "_",  "[", "]",   "(",    ")",     "|",   "é"};
  for (int round = 0; round < 5'000; ++round) {
    std::string text;
    for (int i = 0; i < 12; ++i) text += pieces[random() % std::size(pieces)];
    for (const char* mode : {"HTML", "MarkdownV2", "Markdown"}) {
      const auto parsed = Format(text, mode);
      if (!parsed.ok()) continue;
      for (const Entity& entity : parsed->entities) {
        EXPECT_GT(entity.length, 0) << text;
        EXPECT_LE(entity.offset + entity.length, Utf16Units(parsed->text)) << mode << text;
      }
    }
  }
}

TEST(MarkdownTest, V2MarksNestAndEscape) {
  const auto text = Format(
      "*bold _both_* __u__ ~s~ ||spoiler|| `code\\`` [link](https://e.org/\\)) 1\\.", "MarkdownV2");
  ASSERT_TRUE(text.ok()) << text.status();
  EXPECT_EQ(text->text, "bold both u s spoiler code` link 1.");
  EXPECT_THAT(
      text->entities,
      ElementsAre(
          Entity{.type = "bold", .offset = 0, .length = 9},
          Entity{.type = "italic", .offset = 5, .length = 4},
          Entity{.type = "underline", .offset = 10, .length = 1},
          Entity{.type = "strikethrough", .offset = 12, .length = 1},
          Entity{.type = "spoiler", .offset = 14, .length = 7},
          Entity{.type = "code", .offset = 22, .length = 5},
          Entity{.type = "text_link", .offset = 28, .length = 4, .url = "https://e.org/)"}));
}

TEST(MarkdownTest, PreHasALanguage) {
  EXPECT_THAT(Format("```cpp\nint x;\n```", "MarkdownV2")->entities,
              ElementsAre(Entity{.type = "pre", .offset = 0, .length = 6, .language = "cpp"}));
}

TEST(MarkdownTest, MistakesAreWordedAsTelegramWordsThem) {
  EXPECT_EQ(ErrorOf("Done.", "MarkdownV2"),
            "can't parse entities: Character '.' is reserved and must be escaped with the "
            "preceding '\\'");
  EXPECT_EQ(ErrorOf("*bold", "MarkdownV2"),
            "can't parse entities: Can't find end of Bold entity at byte offset 0");
  EXPECT_EQ(ErrorOf("a *bold", "Markdown"),
            "can't parse entities: Can't find end of the entity starting at byte offset 2");
  EXPECT_EQ(ErrorOf("[a](b", "MarkdownV2"),
            "can't parse entities: Can't find end of a URL at byte offset 4");
}

TEST(Utf8Test, OnlyShortestFormsOfRealCharactersCount) {
  EXPECT_TRUE(IsUtf8("aж€😀"));
  for (const char* bad :
       {"\x80", "\xC0\x80", "\xE0\x80\x80", "\xED\xA0\x80", "\xF4\x90\x80\x80", "\xF0\x9F"}) {
    EXPECT_FALSE(IsUtf8(bad));
  }
  EXPECT_EQ(CodePoints("aж😀"), 3);
  EXPECT_EQ(Utf16Units("aж😀"), 4);
}

}  // namespace
}  // namespace selfology::telegram_emulator
