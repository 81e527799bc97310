#include "services/platform/notification/mail/mail_writer.h"

#include <random>
#include <string>
#include <vector>

#include "absl/strings/escaping.h"
#include "absl/strings/str_cat.h"
#include "absl/strings/str_replace.h"
#include "absl/strings/str_split.h"
#include "common/text/utf8.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

// What a reader makes of it.
std::string Decoded(std::string_view quoted) {
  std::string text;
  for (size_t i = 0; i < quoted.size(); ++i) {
    if (quoted[i] != '=') {
      text += quoted[i];
    } else if (quoted.substr(i + 1, 2) == "\r\n") {
      i += 2;
    } else {
      text += absl::HexStringToBytes(quoted.substr(i + 1, 2));
      i += 2;
    }
  }
  return text;
}

std::string DecodedWords(std::string_view words) {
  if (words.find("=?UTF-8?B?") == std::string_view::npos) return std::string(words);
  std::string text;
  for (const std::string_view word : absl::StrSplit(words, "\r\n ")) {
    EXPECT_LE(word.size(), 75u);
    std::string bytes;
    EXPECT_TRUE(absl::Base64Unescape(word.substr(10, word.size() - 12), &bytes));
    // Each word is characters, whole ones (RFC 2047, 5).
    for (std::string_view rest = bytes; !rest.empty();) {
      EXPECT_NE(text::TakeCharacter(rest), 0u);
    }
    text += bytes;
  }
  return text;
}

std::string Random(std::mt19937& random, size_t length) {
  const char* const pieces[] = {"a",  "ж", "漢", "🙂", " ",  "=",   "?",     "\n", "\r\n",
                                "\t", ".", "-",  "\"", "\\", "=?U", "From ", "_",  "x@y"};
  std::string text;
  for (size_t i = 0; i < length; ++i) text += pieces[random() % std::size(pieces)];
  return text;
}

TEST(MailWriterTest, QuotedPrintableComesBackAsItWas) {
  std::mt19937 random(20261130);  // Seeded: the same texts each time.
  for (int i = 0; i < 3000; ++i) {
    const std::string text = Random(random, random() % 200);
    const std::string quoted = QuotedPrintable(text);
    for (const std::string_view line : absl::StrSplit(quoted, "\r\n")) {
      EXPECT_LE(line.size(), 76u);
      EXPECT_FALSE(!line.empty() && (line.back() == ' ' || line.back() == '\t'));
      EXPECT_TRUE(line.empty() || line[0] != '.');
      for (const char c : line) EXPECT_TRUE((c >= 0x20 && c < 0x7f) || c == '\t');
    }
    EXPECT_EQ(absl::StrReplaceAll(Decoded(quoted), {{"\r\n", "\n"}}),
              absl::StrReplaceAll(text, {{"\r\n", "\n"}}));
  }
  EXPECT_EQ(QuotedPrintable("a\rb"), "a=0Db");
}

TEST(MailWriterTest, HeaderWordsComeBackAsTheyWere) {
  EXPECT_EQ(HeaderWords("Hello there"), "Hello there");
  EXPECT_EQ(HeaderWords("Привет"), "=?UTF-8?B?0J/RgNC40LLQtdGC?=");
  EXPECT_EQ(DecodedWords(HeaderWords("=?UTF-8?B?x?=")), "=?UTF-8?B?x?=") << "what looks like one";
  std::mt19937 random(20261130);
  for (int i = 0; i < 3000; ++i) {
    std::string text = Random(random, random() % 150);
    const std::string words = HeaderWords(text);
    for (const std::string_view line : absl::StrSplit(words, "\r\n")) {
      EXPECT_THAT(std::string(line), Not(HasSubstr("\n")));
    }
    std::string expected = absl::StrReplaceAll(text, {{"\r\n", "  "}, {"\n", " "}, {"\t", " "}});
    EXPECT_EQ(DecodedWords(words), std::string(absl::StripAsciiWhitespace(expected)));
  }
}

TEST(MailWriterTest, WritesAWholeMail) {
  const std::string mail = WriteMail({.from_name = "Selfology \"Bot\"",
                                      .from = "bot@example.org",
                                      .to = "ann@example.org",
                                      .subject = "Срок: чай",
                                      .message_id = "d1@example.org",
                                      .date = absl::FromUnixSeconds(1'796'400'000),
                                      .text = "Чай.\n",
                                      .html = "<p>Чай.</p>\n",
                                      .unsubscribe_url = "https://example.org/u/abc"});
  EXPECT_THAT(mail, HasSubstr("Date: Fri, 04 Dec 2026 16:00:00 +0000\r\n"));
  EXPECT_THAT(mail, HasSubstr("From: \"Selfology \\\"Bot\\\"\" <bot@example.org>\r\n"));
  EXPECT_THAT(mail, HasSubstr("To: <ann@example.org>\r\n"));
  EXPECT_THAT(mail, HasSubstr("Message-ID: <d1@example.org>\r\n"));
  EXPECT_THAT(mail, HasSubstr("List-Unsubscribe: <https://example.org/u/abc>\r\n"
                              "List-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
  EXPECT_THAT(mail, HasSubstr("Content-Type: text/plain; charset=utf-8\r\n"));
  EXPECT_THAT(mail, HasSubstr("=D0=A7=D0=B0=D0=B9.\r\n"));
  for (const std::string_view line : absl::StrSplit(mail, "\r\n")) {
    EXPECT_LE(line.size(), 998u);
    for (const char c : line) EXPECT_TRUE(c >= 0x20 && c < 0x7f) << line;
  }
}

TEST(MailWriterTest, NothingThatAPersonWroteBeginsAHeader) {
  const std::string mail = WriteMail({.from_name = "x\r\nBcc: all@example.org",
                                      .from = "bot@example.org",
                                      .to = "ann@example.org",
                                      .subject = "x\r\nBcc: all@example.org\r\n\r\nbody",
                                      .message_id = "d1@example.org",
                                      .date = absl::UnixEpoch(),
                                      .text = "x"});
  EXPECT_THAT(mail, Not(HasSubstr("\nBcc:")));
}

TEST(MailWriterTest, KnowsAddresses) {
  EXPECT_TRUE(IsMailAddress("ann@example.org"));
  EXPECT_TRUE(IsMailAddress("анна@пример.рф"));
  for (const char* bad :
       {"", "ann", "@x", "ann@", "a b@x", "a@b@c", "<a@b>", "a@b\r\nX: y", "a,b@c"}) {
    EXPECT_FALSE(IsMailAddress(bad)) << bad;
  }
}

}  // namespace
}  // namespace selfology::notification
