#include "services/edge/telegram_gateway/bot_api/telegram_text.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/ascii.h"
#include "absl/strings/match.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "common/text/html.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::telegram_gateway {
namespace {

using ::testing::ElementsAre;
using ::testing::SizeIs;

std::string WithoutSpace(std::string text) {
  std::erase_if(text, [](char c) { return absl::ascii_isspace(static_cast<unsigned char>(c)); });
  return text;
}

std::string Joined(const std::vector<std::string>& pieces) {
  std::string joined;
  for (const std::string& piece : pieces) joined += piece;
  return joined;
}

std::string WordsAlone(std::string_view html) {
  std::string text;
  bool in_tag = false;
  for (const char c : html) {
    if (c == '<') in_tag = true;
    if (!in_tag) text += c;
    if (c == '>') in_tag = false;
  }
  return text;
}

std::string Shown(std::string_view html) {
  return absl::StrReplaceAll(WordsAlone(html),
                             {{"&lt;", "<"}, {"&gt;", ">"}, {"&amp;", "&"}, {"&quot;", "\""}});
}

// Every tag is closed, the last opened first.
bool IsBalanced(std::string_view html) {
  std::vector<std::string> open;
  while (true) {
    const size_t begin = html.find('<');
    if (begin == std::string_view::npos) return open.empty();
    const size_t end = html.find('>', begin);
    const std::string tag(html.substr(begin + 1, end - begin - 1));
    html.remove_prefix(end + 1);
    if (tag[0] != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    } else if (open.empty() || open.back() != tag.substr(1)) {
      return false;
    } else {
      open.pop_back();
    }
  }
}

TEST(Utf16UnitsTest, CountsAsTelegramDoes) {
  EXPECT_EQ(Utf16Units(""), 0);
  EXPECT_EQ(Utf16Units("abc"), 3);
  EXPECT_EQ(Utf16Units("Привет"), 6);
  EXPECT_EQ(Utf16Units("😀"), 2);
  EXPECT_EQ(Utf16Units("\xff\xf0\x9f"), 3);  // No UTF-8: byte by byte.
}

TEST(SplitPlainTest, LeavesWhatFitsAlone) {
  EXPECT_THAT(SplitPlain("Hello."), ElementsAre("Hello."));
  EXPECT_THAT(SplitPlain(std::string(4096, 'x')), SizeIs(1));
  EXPECT_THAT(SplitPlain(std::string(4097, 'x')), SizeIs(2));
  EXPECT_THAT(SplitPlain(" \n "), SizeIs(0));
}

TEST(SplitPlainTest, CutsWhereAReaderPauses) {
  EXPECT_THAT(SplitPlain("One two. Three four. Five", 21),
              ElementsAre("One two. Three four.", "Five"));
  EXPECT_THAT(SplitPlain("One two three\n\nFour. Five six", 24),
              ElementsAre("One two three", "Four. Five six"));
  EXPECT_THAT(SplitPlain("one two three four", 12), ElementsAre("one two", "three four"));
  EXPECT_THAT(SplitPlain("Да. Нет… Может быть", 12), ElementsAre("Да. Нет…", "Может быть"));
  EXPECT_THAT(SplitPlain("aaaaaaaaaa", 4), ElementsAre("aaaa", "aaaa", "aa"));
}

TEST(SplitPlainTest, NeverCutsACharacter) {
  EXPECT_THAT(SplitPlain("😀😀😀", 3), ElementsAre("😀", "😀", "😀"));
}

TEST(SplitPlainTest, KeepsEveryWordAndEveryLimit) {
  std::mt19937 random(20251001);
  const std::vector<std::string> words = {"a",    "word", "слово", "😀", " ",  "  ",
                                          "\n",   "\n\n", ". ",    "! ", "… ", "looooooooooooong",
                                          "\xff", "\t",   "?"};
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const int length = static_cast<int>(random() % 80);
    for (int i = 0; i < length; ++i) text += words[random() % words.size()];
    const int limit = 2 + static_cast<int>(random() % 40);
    const std::vector<std::string> pieces = SplitPlain(text, limit);
    ASSERT_EQ(WithoutSpace(Joined(pieces)), WithoutSpace(text));
    for (const std::string& piece : pieces) {
      ASSERT_LE(Utf16Units(piece), limit);
      ASSERT_FALSE(WithoutSpace(piece).empty());
    }
    // Cuts may waste half of a message, not more.
    ASSERT_LE(static_cast<int>(pieces.size()), 1 + 2 * Utf16Units(text) / std::max(1, limit - 1));
  }
}

TEST(SplitHtmlTest, ClosesAndOpensTagsAtTheCut) {
  EXPECT_THAT(SplitHtml("<b>one two three four</b>", 12),
              ElementsAre("<b>one two</b>", "<b>three four</b>"));
  EXPECT_THAT(SplitHtml("<a href=\"http://x\">one two</a> three", 8),
              ElementsAre("<a href=\"http://x\">one two</a>", "three"));
}

TEST(SplitHtmlTest, CountsWhatIsSeen) {
  EXPECT_THAT(SplitHtml("&lt;&lt;&lt;&lt;", 4), SizeIs(1));
  EXPECT_THAT(SplitHtml("<b></b><i>abcd</i>", 4), SizeIs(1));
  EXPECT_THAT(SplitHtml("&lt;&amp;&gt;&quot;", 2), ElementsAre("&lt;&amp;", "&gt;&quot;"));
}

TEST(SplitHtmlTest, KeepsEveryWordTagAndLimit) {
  std::mt19937 random(20251002);
  for (int round = 0; round < 2000; ++round) {
    std::string html;
    std::vector<std::string> open;
    const int length = static_cast<int>(random() % 60);
    for (int i = 0; i < length; ++i) {
      switch (random() % 6) {
        case 0: {
          const std::vector<std::string> tags = {"b", "i", "u", "code"};
          open.push_back(tags[random() % tags.size()]);
          absl::StrAppend(&html, "<", open.back(), ">");
          break;
        }
        case 1:
          if (open.empty()) break;
          absl::StrAppend(&html, "</", open.back(), ">");
          open.pop_back();
          break;
        case 2:
          html += text::EscapeHtml("<&\">");
          break;
        default: {
          const std::vector<std::string> words = {"word", " ", "слово. ", "😀", "\n\n", "x"};
          html += words[random() % words.size()];
        }
      }
    }
    for (; !open.empty(); open.pop_back()) absl::StrAppend(&html, "</", open.back(), ">");
    const int limit = 2 + static_cast<int>(random() % 30);
    const std::vector<std::string> pieces = SplitHtml(html, limit);
    ASSERT_EQ(WithoutSpace(Shown(Joined(pieces))), WithoutSpace(Shown(html)));
    for (const std::string& piece : pieces) {
      ASSERT_LE(Utf16Units(Shown(piece)), limit) << piece;
      ASSERT_TRUE(IsBalanced(piece)) << piece;
      ASSERT_FALSE(WithoutSpace(Shown(piece)).empty());
    }
  }
}

TEST(SplitHtmlTest, BearsWhatIsNoHtml) {
  std::mt19937 random(20251003);
  const std::string letters = "<>/&;b a\"#x😀\n";
  for (int round = 0; round < 2000; ++round) {
    std::string text;
    const int length = static_cast<int>(random() % 60);
    for (int i = 0; i < length; ++i) text += letters[random() % letters.size()];
    const int limit = 2 + static_cast<int>(random() % 10);
    SplitHtml(text, limit);
    for (const std::string& piece : SplitPlain(text, limit)) ASSERT_LE(Utf16Units(piece), limit);
  }
}

TEST(FaultInHtmlTest, FindsWhatTelegramWouldRefuse) {
  for (const std::string_view good :
       {"", "words", "a &lt; b & c > d", "<b>x</b>", "<b>x<i>y</i></b>", "<B>x</b>",
        "<a href=\"https://a.b/?c=d\">x</a>", "<tg-spoiler>x</tg-spoiler>",
        "<blockquote expandable>x</blockquote>",
        "<pre><code class=\"language-cpp\">x</code></pre>"}) {
    EXPECT_EQ(FaultInHtml(good), "") << good;
  }
  for (const std::string_view bad : {"a < b", "<", "x<b", "<b>x", "x</b>", "<b>x<i>y</b></i>",
                                     "<b>x</i>", "<p>x</p>", "x<br>y", "<b>x</b></b>"}) {
    EXPECT_NE(FaultInHtml(bad), "") << bad;
    EXPECT_EQ(FaultInHtml(WithoutTags(bad)), "") << bad;
  }
}

TEST(WithoutTagsTest, KeepsTheWords) {
  EXPECT_EQ(WithoutTags("<b>x<i>y</b> &amp; z</i>"), "xy &amp; z");
  EXPECT_EQ(WithoutTags("a < b"), "a &lt; b");
}

}  // namespace
}  // namespace selfology::telegram_gateway
