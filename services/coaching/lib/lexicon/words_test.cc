#include "services/coaching/lib/lexicon/words.h"

#include <random>
#include <string>
#include <vector>

#include "gmock/gmock.h"
#include "gtest/gtest.h"

namespace selfology::lexicon {
namespace {

using ::testing::ElementsAre;

std::vector<std::string> Texts(std::string_view text) {
  std::vector<std::string> texts;
  for (const Word& word : SplitWords(text)) texts.push_back(word.text);
  return texts;
}

TEST(SplitWords, LowersLatinAndCyrillic) {
  EXPECT_THAT(Texts("Hello МИР, Ёлка ÉCOLE"), ElementsAre("hello", "мир", "елка", "école"));
}

TEST(SplitWords, KeepsWhatJoinsAWord) {
  EXPECT_THAT(Texts("I don’t like 'quoted' co-workers - кто-то"),
              ElementsAre("i", "don't", "like", "quoted", "co-workers", "кто-то"));
}

TEST(SplitWords, KnowsWhereWordsStand) {
  const std::string_view text = "Ёлка — don’t :) go";
  std::vector<std::string_view> parts;
  for (const Word& word : SplitWords(text)) {
    parts.push_back(text.substr(word.begin, word.end - word.begin));
  }
  EXPECT_THAT(parts, ElementsAre("Ёлка", "don’t", ":)", "go"));
}

TEST(SplitWords, TakesEmojiAndSmileysAsWords) {
  EXPECT_THAT(Texts("ok👍🏽 ❤️:-) привет)))  (note)"),
              ElementsAre("ok", "👍", "❤", ":)", "привет", ":)", "note"));
}

TEST(SplitWords, MarksClausesAndSentences) {
  const std::vector<Word> words = SplitWords("Yes, I do. Why");
  ASSERT_EQ(words.size(), 4u);
  EXPECT_TRUE(words[0].ends_clause);
  EXPECT_FALSE(words[0].ends_sentence);
  EXPECT_TRUE(words[2].ends_sentence);
  EXPECT_FALSE(words[3].ends_clause);
}

TEST(SplitWords, TellsScripts) {
  const std::vector<Word> words = SplitWords("дом house 42");
  ASSERT_EQ(words.size(), 3u);
  EXPECT_EQ(words[0].script, Script::kCyrillic);
  EXPECT_EQ(words[1].script, Script::kLatin);
  EXPECT_EQ(words[2].script, Script::kOther);
}

// Whatever the bytes: it ends, takes all of them, and gives words that are not empty.
TEST(SplitWords, TakesAnyBytes) {
  std::mt19937 random(7);
  for (int round = 0; round < 2000; ++round) {
    std::string text(random() % 40, '\0');
    for (char& byte : text) byte = static_cast<char>(random());
    for (const Word& word : SplitWords(text)) EXPECT_FALSE(word.text.empty());
  }
}

}  // namespace
}  // namespace selfology::lexicon
