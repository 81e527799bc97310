// A text's place among others without a language model: features hashed into a vector.
//
//   std::vector<float> vector = LocalEmbedding(lexicon, "I love painting", 512);
//
// Features are words, pairs of words, parts of words (so that forms of a word are near each other,
// which Russian needs) and what the word lists know of them (so that "drawing" is near "painting").
// The squares of the components sum to 1; texts about the same have a greater dot product. The same
// text gives the same vector in every process. Threads: pure. Source: Weinberger et al., Feature
// Hashing (2009).
#pragma once

#include <string_view>
#include <vector>

#include "services/coaching/lib/lexicon/lexicon.h"

namespace selfology::analysis {

std::vector<float> LocalEmbedding(const lexicon::Lexicon& lexicon, std::string_view text,
                                  int dimensions);

}  // namespace selfology::analysis
