// How near two texts are in what they mean, word by word and as a whole (lib/word_vectors).
//
//   Meaning asked, told;
//   asked.Add("sibling", "sibl");
//   told.Add("brother", "brother"), told.Add("quarrel", "quarrel");
//   asked.NearestIn(told)   // 0.3: "brother" is near
//   asked.SimilarityTo(told)
//
// Words of no known meaning are left out. Threads: const methods are thread-safe.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "services/coaching/lib/word_vectors/word_vectors.h"

namespace selfology::coach {

class Meaning {
 public:
  // Whether the word is known. What counts less than other words has a part for `times`.
  bool Add(std::string_view word, std::string_view stem, double times = 1);

  // The cosine of the sums of all words; 0 where that is negative.
  double SimilarityTo(const Meaning& other) const;

  // For each word, how near the nearest of the other text's is, above chance; added up, with rare
  // words for more. The same stem does not count: that is found otherwise.
  double NearestIn(const Meaning& other) const;

 private:
  struct Part {
    word_vectors::Word word;
    std::string stem;
    double times = 1;
    double weight = 0;  // 0 to 1.
    double root = 0;    // Of the weight.
  };
  std::vector<Part> parts_;
  word_vectors::Sentence whole_;
};

// How far two words with one stem are one word, 0 to 1: "plan" and "plane" are not. 1 where that is
// not known.
double SameWord(std::string_view one, std::string_view other);

}  // namespace selfology::coach
