// An answer as sentences of words and signs.
//
//   for (const Sentence& sentence : SplitSentences("I paint… Well, I try!")) ...
//   // {i, paint} "."   {well ",", i, try} "!"
//
// Every token knows its bytes of the answer. `lower` is in lower case, "ё" as "е", every apostrophe
// as "'", every dash between words as "—". Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "absl/types/span.h"

namespace selfology::reflection {

struct Token {
  std::string text;   // As it was written.
  std::string lower;  // For comparison.
  size_t begin = 0;   // Bytes of the answer.
  size_t end = 0;
  bool word = false;    // A word or a number; else a sign.
  bool quoted = false;  // Somebody's words, within quotation marks.
  bool spaced = false;  // Something is between it and the token before.
};

struct Sentence {
  std::vector<Token> tokens;
  bool question = false;  // Ends with a question mark.
};

std::vector<Sentence> SplitSentences(std::string_view utf8);

// As text, without what no token was made of.
std::string Render(absl::Span<const Token> tokens);

// In lower case, "ё" as "е", apostrophes as "'".
std::string Lower(std::string_view utf8);
// With its first letter as a capital, or not.
std::string Capitalised(std::string_view utf8);
std::string Uncapitalised(std::string_view utf8);

// How many of its letters are capitals.
int Capitals(std::string_view utf8);

// Letters of the two alphabets.
bool IsLatin(char32_t c);
bool IsCyrillic(char32_t c);
bool IsCapital(char32_t c);
bool IsDigit(char32_t c);

}  // namespace selfology::reflection
