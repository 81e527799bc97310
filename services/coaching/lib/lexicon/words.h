// Text as words: what the word lists are looked up with.
//
//   for (const Word& word : SplitWords("I don't know… Может быть?")) ...
//   // i, don't, know, может, быть
//
// Words are in lower case, "ё" is "е", apostrophes are "'"; what joins word parts ("co-worker",
// "don't") stays. An emoji is a word; ":-)" and "))" are ":)". Bytes that are not UTF-8 end a word
// and are dropped. Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace selfology::lexicon {

enum class Script { kOther, kLatin, kCyrillic };

struct Word {
  std::string text;
  Script script = Script::kOther;
  bool ends_clause = false;  // Punctuation follows that ends a clause, or more.
  bool ends_sentence = false;
  size_t begin = 0;  // Where it stands in the text, bytes.
  size_t end = 0;
};

std::vector<Word> SplitWords(std::string_view utf8);

}  // namespace selfology::lexicon
