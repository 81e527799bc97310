#include <map>
#include <set>
#include <string>
#include <utility>

#include "gtest/gtest.h"
#include "services/coaching/lib/safety/safety.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::safety {
namespace {

class TablesTest : public ::testing::Test {
 protected:
  void SetUp() override { ASSERT_TRUE(tables_.ok()) << tables_.status(); }
  absl::StatusOr<Tables> tables_ = Tables::Parse();
};

// Parse refuses a rule that names a concept without words; here the other way round.
TEST_F(TablesTest, UseEveryConcept) {
  // Read by the code, not by rules.
  const std::set<std::string> read = {
      "NEG",     "NEG_FAR",   "CONTRAST",   "I",       "ME",       "MY",      "MYSELF",
      "VERB1",   "BASE_VERB", "HE",         "HIMSELF", "VERB3",    "PERSON",  "PEOPLE",
      "YOU",     "WE",        "IDIOM",      "YES",     "NO",       "PERHAPS", "FEAR",
      "FICTION", "GAME",      "WORK_TOPIC", "LAUGH",   "QUESTION", "RECENT",  "NUMBER",
      "MANY",    "BOT_WORD",  "AGREE_WORD"};
  for (int id = 0; id < tables_->vocabulary.size(); ++id) {
    const bool used = tables_->danger.used().test(id) || tables_->follow_up.used().test(id) ||
                      tables_->reply.used().test(id);
    EXPECT_TRUE(used || read.contains(tables_->vocabulary.Name(id)))
        << tables_->vocabulary.Name(id);
  }
}

TEST_F(TablesTest, NameRulesOnceAndWhatTheyFind) {
  std::set<std::string> names, classes;
  for (const Danger danger : kDangers) classes.insert(std::string(NameOf(danger)));
  for (const Rule& rule : tables_->danger.rules()) {
    EXPECT_TRUE(names.insert(rule.name()).second) << rule.name();
    std::string finds = rule.finds();
    for (char& c : finds) c = static_cast<char>(std::tolower(static_cast<unsigned char>(c)));
    if (finds == "everyday") {  // No danger, so without a level.
      EXPECT_EQ(rule.level(), "") << rule.name();
      continue;
    }
    EXPECT_TRUE(classes.contains(finds)) << rule.name();
    EXPECT_TRUE(rule.level() == "ACT" || rule.level() == "ASK" || rule.level() == "DOUBT")
        << rule.name();
    EXPECT_TRUE(rule.who().empty() || rule.who() == "SELF" || rule.who() == "OTHER" ||
                rule.who() == "ANY" || rule.who() == "DOER" || rule.who() == "WRITER")
        << rule.name();
  }
}

// A rule whose `unless` has a concept that all of its patterns need can never fit.
TEST_F(TablesTest, HaveNoRuleThatRulesItselfOut) {
  for (const Rule& rule : tables_->danger.rules()) {
    for (const std::string& match : rule.match()) {
      for (const std::string& conditions : {rule.unless(), rule.unless_near()}) {
        const std::string padded = " " + conditions + " ";
        std::string term;
        for (const char c : match + " ") {
          if (c != ' ') {
            term += c;
            continue;
          }
          const std::string needed = std::exchange(term, "");
          if (needed.empty() || needed.find('|') != std::string::npos || needed.ends_with('?')) {
            continue;
          }
          const size_t skip = needed[0] == '+' || needed[0] == '-' ? 1 : 0;
          EXPECT_EQ(padded.find(" " + needed.substr(skip) + " "), std::string::npos)
              << rule.name() << ": " << match;
        }
      }
    }
  }
}

TEST_F(TablesTest, RefuseWhatIsMalformed) {
  EXPECT_FALSE(Vocabulary::Parse({"entry { nam: \"A\" }"}, "").ok());
  EXPECT_FALSE(Vocabulary::Parse({"entry { name: \"A\" words: \"ab*\" }"}, "").ok());
  const auto vocabulary = Vocabulary::Parse({"entry { name: \"A\" words: \"word\" }"}, "");
  ASSERT_TRUE(vocabulary.ok());
  EXPECT_FALSE(RuleSet::Parse({"rule { name: \"r\" match: \"B\" }"}, *vocabulary).ok());
  EXPECT_FALSE(RuleSet::Parse({"rule { name: \"r\" }"}, *vocabulary).ok());
  EXPECT_FALSE(RuleSet::Parse({"rule { name: \"r\" match: \"[x] A\" }"}, *vocabulary).ok());
  EXPECT_TRUE(RuleSet::Parse({"rule { name: \"r\" match: \"^ +A [3] A? $\" }"}, *vocabulary).ok());
}

TEST_F(TablesTest, CorrectNoWordThatExists) {
  for (const char* word : {"will", "save", "love", "chances", "детали", "время", "белье"}) {
    const Token token{.text = word, .alphabet = Alphabet::kLatin};
    if (tables_->vocabulary.Knows(word)) continue;
    EXPECT_EQ(tables_->vocabulary.Corrected(token), "") << word;
  }
}

TEST(FromLatin, SpellsRussian) {
  EXPECT_EQ(FromLatin("hochu"), "хочу");
  EXPECT_EQ(FromLatin("zhit"), "жить");
  EXPECT_EQ(FromLatin("ya"), "я");
  EXPECT_EQ(FromLatin("a1"), "");
}

}  // namespace
}  // namespace selfology::safety
