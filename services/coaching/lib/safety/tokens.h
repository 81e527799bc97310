// A message as words, made plain (characters.h).
//
//   SplitTokens("I… w@nt to k i l l  m y s e l f")  // i, want, to, kill, myself
//
// Each word knows which bytes of the message it was. Letters of the two alphabets within one word
// become those of one; signs and digits within a word become the letters they stand for; words that
// were spelled letter by letter are put together; "*" stays where it hides a letter. Numbers and
// emoji are words; names of accounts ("@some_channel") and web addresses are none. Bytes that are not UTF-8 end a word. Threads: pure functions.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace selfology::safety {

enum class Alphabet { kNone, kLatin, kCyrillic };

struct Token {
  std::string text;
  size_t begin = 0;  // Bytes of the message.
  size_t end = 0;
  Alphabet alphabet = Alphabet::kNone;
  bool spelled = false;      // Put together from letters: several words, perhaps.
  bool ends_clause = false;  // Punctuation follows that ends a clause, or more.
  bool ends_sentence = false;
  bool question = false;  // A question mark follows.
};

std::vector<Token> SplitTokens(std::string_view message);

// A run of one letter, three or more times, as `times` of it: "diiiie", 1: "die".
std::string WithoutRepeats(std::string_view word, int least, int times);

}  // namespace selfology::safety
