// The words of a sentence that name something.
//
//   NameIn(Language::kEnglish, sentence).tokens  // of "Probably cleaning the oven, I guess.":
//                                                // "cleaning the oven"
//
// Threads: pure functions.
#pragma once

#include <vector>

#include "absl/types/span.h"
#include "common/language/language.h"
#include "services/coaching/lib/reflection/tokens.h"

namespace selfology::reflection {

struct Name {
  std::vector<Token> tokens = {};
  bool as_written = false;  // Can only be quoted: familiar words, or people at large.
  bool whole = false;       // Of its sentence, but for asides and fillers.

  bool empty() const { return tokens.empty(); }
};

// Empty if the sentence says more than a name, takes something back, or blames.
Name NameIn(language::Language language, const Sentence& sentence);

// "Bath. Book. Bed.", "1. Bath 2. Bed": the names of a list, joined by commas; empty if one of the
// sentences is none.
Name NameOfList(language::Language language, absl::Span<const Sentence> sentences);

// "Sleeping. And drawing but not for school": with the name in the next sentence, if that goes on with
// the first. Empty if it goes on and cannot be named.
Name WithWhatGoesOn(language::Language language, Name name, const Sentence& next);

}  // namespace selfology::reflection
