#include "services/coaching/lib/lexicon/lexicon.h"

#include <set>
#include <string>
#include <vector>

#include "absl/strings/str_cat.h"
#include "absl/strings/str_join.h"
#include "absl/strings/str_split.h"
#include "gmock/gmock.h"
#include "google/protobuf/text_format.h"
#include "gtest/gtest.h"
#include "services/coaching/lib/lexicon/lists.h"

namespace selfology::lexicon {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

class LexiconTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(lexicon_.ok()) << lexicon_.status(); }
  Lexicon::Match Find(std::string_view text) { return lexicon_->Find(SplitWords(text), 0); }
  bool Tells(std::string_view text, Theme theme) {
    for (const Group* group : Find(text).groups) {
      if (group->theme() == theme) return true;
    }
    return false;
  }
  static std::vector<WordList> Lists() {
    std::vector<WordList> lists(2);
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(std::string(kEnglishTextproto), &lists[0]));
    EXPECT_TRUE(
        google::protobuf::TextFormat::ParseFromString(std::string(kRussianTextproto), &lists[1]));
    return lists;
  }

  absl::StatusOr<Lexicon> lexicon_ = Lexicon::BuiltIn();
};

TEST_F(LexiconTest, FindsStemsAndWholeWords) {
  EXPECT_TRUE(Tells("creating", CREATIVITY));
  EXPECT_TRUE(Tells("art", CREATIVITY));
  EXPECT_FALSE(Tells("article", CREATIVITY));
  EXPECT_TRUE(Tells("рисовала", CREATIVITY));
  EXPECT_TRUE(Tells("семьёй", FAMILY));
}

TEST_F(LexiconTest, LeavesOutExceptions) {
  EXPECT_TRUE(Tells("менять", CHANGE));
  EXPECT_FALSE(Tells("меня", CHANGE));
  EXPECT_FALSE(Tells("creatures", CREATIVITY));
}

TEST_F(LexiconTest, PrefersTheLongestPhrase) {
  const Lexicon::Match match = Find("give up now");
  EXPECT_EQ(match.words, 2);
  const Lexicon::Match not_only = Find("not only that");
  EXPECT_EQ(not_only.words, 2);
  ASSERT_EQ(not_only.groups.size(), 1u);
  EXPECT_EQ(not_only.groups[0]->mark_size(), 0) << "its \"not\" negates nothing";
}

TEST_F(LexiconTest, DoesNotReadPhrasesAcrossClauses) { EXPECT_EQ(Find("give, up").words, 1); }

TEST_F(LexiconTest, KnowsNothingOfOtherWords) {
  EXPECT_TRUE(Find("zxcvb").groups.empty());
  EXPECT_EQ(Find("zxcvb").words, 1);
}

TEST(Languages, FallBackToEnglish) {
  EXPECT_EQ(LanguageOf("ru"), Language::kRussian);
  EXPECT_EQ(LanguageOf("RU-ru"), Language::kRussian);
  EXPECT_EQ(LanguageOf("ru_RU"), Language::kRussian);
  EXPECT_EQ(LanguageOf("rue"), Language::kEnglish);
  EXPECT_EQ(LanguageOf("de"), Language::kEnglish);
  EXPECT_EQ(LanguageOf(""), Language::kEnglish);
}

TEST(Lists, SayWhereTheyAreMalformed) {
  const auto lexicon = Lexicon::Parse({"group {\n  wrds: \"a\"\n}"}, "", "");
  EXPECT_EQ(lexicon.status().code(), absl::StatusCode::kInternal);
  EXPECT_THAT(std::string(lexicon.status().message()), HasSubstr("2:"));
}

// Entries are what SplitWords makes of text, or they would never be found.
TEST_F(LexiconTest, ListsOnlyWhatCanBeFound) {
  for (const WordList& list : Lists()) {
    for (const Group& group : list.group()) {
      for (const std::string_view entry : absl::StrSplit(
               absl::StrCat(group.words(), " ", group.except()), ' ', absl::SkipEmpty())) {
        std::vector<std::string> words;
        for (std::string_view word : absl::StrSplit(entry, '_')) {
          words.emplace_back(word.substr(0, word.find('*')));
        }
        const std::string text = absl::StrJoin(words, " ");
        std::vector<std::string> read;
        for (const Word& word : SplitWords(text)) read.push_back(word.text);
        EXPECT_EQ(read, words) << entry;
      }
    }
  }
}

TEST_F(LexiconTest, ListsNothingTwiceInAGroup) {
  for (const WordList& list : Lists()) {
    for (const Group& group : list.group()) {
      std::set<std::string_view> seen;
      for (const std::string_view entry : absl::StrSplit(group.words(), ' ', absl::SkipEmpty())) {
        EXPECT_TRUE(seen.insert(entry).second) << entry;
      }
    }
  }
}

TEST_F(LexiconTest, ExceptsOnlyWhatWouldFit) {
  for (const WordList& list : Lists()) {
    for (const Group& group : list.group()) {
      for (std::string_view exception : absl::StrSplit(group.except(), ' ', absl::SkipEmpty())) {
        exception = exception.substr(0, exception.find('*'));
        bool fits = false;
        for (std::string_view entry : absl::StrSplit(group.words(), ' ', absl::SkipEmpty())) {
          if (!entry.ends_with('*')) continue;
          entry.remove_suffix(1);
          fits |= exception.starts_with(entry);
        }
        EXPECT_TRUE(fits) << exception;
      }
    }
  }
}

TEST_F(LexiconTest, CoversEveryThemeEmotionAndMarkInBothLanguages) {
  for (const WordList& list : Lists()) {
    std::set<int> themes, emotions, marks;
    for (const Group& group : list.group()) {
      themes.insert(group.theme());
      emotions.insert(group.emotion());
      marks.insert(group.mark().begin(), group.mark().end());
      EXPECT_GE(group.sentiment(), -3);
      EXPECT_LE(group.sentiment(), 3);
    }
    EXPECT_EQ(themes.size(), Theme_descriptor()->value_count());
    EXPECT_EQ(emotions.size(), Emotion_descriptor()->value_count());
    EXPECT_EQ(marks.size() + 1, Mark_descriptor()->value_count());
  }
}

// What the contracts ask of briefs and themes.
TEST_F(LexiconTest, HasPhrasesThatFit) {
  for (const Language language : {Language::kEnglish, Language::kRussian}) {
    for (const ThemePhrases& theme : lexicon_->phrases(language).theme()) {
      EXPECT_GT(theme.pattern().size(), 10u) << theme.ShortDebugString();
      EXPECT_LT(theme.pattern().size(), 300u) << theme.pattern();
      EXPECT_THAT(theme.pattern(), Not(HasSubstr("$")));
      EXPECT_FALSE(theme.word().empty());
    }
  }
}

}  // namespace
}  // namespace selfology::lexicon
