#include "services/coaching/lib/reflection/asked.h"

#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_split.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/reflection/examples.h"

namespace selfology::reflection {
namespace {

using language::Language;

// "that is what calms you"; "-" for a question that is no part of anything.
std::string Part(Language language, std::string_view question) {
  const std::optional<Asked> asked = AskedIn(language, question);
  if (!asked.has_value()) return "-";
  const std::string part = absl::StrCat(asked->link, " ", asked->told);
  return asked->told_otherwise.empty() ? part : absl::StrCat(part, " / ", asked->told_otherwise);
}

// Every question that the bank has had.
TEST(AskedIn, ReadsTheQuestionsThatAreAsked) {
  for (const Language language : language::kLanguages) {
    const std::string text(language == Language::kRussian ? examples::kRussianQuestionsTsv
                                                          : examples::kEnglishQuestionsTsv);
    int questions = 0;
    for (const std::string& line : std::vector<std::string>(absl::StrSplit(text, '\n'))) {
      if (line.empty() || line[0] == '#') continue;
      const std::vector<std::string> fields = absl::StrSplit(line, '\t');
      ASSERT_EQ(fields.size(), 2u) << line;
      EXPECT_EQ(Part(language, fields[0]), fields[1]) << fields[0];
      ++questions;
    }
    EXPECT_GE(questions, 250);
  }
}

TEST(AskedIn, IsNoPartOfAnythingWhereNobodyIsAsked) {
  for (const char* none : {"", "Tell me.", "Do you sleep well?", "Why?", "Who or what?",
                           "With whom or where?", "Who or what calms?"}) {
    EXPECT_EQ(Part(Language::kEnglish, none), "-") << none;
  }
  for (const char* none :
       {"", "Расскажите.", "Вы хорошо спите?", "Что ты любишь?", "Кто или что?"}) {
    EXPECT_EQ(Part(Language::kRussian, none), "-") << none;
  }
}

TEST(AskedIn, KnowsWhatKindOfAnswerFits) {
  const auto kind = [](Language language, std::string_view question) {
    const std::optional<Asked> asked = AskedIn(language, question);
    EXPECT_TRUE(asked.has_value()) << question;
    return asked.has_value() ? asked->what : AskedFor::kThing;
  };
  EXPECT_EQ(kind(Language::kEnglish, "Whose company have you enjoyed lately?"), AskedFor::kPerson);
  EXPECT_EQ(kind(Language::kEnglish, "In which situations do you feel at ease?"), AskedFor::kTime);
  EXPECT_EQ(kind(Language::kEnglish, "How have you been sleeping?"), AskedFor::kManner);
  EXPECT_EQ(kind(Language::kEnglish, "Which advice do you often give?"), AskedFor::kWords);
  EXPECT_EQ(kind(Language::kEnglish, "Which feeling have you had most?"), AskedFor::kDescription);
  EXPECT_EQ(kind(Language::kRussian, "Где вам приходят лучшие идеи?"), AskedFor::kPlace);
  EXPECT_EQ(kind(Language::kRussian, "С кем вам легко молчать?"), AskedFor::kPerson);
  EXPECT_EQ(kind(Language::kRussian, "Сколько общения вам нужно?"), AskedFor::kAmount);
  EXPECT_EQ(AskedIn(Language::kRussian, "С кем вам легко молчать?")->preposition, "с");
}

}  // namespace
}  // namespace selfology::reflection
