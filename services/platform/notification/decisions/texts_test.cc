#include "services/platform/notification/decisions/texts.h"

#include <map>
#include <set>
#include <string>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "common/text/text.h"
#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::notification {
namespace {

using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::Not;

std::map<std::string, std::string> ParametersOf(const Kind& kind) {
  std::map<std::string, std::string> parameters;
  for (const std::string_view name : absl::StrSplit(kind.parameters, ',', absl::SkipEmpty())) {
    parameters.emplace(name, absl::StrCat("value of ", name));
  }
  return parameters;
}

TEST(TextsTest, EveryKindHasWordsInEveryLanguageAndUsesItsParameters) {
  const Texts texts;
  std::set<std::string_view> names;
  for (const Kind& kind : Kinds()) {
    EXPECT_TRUE(IsKindName(kind.name)) << kind.name;
    EXPECT_TRUE(names.insert(kind.name).second) << kind.name;
    const auto parameters = ParametersOf(kind);
    for (const Language language : language::kLanguages) {
      const Words words = texts.WordsOf(kind, language, parameters);
      EXPECT_NE(words.title, "") << kind.name;
      EXPECT_THAT(words.title + words.text, Not(HasSubstr("{{"))) << kind.name;
      for (const auto& [name, value] : parameters) {
        EXPECT_THAT(words.title + words.text, HasSubstr(value)) << kind.name;
      }
    }
    if (kind.name != "generic") {
      EXPECT_NE(texts.WordsOf(kind, Language::kEnglish, parameters).title,
                texts.WordsOf(kind, Language::kRussian, parameters).title)
          << kind.name;
    }
  }
}

TEST(TextsTest, UnknownKindsHaveTheWordsTheyAreGiven) {
  EXPECT_EQ(KindOf("mood.improved").name, "generic");
  const Words words =
      Texts().WordsOf(KindOf("mood.improved"), Language::kRussian, {{"title", "A"}, {"text", "B"}});
  EXPECT_EQ(words.title, "A");
  EXPECT_EQ(words.text, "B");
}

TEST(TextsTest, PlainWordsAreNotEscapedAndTitlesAreOneLine) {
  const Words words =
      Texts().WordsOf(KindOf("task.due"), Language::kEnglish,
                      {{"title", "Tea\r\n& <cake> {{text}}\x01"}, {"text", "a\nb"}});
  EXPECT_EQ(words.title, "Due soon: Tea  & <cake> {{text}}");
  EXPECT_EQ(words.text, "a\nb");
}

TEST(TextsTest, LongWordsAreCutBetweenCharacters) {
  std::string title;
  for (int i = 0; i < 300; ++i) title += "ж";
  const Words words =
      Texts().WordsOf(KindOf("generic"), Language::kEnglish, {{"title", title}, {"text", ""}});
  EXPECT_EQ(text::Characters(words.title), kLongestTitle);
}

TEST(TextsTest, MailsEscapeWhatPeopleWrote) {
  const Texts texts;
  const MailWords words = {.title = "<script>alert(1)</script>",
                           .text = "A & B\nnext\n\n<b>bold</b>",
                           .link = "https://x.org/?a=1&b=\"2\"",
                           .button = "Open",
                           .unsubscribe = "https://x.org/u/abc"};
  const std::string html = texts.MailHtml(words);
  EXPECT_THAT(html, Not(HasSubstr("<script>")));
  EXPECT_THAT(html, Not(HasSubstr("<b>")));
  EXPECT_THAT(html, HasSubstr("A &amp; B<br>next</p>"));
  EXPECT_THAT(html, Not(HasSubstr("b=\"2\"")));
  EXPECT_THAT(html, HasSubstr("href=\"https://x.org/u/abc\""));
  const std::string plain = texts.MailText(words);
  EXPECT_THAT(plain, HasSubstr("A & B\nnext\n\n<b>bold</b>\n"));
  EXPECT_THAT(plain, HasSubstr("Unsubscribe: https://x.org/u/abc"));
}

TEST(TextsTest, LinksThatAreNoWebLinksAreLeftOut) {
  const std::string html =
      Texts().MailHtml({.title = "x", .link = "javascript:alert(1)", .button = "Open"});
  EXPECT_THAT(html, Not(HasSubstr("javascript")));
  EXPECT_THAT(html, Not(HasSubstr("<a ")));
}

TEST(TextsTest, TheUnsubscribePageAsksFirst) {
  const Texts texts;
  EXPECT_THAT(texts.UnsubscribePage("tasks", false), HasSubstr("<form method=\"post\">"));
  EXPECT_THAT(texts.UnsubscribePage("tasks", true), Not(HasSubstr("<form")));
  EXPECT_THAT(texts.UnsubscribePage("<x>", false), Not(HasSubstr("<x>")));
}

TEST(KindsTest, SaysWhichParametersAreWrong) {
  const auto wrong = [](std::string_view kind,
                        const std::map<std::string, std::string>& parameters) {
    status::FieldViolations bad;
    CheckParameters(KindOf(kind), parameters, bad);
    std::vector<std::string> fields;
    for (const auto& violation : status::Violations(bad.ToStatus()))
      fields.push_back(violation.field);
    return fields;
  };
  EXPECT_THAT(wrong("content.failed", {{"title", "x"}, {"platform", "y"}}), IsEmpty());
  EXPECT_THAT(wrong("content.failed", {{"title", " "}}),
              ::testing::ElementsAre("parameters[title]", "parameters[platform]"));
  EXPECT_THAT(wrong("other", {}), ::testing::ElementsAre("parameters[title]"));
  EXPECT_THAT(wrong("generic", {{"title", std::string(4001, 'x')}}),
              ::testing::ElementsAre("parameters[title]"));
  EXPECT_THAT(wrong("generic", {{"title", "x"}, {"A B", "x"}}),
              ::testing::ElementsAre("parameters"));
  for (const char* name : {"", ".", "a..b", "A.b", "a b", "a.b."}) EXPECT_FALSE(IsKindName(name));
}

}  // namespace
}  // namespace selfology::notification
