// Patterns over the words of a message, with places to take words out of it.
//
//   ASSIGN_OR_RETURN(const Pattern pattern, Pattern::Parse("i can't|cannot {x}", {}));
//   std::optional<Match> match = pattern.Find(Utterance("Lately I can't sleep, at all."));
//   match->captures["x"]   // the words "sleep"
//
// Terms, separated by spaces:
//   word a|b creat*   One of these words, in lower case, "ё" as "е"; "*": all that begin so;
//                     "look_after": two words in a row.
//   %name             One of the words of a class.
//   term?             May be absent.
//   _ and ...         Any word; up to four words of a sentence.
//   {x} {x+}          One to fourteen words, up to the end of the clause, or of the sentence.
//   ^ < $             Begins the message; begins a clause; ends the message.
// A word of six letters and more may be misspelled by one letter. Errors: INVALID_ARGUMENT for a
// pattern that is malformed. Threads: immutable.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "absl/types/span.h"
#include "services/coaching/lib/safety/tokens.h"

namespace selfology::coach {

using safety::Token;

// A message and its words, which know where in it they stand.
struct Utterance {
  std::string text;
  std::vector<Token> words;
  std::vector<std::u32string> letters;  // Of the words.

  explicit Utterance(std::string_view text);

  // The message as it was written, from a word to before another.
  std::string_view Between(int begin, int end) const;
};

struct WordRange {
  int begin = 0;
  int end = 0;
};

struct Match {
  int begin = 0;
  int end = 0;
  std::map<std::string, WordRange> captures;
};

// Classes of words: "%i" and what it stands for, "i|i'm".
using WordClasses = std::map<std::string, std::string, std::less<>>;

class Pattern {
 public:
  static absl::StatusOr<Pattern> Parse(std::string_view text, const WordClasses& classes);

  // Where it fits first.
  std::optional<Match> Find(const Utterance& message) const;

 private:
  struct Form {
    std::u32string letters;
    bool open = false;  // More may follow.
  };
  using Alternative = std::vector<Form>;  // Words in a row.
  struct Term {
    enum class Kind { kWords, kAny, kGap, kCapture, kMessageBegin, kClauseBegin, kMessageEnd };
    Kind kind = Kind::kWords;
    bool optional = false;
    bool to_sentence_end = false;
    std::string name;
    std::vector<Alternative> alternatives;
  };

  static absl::Status AddAlternatives(std::string_view text, const WordClasses& classes,
                                      Term& term);
  bool Fits(const Utterance& message, size_t term, int word, Match& match) const;
  bool FitsCapture(const Utterance& message, size_t term, int word, Match& match) const;

  std::vector<Term> terms_;
};

}  // namespace selfology::coach
